"""Who works for the institution: everybody of it sees, its signatories invite, change roles and remove."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from curricula.views.places import Place, place_of
from institutions import inviting
from institutions.access import SIGNATORY, role_names
from institutions.errors import Refused
from institutions.forms.people import MEANINGS, InviteForm, RolesForm
from institutions.models import Institution, Invitation, Letter, Membership, User


@dataclass
class Person:
    """One member, for a page."""

    user: User
    roles: list[str] = field(default_factory=list)

    @property
    def role_names(self) -> str:
        return role_names(self.roles)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def people(request: HttpRequest, code: str) -> HttpResponse:
    """A fixed number of queries, however many people."""
    place = place_of(request, code, role=SIGNATORY if request.method == "POST" else "")
    form = InviteForm(request.POST if request.method == "POST" else None) if place.may_sign else None
    if request.method == "POST" and form is not None and form.is_valid() and _invited(request, place, form):
        return _back(place)
    context = {
        "place": place,
        "form": form,
        "people": members_of(place.institution),
        "invitations": _pending(place) if place.may_sign else [],
        "meanings": MEANINGS.values(),
    }
    return render(request, "curricula/people.html", context, status=422 if form and form.errors else 200)


def members_of(institution: Institution) -> list[Person]:
    found: dict[int, Person] = {}
    memberships = Membership.objects.filter(institution=institution).select_related("user")
    for membership in memberships.order_by("user__last_name", "user__first_name", "user__email", "role"):
        found.setdefault(membership.user_id, Person(membership.user)).roles.append(membership.role)
    return list(found.values())


def _pending(place: Place) -> list[Invitation]:
    """Each with `letter`, its newest, that tells whether it has been sent."""
    newest = Prefetch("letters", Letter.objects.order_by("-pk"), to_attr="newest_letters")
    pending = (
        Invitation.objects.for_user(place.user)
        .filter(institution=place.institution)
        .pending()
        .select_related("invited_by")
        .prefetch_related(newest)
    )
    found = list(pending)
    for invitation in found:
        invitation.letter = next(iter(invitation.newest_letters), None)
    return found


def _invited(request: HttpRequest, place: Place, form: InviteForm) -> bool:
    """False, and the reason in the form, if it was refused."""
    said = form.cleaned_data
    try:
        invited = inviting.invite(
            institution=place.institution,
            addresses=said["addresses"],
            roles=said["roles"],
            language=said["language"],
            by=place.user,
        )
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    sentence = ngettext(
        "An invitation to %(first)s is on its way. You can revoke it below.",
        "%(count)d invitations are on their way. You can revoke them below.",
        len(invited),
    )
    messages.success(request, sentence % {"count": len(invited), "first": invited[0].email})
    return True


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def roles(request: HttpRequest, code: str, member: int) -> HttpResponse:
    place = place_of(request, code, role=SIGNATORY)
    person = _member(place, member)
    form = RolesForm(request.POST if request.method == "POST" else None, initial={"roles": person.roles})
    if request.method == "POST" and form.is_valid():
        try:
            inviting.change_roles(
                institution=place.institution,
                member=person.user,
                roles=form.cleaned_data["roles"],
                by=place.user,
            )
        except Refused as refusal:
            form.add_error("roles", str(refusal))
        else:
            messages.success(request, _("The roles of %(person)s are changed.") % {"person": person.user})
            return _back(place)
    context = {"place": place, "person": person, "form": form}
    return render(request, "curricula/member_roles.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def remove(request: HttpRequest, code: str, member: int) -> HttpResponse:
    """The question first, in words; nothing is removed by opening the page."""
    place = place_of(request, code, role=SIGNATORY)
    person = _member(place, member)
    context: dict[str, Any] = {"place": place, "person": person}
    if request.method == "POST":
        try:
            inviting.remove_member(institution=place.institution, member=person.user, by=place.user)
        except Refused as refusal:
            context["faults"] = [str(refusal)]
        else:
            said = _("%(person)s no longer works for %(institution)s. An invitation brings them back.")
            told = {"person": person.user, "institution": place.institution.name}
            messages.success(request, said % told)
            return redirect("workspace") if person.user == place.user else _back(place)
    return render(
        request, "curricula/member_remove.html", context, status=422 if "faults" in context else 200
    )


@never_cache
@require_POST
@login_required
def renew(request: HttpRequest, code: str, invitation: int) -> HttpResponse:
    place = place_of(request, code, role=SIGNATORY)
    found = _invitation(place, invitation)
    try:
        inviting.renew(invitation=found, by=place.user)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        said = _("Another letter to %(address)s is on its way. Only its link works now.")
        messages.success(request, said % {"address": found.email})
    return _back(place)


@never_cache
@require_POST
@login_required
def revoke(request: HttpRequest, code: str, invitation: int) -> HttpResponse:
    place = place_of(request, code, role=SIGNATORY)
    found = _invitation(place, invitation)
    try:
        inviting.revoke(invitation=found, by=place.user)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        said = _("The invitation of %(address)s is revoked: its link does not work any more.")
        messages.success(request, said % {"address": found.email})
    return _back(place)


def _back(place: Place) -> HttpResponse:
    """To the list; the period in the head stays what it was."""
    return redirect(f"{reverse('people', args=[place.institution.code])}?period={place.period.code}")


def _member(place: Place, member: int) -> Person:
    found = [person for person in members_of(place.institution) if person.user.pk == member]
    if not found:
        raise Http404(_("There is no such person at this university."))
    return found[0]


def _invitation(place: Place, number: int) -> Invitation:
    found = (
        Invitation.objects.for_user(place.user)
        .filter(institution=place.institution, pk=number)
        .select_related("institution")
        .first()
    )
    if found is None:
        raise Http404(_("There is no such invitation."))
    return found
