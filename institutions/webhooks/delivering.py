"""Delivering: workers take what is due, one message at a time, until nothing is left. The way is that of letters.

A message's row is locked from before it goes out until what came of it is written, and others skip locked rows. A
worker that dies in between leaves it to the next one: each message arrives at least once, always under the same
`webhook-id`.

What fails is tried again after a while and given up after the last pause. A webhook whose message failed rests as a
whole, longer the longer it has been failing, so that a dead one costs little; those that work are served before those
that fail, and in turn. Where nothing has arrived for days the webhook is paused and its signatories get a letter.
"""

import time
from datetime import timedelta
from enum import Enum
from typing import Any

import structlog
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from institutions.access import SIGNATORY, members
from institutions.letters import drafted, post
from institutions.models import Letter, Webhook, WebhookAttempt, WebhookDelivery
from institutions.models.webhooks import LONGEST_ANSWER, Failure
from institutions.sending import PAUSES
from institutions.webhooks import reaching, signing

log = structlog.get_logger(__name__)

# Of all webhooks a message is given up after the last pause, two days in all; a webhook is paused with it where nothing
# at all has arrived for so long.
SILENT_FOR = timedelta(days=1)
SHORTEST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=1)
KEPT = timedelta(days=30)
GONE = 410  # by which a receiver says that it wants no more


class Outcome(Enum):
    DELIVERED, FAILED, NONE_LEFT = range(3)


def deliver_outstanding(*, seconds: float = 60) -> int:
    """Send what is due for about so long; the next sweep goes on. Returns how many arrived."""
    deadline = time.monotonic() + seconds
    delivered = 0
    while time.monotonic() < deadline:
        outcome = deliver_one()
        delivered += outcome is Outcome.DELIVERED
        if outcome is Outcome.NONE_LEFT:
            break
    return delivered


def forget_old() -> None:
    """A message of a month ago is nobody's news any more, whether or not it arrived."""
    WebhookDelivery.objects.filter(created_at__lt=Now() - KEPT).delete()


def deliver_one() -> Outcome:
    """Take the message whose turn it is, and send it."""
    with transaction.atomic():
        delivery = (
            WebhookDelivery.objects.due()
            .fairly()
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("webhook__institution")
            .first()
        )
        if delivery is None:
            return Outcome.NONE_LEFT
        attempt = _attempt(delivery)
        attempt.save()
        if attempt.is_success:
            _mark_as_delivered(delivery)
            return Outcome.DELIVERED
        _postpone(delivery, attempt)
        return Outcome.FAILED


def _attempt(delivery: WebhookDelivery) -> WebhookAttempt:
    """Send it once; what came of it, not stored yet."""
    at, began = timezone.now(), time.monotonic()
    body = delivery.body.encode()
    said: dict[str, Any]
    try:
        signed = signing.headers(delivery.webhook, delivery.message_id, body, at)
        answer = reaching.post(delivery.webhook.address, body, signed)
        said = {"status": answer.status, "answer": _words(answer.body)[:LONGEST_ANSWER]}
    except signing.Unreadable:
        said = {"failure": Failure.SECRET}
    except reaching.Unreached as error:
        said = {"failure": error.failure, "detail": _words(str(error).encode())[:200]}
    duration = round((time.monotonic() - began) * 1000)
    return WebhookAttempt(delivery=delivery, at=at, duration_ms=duration, **said)


def _words(raw: bytes) -> str:
    """As text, whatever it is; no column can hold a NUL."""
    return raw.decode("utf-8", "replace").replace("\x00", "")


def _mark_as_delivered(delivery: WebhookDelivery) -> None:
    now = timezone.now()
    delivery.delivered_at, delivery.tries = now, delivery.tries + 1
    delivery.save(update_fields=["delivered_at", "tries"])
    Webhook.objects.filter(pk=delivery.webhook_id).update(failing_since=None, rests_until=None, tried_at=now)


def _postpone(delivery: WebhookDelivery, attempt: WebhookAttempt) -> None:
    """A test message is tried once, and says nothing about others."""
    now = timezone.now()
    delivery.tries += 1
    is_ping, is_gone = delivery.event == WebhookDelivery.PING, attempt.status == GONE
    if is_ping or is_gone or delivery.tries > len(PAUSES):
        delivery.given_up_at = now
    else:
        delivery.next_try_at = now + PAUSES[delivery.tries - 1]
    delivery.save(update_fields=["tries", "given_up_at", "next_try_at"])
    log.warning("webhook not delivered", delivery_id=delivery.pk, tries=delivery.tries, said=str(attempt))
    if is_ping:
        return
    webhook = delivery.webhook
    since = webhook.failing_since or now
    rest = min(max((now - since) / 4, SHORTEST_REST), LONGEST_REST)
    Webhook.objects.filter(pk=webhook.pk).update(failing_since=since, rests_until=now + rest, tried_at=now)
    if delivery.given_up_at and (is_gone or now - since >= SILENT_FOR):
        _pause(webhook, is_gone=is_gone)


def _pause(webhook: Webhook, *, is_gone: bool) -> None:
    """Once; its signatories read of it in their language."""
    now = timezone.now()
    if not Webhook.objects.filter(pk=webhook.pk, paused_at=None).update(paused_at=now):
        return
    institution = webhook.institution

    def compose() -> tuple[dict[str, Any], str]:
        waiting = webhook.deliveries.outstanding().count()
        words = {"institution": institution.name, "address": webhook.address, "waiting": waiting}
        return words | {"gone": is_gone}, reverse("webhook", args=[institution.code, webhook.number])

    post(
        drafted(
            kind=Letter.Kind.WEBHOOK,
            to=members(institution, SIGNATORY),
            once=f"webhook:{webhook.pk}:{now:%Y-%m-%dT%H:%M:%S}",
            compose=compose,
        )
    )
