"""Announcing: what happened becomes a message to every webhook that wants to know, in the transaction of its cause.

A body is what `delivering` sends, whenever it does: `{"type", "timestamp", "data"}`. Whoever announces sees to it that
`data` holds nothing that the institution may not read.
"""

import json
import uuid
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from institutions.bell import ring
from institutions.models import Webhook, WebhookDelivery

SEND_TASK = "institutions.tasks.send_webhooks"


def announce(*, institution: int, event: str, once: str, at: datetime, data: Callable[[], Any]) -> None:
    """To the webhooks of one institution. One query where there is none; `data` is made only where there is one.

    `once` is what it is about: of the same thing there is one message to a webhook, however often it is announced.
    """
    webhooks = list(
        Webhook.objects.told_of(event).filter(institution=institution).values_list("pk", flat=True)
    )
    if webhooks:
        deliver(event=event, once=once, at=at, data=data(), webhooks=webhooks)


def deliver(*, event: str, once: str, at: datetime, data: Any, webhooks: Collection[int]) -> None:
    """Store a message to each of the webhooks, and ring for them after the commit.

    They are locked until then: of a decision and the removal of a webhook at the same moment, neither fails.
    """
    body = json.dumps(
        {"type": event, "timestamp": at.isoformat(), "data": data}, ensure_ascii=False, separators=(",", ":")
    )
    there = (
        Webhook.objects.filter(pk__in=webhooks)
        .select_for_update(no_key=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    WebhookDelivery.objects.bulk_create(
        [WebhookDelivery(webhook_id=pk, event=event, once=once, body=body) for pk in there],
        ignore_conflicts=True,
        batch_size=500,
    )
    transaction.on_commit(partial(ring, SEND_TASK))


def ping(webhook: Webhook) -> WebhookDelivery:
    """A message without meaning, by which a receiver is tried."""
    about = f"{WebhookDelivery.PING}:{uuid.uuid4()}"
    data = {"institution": webhook.institution.code, "webhook": webhook.number}
    deliver(event=WebhookDelivery.PING, once=about, at=timezone.now(), data=data, webhooks=[webhook.pk])
    return webhook.deliveries.get(once=about)
