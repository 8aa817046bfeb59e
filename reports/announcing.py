"""Announcing: universities' own systems are told that figures have come out.

Nothing happens at the moment at which a release comes out, so there is no transaction to write in. A task looks for
releases that the public may read and of which a webhook has not been told; it finds the same however often it runs.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest, Now
from django.urls import reverse

from institutions.models import Webhook, WebhookDelivery
from institutions.webhooks.announcing import deliver
from reports.models import Release

NEWS_FOR = timedelta(days=7)


def announce_releases() -> int:
    """Returns how many messages were made. Webhooks are not told of what came out before they were made."""
    made = 0
    for release in _news():
        once = f"{Webhook.Event.PUBLISHED}:{release.number}"
        told = WebhookDelivery.objects.filter(once=once)
        untold = Webhook.objects.told_of(Webhook.Event.PUBLISHED).filter(made_at__lt=release.public_since)
        webhooks = list(untold.exclude(pk__in=told.values("webhook")).values_list("pk", flat=True))
        if webhooks:
            with transaction.atomic():
                deliver(
                    event=Webhook.Event.PUBLISHED,
                    once=once,
                    at=release.public_since,
                    data=_data(release),
                    webhooks=webhooks,
                )
            made += len(webhooks)
    return made


def _news() -> QuerySet[Any]:
    return (
        Release.objects.published()
        .annotate(public_since=Greatest("publish_at", "files_ready_at"))
        .filter(public_since__gt=Now() - NEWS_FOR)
        .select_related("snapshot__period")
        .annotate(corrected=F("corrects__number"))
        .order_by("number")
    )


def _data(release: Any) -> dict[str, Any]:
    return {
        "release": release.number,
        "period": release.snapshot.period.code,
        "state": "published",
        "reason": release.correction_reason,
        "corrects": release.corrected,
        "url": f"{settings.SITE_URL}{reverse('api-release', args=[release.number])}",
    }
