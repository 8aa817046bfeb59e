"""Background work of the reports. Each task may be lost, doubled or killed: the rows say what is left to do."""

import time
from contextlib import suppress

import structlog
from celery import shared_task

from institutions.locks import Busy, one_at_a_time
from reports import announcing, daily, live, releasing, snapshots, verifying
from reports.models import Release, Snapshot

log = structlog.get_logger(__name__)

ATTEMPTS = 5
# In seconds: of a thousand approvals in a row all that come meanwhile are one recomputation.
GATHER = 0.25


@shared_task(name="reports.tasks.take_snapshot")
def take_snapshot(snapshot_id: int) -> None:
    try:
        snapshots.take(snapshot_id)
        verifying.verify(snapshot_id)
    except Busy:
        log.info("snapshot is being taken already", snapshot=snapshot_id)
    except Exception as error:
        # The sweep tries again, a few times; whoever asked for it reads why it is not there.
        Snapshot.objects.outstanding().filter(pk=snapshot_id).update(
            failure=f"{type(error).__name__}: {error}"
        )
        raise


@shared_task(name="reports.tasks.make_files")
def make_files(release_id: int) -> None:
    try:
        releasing.prepare(release_id)
    except Busy:
        log.info("files are being made already", release=release_id)
    except Release.DoesNotExist:
        log.info("the release was withdrawn", release=release_id)


@shared_task(name="reports.tasks.refresh_live")
def refresh_live(everything: bool = False) -> None:
    """Bells that ring while one is at it need not wait: it looks again when it has let go of the lock."""
    refreshed = 1
    while refreshed and (everything or live.stale_since()):
        try:
            with one_at_a_time("live bells", 0, wait=False):
                time.sleep(GATHER)
                refreshed = live.refresh(everything=everything)
        except Busy:
            log.info("live coverage is being refreshed already")
            return
        if refreshed:
            log.info("live coverage was refreshed", institutions=refreshed)
        if everything:
            live.note(live.WHOLE)
        everything = False


@shared_task(name="reports.tasks.check_live")
def check_live() -> None:
    """Late every day: what was kept current step by step must equal a computation of the whole."""
    refresh_live()
    wrong = live.disagreements()
    if wrong:
        log.error("live coverage was wrong and is counted anew", differences=wrong[:20], number=len(wrong))
        live.note(live.DIFFERED)  # /readyz tells whoever watches
        live.rebuild()


@shared_task(name="reports.tasks.sweep")
def sweep() -> None:
    """Do whatever is left, whether or not a bell was rung for it."""
    for number in Snapshot.objects.outstanding().filter(attempts__lt=ATTEMPTS).values_list("pk", flat=True):
        take_snapshot(number)
    for number in Release.objects.unbundled().order_by("-number").values_list("pk", flat=True):
        try:
            make_files(number)
        except Exception:
            # It is tried again at the next round; what stands below must not wait for it.
            log.exception("files of a release could not be made", release=number)
    announcing.announce_releases()
    refresh_live(everything=not live.is_whole_today())
    if not live.is_noted_today(daily.DAYS):
        with suppress(Busy):
            daily.keep_days()
            live.note(daily.DAYS)
