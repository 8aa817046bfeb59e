"""For which institution and period a page of the workspace acts; the first thing that every such view asks."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from curricula.days import Days, days_of
from curricula.models import Period, Programme
from institutions.access import (
    EDITOR,
    SIGNATORY,
    has_role,
    institution_for,
    require_role,
    roles_by_institution,
)
from institutions.models import Institution, Membership, User


@dataclass(frozen=True)
class Place:
    """The institution and period, and what the user may do there. Templates know it as `place`."""

    user: User
    institution: Institution
    period: Period
    may_edit: bool
    may_sign: bool
    has_others: bool
    roles: tuple[str, ...]

    @cached_property
    def days(self) -> Days:
        """Until when the period takes what from this institution; one query, at the first look."""
        return days_of(self.institution, self.period)

    @property
    def role_names(self) -> str:
        return ", ".join(str(Membership.Role(role).label) for role in self.roles)


def place_of(request: HttpRequest, code: str, period: int | None = None, *, role: str = "") -> Place:
    """404 for an institution that is not the user's own, 403 where it is but `role` is missing.

    Without a period it is the one of `?period=`, else the newest that has opened.
    """
    institution = institution_for(request.user, code)
    if role:
        require_role(request.user, institution, role)
    roles = roles_by_institution(request.user)
    assert isinstance(request.user, User)  # noqa: S101 - institution_for has found them a member
    return Place(
        user=request.user,
        institution=institution,
        period=_period(str(period or request.GET.get("period", ""))),
        may_edit=has_role(request.user, institution, EDITOR),
        may_sign=has_role(request.user, institution, SIGNATORY),
        has_others=len(roles) > 1,
        roles=tuple(sorted(roles[institution.pk])),
    )


def programme_of(request: HttpRequest, place: Place, code: str) -> Programme:
    programme = (
        Programme.objects.for_user(request.user)
        .filter(institution=place.institution, code=code)
        .select_related("direction", "institution")
        .first()
    )
    if programme is None:
        raise Http404(_("There is no such programme."))
    return programme


def _period(code: str) -> Period:
    found = Period.objects.filter(code=code).first() if code else Period.objects.current()
    if found is None:
        raise Http404(_("There is no such period."))
    return found
