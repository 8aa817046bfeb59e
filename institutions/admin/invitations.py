"""Invitations and letters: the ministry invites a university's first signatory, and sees what was written to whom."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from institutions.admin.base import ReadOnlyAdmin, actor
from institutions.admin.steps import StepAdmin
from institutions.errors import Refused
from institutions.forms.people import InviteForm
from institutions.inviting import MINISTRY, invite, revoke
from institutions.models import Institution, Invitation, Letter, Membership, User


class FirstForm(InviteForm):
    """The ministry names the university as well; a signatory invites the others."""

    institution = forms.ModelChoiceField(
        label=gettext_lazy("Institution"), queryset=Institution.objects.open_now()
    )
    field_order = ("institution", "addresses", "roles", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].initial = [Membership.Role.SIGNATORY]


@admin.register(Invitation)
class InvitationAdmin(StepAdmin):
    """Whoever may make members here may invite them: it is the same power, and the person chooses the password."""

    step_form = FirstForm
    step_title = gettext_lazy("Invite people of a university")
    step_button = gettext_lazy("Invite")
    step_lead = gettext_lazy("The first signatory of a university is invited here, and invites the others.")
    list_display = (
        "email",
        "institution",
        "role_names",
        "standing",
        "invited_by",
        "invited_at",
        "expires_at",
    )
    list_select_related = ("institution", "invited_by")
    search_fields = ("email", "institution__code")
    fields = (
        "institution", "email", "role_names", "language", "standing", "invited_by", "invited_at", "expires_at",
        "accepted_by", "accepted_at", "revoked_by", "revoked_at",
    )  # fmt: skip
    readonly_fields = fields
    actions = ["take_back"]  # type: ignore[assignment]

    @admin.display(description=gettext_lazy("roles"))
    def role_names(self, invitation: Invitation) -> str:
        return invitation.role_names

    @admin.display(description=gettext_lazy("state"))
    def standing(self, invitation: Invitation) -> str:
        return str(Invitation.State(invitation.state).label)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("institutions.view_membership")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MINISTRY)

    def has_take_back_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    @admin.action(description=gettext_lazy("Revoke: their links stop working"), permissions=["take_back"])
    def take_back(self, request: HttpRequest, chosen: QuerySet[Invitation]) -> TemplateResponse | None:
        """Asked first, with whom it concerns; then done."""
        if "sure" not in request.POST:
            return self.ask_to_take_back(request, chosen)
        for invitation in chosen.select_related("institution"):
            try:
                revoke(invitation=invitation, by=actor(request))
            except Refused as refusal:
                self.message_user(request, str(refusal), "WARNING")
            else:
                said = _("The invitation of %(address)s is revoked: its link does not work any more.")
                self.message_user(request, said % {"address": invitation.email}, "SUCCESS")
        return None

    def ask_to_take_back(self, request: HttpRequest, chosen: QuerySet[Invitation]) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Revoke invitations"),
            "invitations": chosen.select_related("institution"),
        }
        return TemplateResponse(request, "admin/institutions/invitation/revoke.html", context)

    def carry_out(self, form: Any, by: User) -> tuple[Invitation, str]:
        said = form.cleaned_data
        invited = invite(
            institution=said["institution"],
            addresses=said["addresses"],
            roles=said["roles"],
            language=said["language"],
            by=by,
        )
        return invited[0], _("Letters are on their way to: %(addresses)s.") % {
            "addresses": ", ".join(invitation.email for invitation in invited)
        }

    def after_step(self, row: Any) -> str:
        return reverse("admin:institutions_invitation_changelist")


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    """What was written, and whether it went out. Links that open a door are not shown, nor kept once sent."""

    list_display = ("kind", "to", "language", "created_at", "sent_at", "attempts", "failure")
    list_filter = (
        "kind",
        ("sent_at", admin.EmptyFieldListFilter),
        ("given_up_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("user",)
    search_fields = ("address", "user__email")
    fields = (
        "kind", "to", "language", "parameters", "path", "once", "created_at", "next_try_at", "attempts", "sent_at",
        "given_up_at", "failure",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=gettext_lazy("to"))
    def to(self, letter: Letter) -> str:
        return letter.to
