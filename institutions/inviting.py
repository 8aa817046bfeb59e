"""Inviting: a signatory asks colleagues to join by e-mail, changes their roles and lets them go.

Nobody learns here who has an account: an address is invited in the same way whether or not it belongs to one. What the
letter's link opens is told to whoever holds the letter, and to nobody else. The link's token is 32 random bytes, stored
as a hash; the letter's row holds it until the letter is sent.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from institutions.access import SIGNATORY, signs_now
from institutions.errors import Refused
from institutions.letters import post
from institutions.models import Institution, Invitation, Letter, Membership, User

LIFETIME = timedelta(days=7)
AT_ONCE = 50
PENDING = 300

# Who may make members in the admin may invite them as well: the first signatory of a university has nobody else.
MINISTRY = "institutions.add_membership"


def invite(
    *, institution: Institution, addresses: Sequence[str], roles: Collection[str], language: str, by: User
) -> list[Invitation]:
    """Invite all of them or none; who is invited already gets a new link, and the old one ends.

    `language` is for those who have not chosen one. A fixed number of queries, however many addresses.
    """
    roles = _roles(roles)
    wanted = _addresses(addresses)
    with _at(institution, by, "invite"):
        pending = institution.invitations.pending().select_for_update()
        known = {invitation.email.lower(): invitation for invitation in pending}
        _refuse_members(institution, wanted)  # by now, whoever was accepting is one
        _refuse_too_many(known.keys() | set(wanted))
        languages = {account.email.lower(): account.language for account in _accounts(wanted)}
        tokens = {}
        for address in wanted:
            invitation = known.setdefault(address, Invitation(institution=institution, email=address))
            tokens[address] = _arm(
                invitation, roles, languages.get(address) or invitation.language or language, by
            )
        chosen = [known[address] for address in wanted]
        Invitation.objects.bulk_create([invitation for invitation in chosen if invitation.pk is None])
        again = [invitation for invitation in chosen if invitation.pk is not None]
        Invitation.objects.bulk_update(
            again, ["roles", "language", "token_hash", "invited_by", "invited_at", "expires_at"]
        )
        post([_letter(invitation, tokens[invitation.email.lower()]) for invitation in chosen])
    return chosen


def renew(*, invitation: Invitation, by: User) -> Invitation:
    """Send it again with another link, for another seven days."""
    with _at(invitation.institution, by, "renew"):
        locked = _pending(invitation)
        _refuse_members(locked.institution, [locked.email])
        token = _arm(locked, locked.roles, locked.language, by)
        locked.save(update_fields=["token_hash", "invited_by", "invited_at", "expires_at"])
        post([_letter(locked, token)])
    return locked


def revoke(*, invitation: Invitation, by: User) -> Invitation:
    """The link stops working at once, also in a letter that has arrived."""
    with _at(invitation.institution, by, "revoke"):
        locked = _pending(invitation)
        locked.revoked_by, locked.revoked_at = by, timezone.now()
        locked.save(update_fields=["revoked_by", "revoked_at"])
        locked.letters.outstanding().delete()
    return locked


def change_roles(*, institution: Institution, member: User, roles: Collection[str], by: User) -> None:
    roles = _roles(roles)
    with _at(institution, by, "change roles"):
        held = _held(institution, member)
        if SIGNATORY in held - set(roles):
            _refuse_last_signatory(institution, member)
        _memberships(institution, member).exclude(role__in=roles).delete()
        Membership.objects.bulk_create(
            Membership(institution=institution, user=member, role=role) for role in roles if role not in held
        )


def remove_member(*, institution: Institution, member: User, by: User) -> None:
    """All roles of one person at this institution; what the person has done there stays, and so does the account."""
    with _at(institution, by, "remove"):
        if SIGNATORY in _held(institution, member):
            _refuse_last_signatory(institution, member)
        _memberships(institution, member).delete()


def digest_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@contextmanager
def _at(institution: Institution, by: User, action: str) -> Iterator[None]:
    """One transaction at a time per institution: of two signatories who let each other go, one stays."""
    with pghistory.context(user=by.pk, action=action), transaction.atomic():
        Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
        of_the_ministry = by.is_active and by.is_staff and by.has_perm(MINISTRY)
        if not (signs_now(by, institution) or of_the_ministry):
            raise Refused(
                _("Only a signatory of %(institution)s can change who works for it.")
                % {"institution": institution.name},
                code="not_signatory",
            )
        yield


def _roles(roles: Collection[str]) -> list[str]:
    chosen = [role for role in Membership.Role.values if role in roles]
    if not chosen:
        raise Refused(_("Choose at least one role."), field="roles", code="no_role")
    return chosen


def _addresses(addresses: Sequence[str]) -> list[str]:
    """Each once and in small letters; refused, all faults in one sentence, unless every one is an address."""
    wanted = list(dict.fromkeys(address.strip().lower() for address in addresses if address.strip()))
    if not wanted:
        raise Refused(_("Write at least one e-mail address."), field="addresses", code="no_address")
    if len(wanted) > AT_ONCE:
        raise Refused(
            _("Invite at most %(most)d people at once; these are %(count)d.")
            % {"most": AT_ONCE, "count": len(wanted)},
            field="addresses",
            code="too_many",
        )
    wrong = [address for address in wanted if not _is_address(address)]
    if wrong:
        sentence = ngettext(
            "This is not an e-mail address: %(addresses)s. Correct it, or leave it out.",
            "These are not e-mail addresses: %(addresses)s. Correct them, or leave them out.",
            len(wrong),
        )
        raise Refused(sentence % {"addresses": ", ".join(wrong)}, field="addresses", code="not_an_address")
    return wanted


def _is_address(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    # Other letters may look like one of these, and in capitals be one (ı, ſ): two addresses for one account.
    return len(address) <= 254 and address.isascii()


def _refuse_too_many(pending: Collection[str]) -> None:
    if len(pending) > PENDING:
        raise Refused(
            _("More than %(most)d invitations are waiting for an answer. Revoke old ones first.")
            % {"most": PENDING},
            field="addresses",
            code="too_many",
        )


def _accounts(addresses: Collection[str]) -> models.QuerySet[User]:
    return User.objects.annotate(folded=Upper("email")).filter(
        folded__in=[address.upper() for address in addresses]
    )


def _refuse_members(institution: Institution, addresses: Collection[str]) -> None:
    """A signatory sees the members anyway, so this tells nothing new."""
    there = sorted(
        set(_accounts(addresses).filter(memberships__institution=institution).values_list("email", flat=True))
    )
    if there:
        sentence = ngettext(
            "%(addresses)s is a member already. Change the roles in the list of members.",
            "%(addresses)s are members already. Change their roles in the list of members.",
            len(there),
        )
        raise Refused(sentence % {"addresses": ", ".join(there)}, field="addresses", code="member")


def _arm(invitation: Invitation, roles: list[str], language: str, by: User) -> str:
    """Give the invitation a new token and its time; returns the token, which nobody can read again afterwards."""
    token = secrets.token_urlsafe(32)
    invitation.roles, invitation.language = roles, language
    invitation.token_hash = digest_of(token)
    invitation.invited_by, invitation.invited_at = by, timezone.now()
    invitation.expires_at = invitation.invited_at + LIFETIME
    return token


def _letter(invitation: Invitation, token: str) -> Letter:
    with override(invitation.language):
        return Letter(
            kind=Letter.Kind.INVITATION,
            address=invitation.email,
            invitation=invitation,
            language=invitation.language,
            parameters={
                "institution": invitation.institution.name,
                "person": str(invitation.invited_by),
                "roles": invitation.role_names,
                "until": _moment(invitation.expires_at),
            },
            path=reverse("invitation-link", args=["TOKEN"]).replace("TOKEN", "{secret}"),
            secret=token,
            once=f"invitation:{invitation.pk}:{invitation.invited_at.isoformat()}",
        )


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def _pending(invitation: Invitation) -> Invitation:
    """The invitation, locked; refused if it has ended meanwhile."""
    locked = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("institution", "invited_by")
        .get(pk=invitation.pk)
    )
    if locked.accepted_at or locked.revoked_at:
        raise Refused(
            _("The invitation of %(address)s has ended already: %(state)s.")
            % {"address": locked.email, "state": Invitation.State(locked.state).label},
            code="ended",
        )
    return locked


def _memberships(institution: Institution, member: User) -> models.QuerySet[Membership]:
    return Membership.objects.filter(institution=institution, user=member)


def _held(institution: Institution, member: User) -> set[str]:
    held = set(_memberships(institution, member).values_list("role", flat=True))
    if not held:
        raise Refused(
            _("%(person)s is not a member of %(institution)s.")
            % {"person": member, "institution": institution.name},
            code="not_member",
        )
    return held


def _refuse_last_signatory(institution: Institution, member: User) -> None:
    others = Membership.objects.filter(institution=institution, role=SIGNATORY, user__is_active=True).exclude(
        user=member
    )
    if not others.exists():
        raise Refused(
            _(
                "%(person)s is the only signatory. Give another person the role first: somebody must be able to sign."
            )
            % {"person": member},
            code="last_signatory",
        )
