"""Keys: what the programs of an institution sign in with. Made and revoked by its signatories.

A key's secret is 43 random letters and digits, 256 bits. It is kept as its SHA-256: no dictionary leads back from
that, so the slow hashes that passwords need would only slow each request down. It is found by the hash: how long the
database looks tells of the hash, which nobody can steer, and not of the secret.
"""

import secrets
import string
from collections.abc import Collection
from datetime import timedelta

import pghistory
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from institutions.access import signs_now
from institutions.errors import Refused
from institutions.inviting import digest_of
from institutions.models import ApiKey, Institution, User
from institutions.models.keys import LONGEST

PREFIX = "qamtu_"
ALPHABET = string.ascii_letters + string.digits
LENGTH = 43
SHOWN = 8  # of the secret, 47 bits; 208 stay hidden
MOST = 20
NOTED = timedelta(hours=1)


class Unusable(Exception):
    """A secret that opens nothing (any more); `str()` says why, and tells nothing to whoever made it up."""


def make(
    *, institution: Institution, name: str, scopes: Collection[str], days: int, by: User
) -> tuple[ApiKey, str]:
    """A key, and its secret, which nobody can read again afterwards."""
    name = " ".join(name.split())
    _refuse_impossible(name, scopes, days)
    secret = PREFIX + "".join(secrets.choice(ALPHABET) for _letter in range(LENGTH))
    with pghistory.context(user=by.pk, action="make key"), transaction.atomic():
        _lock(institution, by)
        now = timezone.now()
        if ApiKey.objects.filter(institution=institution).alive(now).count() >= MOST:
            raise Refused(
                _("%(institution)s has %(most)d keys already. Revoke one that is not used any more.")
                % {"institution": institution.name, "most": MOST},
                code="too_many",
            )
        key = ApiKey.objects.create(
            institution=institution,
            name=name,
            scopes=[scope for scope in ApiKey.Scope.values if scope in scopes],
            prefix=secret[: len(PREFIX) + SHOWN],
            digest=digest_of(secret),
            made_by=by,
            made_at=now,
            expires_at=now + timedelta(days=days),
        )
    return key, secret


def revoke(*, key: ApiKey, by: User) -> ApiKey:
    """It stops working at once, for good. Who revokes what is revoked changes nothing."""
    with pghistory.context(user=by.pk, action="revoke key"), transaction.atomic():
        _lock(key.institution, by)
        key = ApiKey.objects.select_related("institution").get(pk=key.pk)
        if key.revoked_at is None:
            key.revoked_at, key.revoked_by = timezone.now(), by
            key.save(update_fields=["revoked_at", "revoked_by"])
    return key


def find(secret: str) -> ApiKey:
    """The key with its institution and its maker, one query; Unusable if it opens nothing.

    It serves as long as its maker may sign for the institution: whoever leaves takes no way in along.
    """
    known = ApiKey.objects.filter(digest=digest_of(secret)).with_maker()
    key = known.select_related("institution", "made_by").first()
    if key is None:
        raise Unusable(_("This key is not known. Check that it was copied whole, from “qamtu_” on."))
    now = timezone.now()
    if key.revoked_at:
        raise Unusable(_("This key was revoked. A signatory can make another in the workspace, under Keys."))
    if key.expires_at <= now:
        raise Unusable(_("This key has expired. A signatory can make another in the workspace, under Keys."))
    if not key.maker_signs:
        raise Unusable(
            _(
                "Whoever made this key does not sign for the institution any more. A signatory can make another."
            )
        )
    _note_use(key)
    return key


def _note_use(key: ApiKey) -> None:
    """At most once an hour: a write for each request would make every reader a writer."""
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at < now - NOTED:
        long_ago = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED)
        ApiKey.objects.filter(long_ago, pk=key.pk, revoked_at=None).update(last_used_at=now)


def _lock(institution: Institution, by: User) -> None:
    """One at a time per institution, and only whoever signs for it at this moment."""
    Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
    if not signs_now(by, institution):
        raise Refused(
            _("Only a signatory of %(institution)s can make and revoke its keys.")
            % {"institution": institution.name},
            code="not_signatory",
        )


def _refuse_impossible(name: str, scopes: Collection[str], days: int) -> None:
    if not 1 <= len(name) <= 60 or not name.isprintable():
        raise Refused(_("Say in 1 to 60 letters which program the key is for."), field="name", code="name")
    if not scopes or set(scopes) - set(ApiKey.Scope.values):
        raise Refused(_("Choose what the key may do."), field="scopes", code="scopes")
    if not 1 <= days <= LONGEST.days:
        raise Refused(
            _("A key serves for 1 to %(most)d days.") % {"most": LONGEST.days}, field="days", code="days"
        )
