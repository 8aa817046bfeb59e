"""Overseeing: the ministry stops a key or a webhook of a university, says why, and the signatories are told by letter.

It keeps nobody from making another, or from resuming: what a university's own programs do stays the university's to
decide. Whether `by` may is asked by who calls.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from institutions.access import SIGNATORY, members
from institutions.errors import Refused
from institutions.letters import Composed, drafted, post
from institutions.models import ApiKey, Institution, Letter, User, Webhook


def revoke_key(*, key: ApiKey, reason: str, by: User) -> ApiKey:
    """It stops working at once, for good. Of two people the second is told."""
    with _stopping(key.institution, "revoke key", reason, by) as said:
        key = ApiKey.objects.select_related("institution").get(pk=key.pk)
        if not key.is_alive:
            raise Refused(_("This key opens nothing any more."), code="ended")
        key.revoked_at, key.revoked_by, key.revoked_because = timezone.now(), by, said
        key.save(update_fields=["revoked_at", "revoked_by", "revoked_because"])
        about = {"program": key.name, "prefix": key.prefix, "reason": said}
        _tell(key.institution, f"key:{key.pk}", about, "keys")
    return key


def switch_off(*, webhook: Webhook, reason: str, by: User) -> Webhook:
    """Nothing is sent there until a signatory resumes it, but for a message that is on its way this moment; what comes
    up meanwhile waits."""
    with _stopping(webhook.institution, "pause webhook", reason, by) as said:
        now = timezone.now()
        found = Webhook.objects.filter(pk=webhook.pk, paused_at=None)
        if not found.update(paused_at=now, paused_because=said):
            raise Refused(_("Nothing is sent there any more: it was paused or removed."), code="paused")
        once = f"webhook:{webhook.pk}:{now:%Y-%m-%dT%H:%M:%S.%f}"
        about = {"address": webhook.address, "reason": said}
        _tell(webhook.institution, once, about, "webhook", webhook.number)
    return webhook


@contextmanager
def _stopping(institution: Institution, action: str, reason: str, by: User) -> Iterator[str]:
    """One at a time for an institution, as its signatories change keys and webhooks. Yields the reason."""
    said = reason.strip()
    if not said:
        raise Refused(_("Say why: the university reads it."), field="reason", code="no_reason")
    with pghistory.context(user=by.pk, action=action, reason=said), transaction.atomic():
        Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
        yield said


def _tell(institution: Institution, once: str, about: dict[str, Any], page: str, *place: int) -> None:
    """Its signatories, each in their language, with the way to the page of the workspace."""

    def compose() -> Composed:
        return {"institution": institution.name, **about}, reverse(page, args=[institution.code, *place])

    to = members(institution, SIGNATORY)
    post(drafted(kind=Letter.Kind.STOPPED, to=to, once=f"stopped:{once}", compose=compose))
