"""Background work that belongs to no step."""

from contextlib import suppress

from celery import shared_task
from django.db.models.functions import Now

from institutions import sessions
from institutions.api.repeating import forget_answers
from institutions.locks import Busy, one_at_a_time
from institutions.models import Heartbeat
from institutions.sending import forget_old, send_outstanding
from institutions.trail import sealing
from institutions.webhooks import delivering


@shared_task(name="institutions.tasks.heartbeat")
def heartbeat(rung_by: str = "") -> None:
    """Proves that broker, worker and database work together, and beat with them where it was beat that rang: a process
    that only exists writes no row."""
    names = ["worker", "beat"] if rung_by == "beat" else ["worker"]
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, beat_at=Now()) for name in names],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at"],
    )


@shared_task(name="institutions.tasks.send_letters")
def send_letters() -> None:
    """Letters that are due. Rung for by whoever writes one, and by every sweep.

    One process at a time: mail servers are slow, and the others have figures to keep current meanwhile.
    """
    with suppress(Busy), one_at_a_time("letters", 0, wait=False):
        send_outstanding()


@shared_task(name="institutions.tasks.forget_letters")
def forget_letters() -> None:
    """Once a day; nothing waits for it."""
    forget_old()


@shared_task(name="institutions.tasks.forget_given_answers")
def forget_given_answers() -> None:
    """Once an hour: those of more than a day ago, which nobody may ask for any more."""
    forget_answers()


@shared_task(name="institutions.tasks.forget_sessions")
def forget_sessions() -> None:
    """Once a day; nothing waits for it."""
    sessions.forget_old()


@shared_task(name="institutions.tasks.send_webhooks")
def send_webhooks() -> None:
    """Messages to universities' systems that are due; one process at a time, as with letters."""
    with suppress(Busy), one_at_a_time("webhooks", 0, wait=False):
        delivering.deliver_outstanding()


@shared_task(name="institutions.tasks.forget_webhooks")
def forget_webhooks() -> None:
    """Once a day; nothing waits for it."""
    delivering.forget_old()


@shared_task(name="institutions.tasks.seal_trail")
def seal_trail() -> None:
    """What of the trail can be sealed by now; see `trail.sealing`."""
    with suppress(Busy):
        sealing.seal()
