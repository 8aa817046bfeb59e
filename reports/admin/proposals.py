"""Proposed releases: one person proposes, a second reads the same page and confirms, either takes it back in time."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from institutions.admin.base import actor, is_key
from institutions.admin.steps import StepAdmin, WithdrawForm
from institutions.dates import day_and_time
from institutions.models import User
from reports.admin.figures import beside
from reports.errors import Refused
from reports.models import Release, ReleaseProposal, Snapshot
from reports.releasing import LANGUAGES, confirm, propose, withdraw

NOTES = forms.Textarea(attrs={"rows": 3})
AGAIN = (
    "snapshot", "publish_at", "notes_kk", "notes_ru", "notes_en", "corrects", "correction_reason",
)  # fmt: skip


class SnapshotChoice(forms.ModelChoiceField):
    def label_from_instance(self, snapshot: Any) -> str:
        return _("Snapshot %(number)d of %(period)s, %(programmes)d programmes") % {
            "number": snapshot.pk,
            "period": snapshot.period,
            "programmes": snapshot.programmes,
        }


class ReleaseChoice(forms.ModelChoiceField):
    def label_from_instance(self, release: Any) -> str:
        return _("Release %(number)d of %(period)s") % {
            "number": release.number,
            "period": release.snapshot.period,
        }


class ProposalForm(forms.Form):
    snapshot = SnapshotChoice(
        Snapshot.objects.verified()
        .filter(release=None)
        .exclude(proposals__in=ReleaseProposal.objects.standing())
        .select_related("period")
        .order_by("-pk"),
        label=gettext_lazy("Snapshot"),
        empty_label=gettext_lazy("choose a snapshot"),
        help_text=gettext_lazy("Those that are verified, and neither released nor proposed yet."),
    )
    publish_at = forms.DateTimeField(
        label=gettext_lazy("Public from"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("Nothing of it is public before. Left empty: as soon as it is confirmed."),
    )
    notes_kk = forms.CharField(
        label=gettext_lazy("Notes in Kazakh"), required=False, max_length=5000, widget=NOTES
    )
    notes_ru = forms.CharField(
        label=gettext_lazy("Notes in Russian"), required=False, max_length=5000, widget=NOTES
    )
    notes_en = forms.CharField(
        label=gettext_lazy("Notes in English"), required=False, max_length=5000, widget=NOTES
    )
    corrects = ReleaseChoice(
        Release.objects.published().select_related("snapshot__period"),
        label=gettext_lazy("Corrects"),
        required=False,
        empty_label=gettext_lazy("no release: these are new figures"),
    )
    correction_reason = forms.CharField(
        label=gettext_lazy("What was wrong"),
        required=False,
        max_length=5000,
        widget=NOTES,
        help_text=gettext_lazy("Only for a correction; the public reads it, with what has changed."),
    )


@admin.register(ReleaseProposal)
class ReleaseProposalAdmin(StepAdmin):
    step_form = ProposalForm
    step_title = gettext_lazy("Propose a release")
    step_button = pgettext_lazy("button", "Propose")
    step_lead = gettext_lazy(
        "A second person reads what you propose and confirms it. What is public stays: a mistake is corrected by a "
        "newer release that says what was wrong."
    )
    list_display = (
        "number", "period", "as_at", "publish_at", "state", "proposed_by", "confirmed_by", "withdrawn_by",
    )  # fmt: skip
    list_filter = (
        ("confirmed_at", admin.EmptyFieldListFilter),
        ("withdrawn_at", admin.EmptyFieldListFilter),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReleaseProposal]:
        related = (
            "snapshot__period", "snapshot__release", "release", "corrects__snapshot__period",
            "proposed_by", "confirmed_by", "withdrawn_by",
        )  # fmt: skip
        return super().get_queryset(request).select_related(*related)

    @admin.display(description=gettext_lazy("No."), ordering="pk")
    def number(self, proposal: ReleaseProposal) -> int:
        return proposal.pk

    @admin.display(description=gettext_lazy("period"))
    def period(self, proposal: ReleaseProposal) -> str:
        return proposal.snapshot.period.name

    @admin.display(description=gettext_lazy("as at"))
    def as_at(self, proposal: ReleaseProposal) -> Any:
        return proposal.snapshot.as_at

    @admin.display(description=gettext_lazy("state"))
    def state(self, proposal: ReleaseProposal) -> str:
        return state(proposal)[1]

    def carry_out(self, form: Any, by: User) -> tuple[ReleaseProposal, str]:
        data = form.cleaned_data
        made = propose(
            snapshot=data["snapshot"],
            by=by,
            publish_at=data["publish_at"],
            notes={language: data[f"notes_{language}"] for language in LANGUAGES},
            corrects=data["corrects"],
            correction_reason=data["correction_reason"] if data["corrects"] else "",
        )
        return made, _(
            "It is proposed. A second person confirms it on this page; until then you can withdraw it."
        )

    def step_initial(self, request: HttpRequest) -> dict[str, Any]:
        """What the address names; `again` takes over the texts of a proposal that was withdrawn."""
        again = request.GET.get("again", "")
        earlier = ReleaseProposal.objects.filter(pk=again).first() if is_key(again) else None
        if earlier is not None:
            given = {name: getattr(earlier, f"{name}_id", getattr(earlier, name)) for name in AGAIN}
            past = earlier.is_past_its_time
            return {**given, "publish_at": None if past else earlier.publish_at}
        return {name: request.GET[name] for name in ("snapshot", "corrects") if name in request.GET}

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        confirming = guarded(require_POST(self.confirm_view))
        return [
            path("<int:pk>/confirm/", confirming, name="reports_releaseproposal_confirm"),
            path("<int:pk>/withdraw/", guarded(self.withdraw_view), name="reports_releaseproposal_withdraw"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        proposal = self.row_to_see(request, object_id)
        user = actor(request)
        key, label = state(proposal)
        context = {
            **self.admin_site.each_context(request),
            **beside(proposal.snapshot, proposal.corrects),
            "opts": self.opts,
            "title": _("Proposed release of %(period)s") % {"period": proposal.snapshot.period},
            "proposal": proposal,
            "release": proposal.released,
            "state": key,
            "state_label": label,
            "notes": [(label, getattr(proposal, f"notes_{code}")) for code, label in NAMES.items()],
            "is_mine": proposal.proposed_by_id == user.pk,
            "may_confirm": user.has_perm("reports.confirm_releaseproposal"),
            "may_withdraw": user.has_perm("reports.change_releaseproposal")
            and proposal.can_be_withdrawn(timezone.now()),
            "may_propose": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/reports/releaseproposal/proposal.html", context)

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("reports.confirm_releaseproposal"):
            raise PermissionDenied
        proposal = self.row_at(request, pk)
        try:
            made = confirm(proposal=proposal, by=actor(request))
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, confirmed(made))
        return HttpResponseRedirect(self.after_step(proposal))

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("reports.change_releaseproposal"):
            raise PermissionDenied
        proposal = self.row_at(request, pk)
        return self.step_on(
            request,
            proposal,
            WithdrawForm(request.POST or None),
            partial(withdraw, proposal=proposal, by=actor(request)),
            lambda _done: _("It is withdrawn. Its texts can be proposed anew from this page."),
            title=_("Withdraw the release"),
            button=_("Withdraw"),
            lead=_(
                "Nothing of it becomes public. What was proposed, by whom, and why it was withdrawn is kept."
            ),
            undo=_("It can’t be undone: propose it again; its texts are kept."),
        )


NAMES = {
    "kk": gettext_lazy("Notes in Kazakh"),
    "ru": gettext_lazy("Notes in Russian"),
    "en": gettext_lazy("Notes in English"),
}


def confirmed(release: Release) -> str:
    if release.publish_at > timezone.now():
        return _("Release %(number)d is confirmed; it becomes public on %(moment)s.") % {
            "number": release.number,
            "moment": day_and_time(release.publish_at),
        }
    return _("Release %(number)d is confirmed; its files follow in a moment, and with them it is public.") % {
        "number": release.number
    }


def state(proposal: ReleaseProposal) -> tuple[str, str]:
    """Where a proposal is on its way, as a word for the style sheet and one for people."""
    release = proposal.released
    if proposal.withdrawn_at is not None:
        return "returned", _("withdrawn")
    if release is None:
        return "submitted", _("waits for a second person")
    if release.publish_at > timezone.now():
        return "verified", _("confirmed, public at its time")
    if release.files_ready_at is None:
        return "taken", _("confirmed, its files are being made")
    return "approved", _("public")
