"""Background work that belongs to no step."""

from celery import shared_task
from django.db.models.functions import Now

from institutions.models import Heartbeat


@shared_task(name="institutions.tasks.heartbeat")
def heartbeat() -> None:
    """Proves that beat, broker, worker and database work together: a process that only exists writes no row."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name="worker", beat_at=Now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at"],
    )
