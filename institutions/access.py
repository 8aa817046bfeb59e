"""Who may do what at an institution. Views ask here; a foreign institution does not exist for them (404)."""

from collections.abc import Iterable

import structlog
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from institutions.models import Institution, Membership, User

EDITOR = Membership.Role.EDITOR
SIGNATORY = Membership.Role.SIGNATORY


def institution_for(user: User | AnonymousUser, code: str) -> Institution:
    """The institution, provided that the user is a member, else 404. The ministry works in the admin, not here."""
    mine = roles_by_institution(user)
    found = Institution.objects.filter(code=code, pk__in=mine).first() if mine else None
    if found is None:
        raise Http404(_("There is no such institution."))
    structlog.contextvars.bind_contextvars(institution=found.pk)
    return found


def institutions_of(user: User | AnonymousUser) -> QuerySet[Institution]:
    """Those that the user is a member of, in the Kazakh order."""
    return Institution.objects.filter(pk__in=roles_by_institution(user))


def has_role(user: User | AnonymousUser, institution: Institution, *roles: str) -> bool:
    """Whether the user has any of the roles; one query a request, however often it is asked."""
    return not roles_by_institution(user).get(institution.pk, frozenset()).isdisjoint(roles)


def require_role(user: User | AnonymousUser, institution: Institution, *roles: str) -> None:
    """403, with a sentence that says whose work it is, unless the user has one of the roles."""
    if not has_role(user, institution, *roles):
        wanted = ", ".join(str(Membership.Role(role).label) for role in roles)
        raise PermissionDenied(
            _("This needs the role “%(role)s” at %(institution)s, which your account does not have.")
            % {"role": wanted, "institution": institution.name}
        )


def signs_now(user: User, institution: Institution) -> bool:
    """Whether the account is alive and signs for the institution, asked anew: steps ask under its lock."""
    signs = Membership.objects.filter(user=user, institution=institution, role=SIGNATORY)
    return user.is_active and signs.exists()


def role_names(roles: Iterable[str]) -> str:
    """Roles as people read them."""
    return ", ".join(str(role.label) for role in Membership.Role if role in roles)


def members(institution: Institution, role: str) -> list[User]:
    """The people who have the role, by name."""
    return list(
        User.objects.filter(
            memberships__institution=institution, memberships__role=role, is_active=True
        ).order_by("last_name", "first_name", "email")
    )


def roles_by_institution(user: User | AnonymousUser) -> dict[int, frozenset[str]]:
    """Role names by institution. Kept on the user object, which lives as long as the request."""
    if not isinstance(user, User) or not user.is_active:
        return {}
    return user.roles
