"""Joining: whoever holds the letter accepts, once, with the account that the address has or a new one."""

import pghistory
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from institutions.errors import Refused
from institutions.models import Invitation, Membership, User


def account_of(invitation: Invitation) -> User | None:
    """Who would join by it. Only for whoever holds the letter: it tells whether the address has an account."""
    return User.objects.filter(email__iexact=invitation.email).first()


def is_new(account: User | None) -> bool:
    """Nobody has ever been able to sign in as them: they choose name and password now."""
    return account is None or (
        account.is_active and not account.is_staff and not account.has_usable_password()
    )


def accept(*, invitation: Invitation, by: User) -> None:
    """The member is `by`, whose address must be the invited one: a link that was passed on opens nothing."""
    with pghistory.context(user=by.pk, action="accept"), transaction.atomic():
        _accept(_open(invitation), by)


def join(*, invitation: Invitation, first_name: str, last_name: str, password: str, language: str) -> User:
    """Make the account and accept with it. The letter has proved whose address it is."""
    with transaction.atomic():
        locked = _open(invitation)
        account = account_of(locked)
        if account is not None and not is_new(account):
            raise Refused(_("You have an account already. Sign in, then accept."), code="has_account")
        fields = {"first_name": first_name, "last_name": last_name, "language": language}
        if account is None:
            account = User.objects.create_user(locked.email, password, **fields)
        else:
            for name, value in fields.items():
                setattr(account, name, value)
            account.set_password(password)
            account.save(update_fields=[*fields, "password"])
        with pghistory.context(user=account.pk, action="accept"):
            _accept(locked, account)
    return account


def _open(invitation: Invitation) -> Invitation:
    """The invitation, locked: of two who accept at once, one does."""
    locked = (
        Invitation.objects.select_for_update(of=("self",)).select_related("institution").get(pk=invitation.pk)
    )
    if locked.state != Invitation.State.OPEN:
        raise Refused(_("This invitation can no longer be accepted."), code=locked.state)
    return locked


def _accept(locked: Invitation, by: User) -> None:
    if not by.is_active or by.email.upper() != locked.email.upper():
        raise Refused(
            _("The invitation is for %(address)s. Sign in with that address.") % {"address": locked.email},
            code="other_account",
        )
    Membership.objects.bulk_create(
        [Membership(institution=locked.institution, user=by, role=role) for role in locked.roles],
        ignore_conflicts=True,
    )
    locked.accepted_by, locked.accepted_at = by, timezone.now()
    locked.save(update_fields=["accepted_by", "accepted_at"])
