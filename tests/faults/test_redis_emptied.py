"""Redis only rings the bell: emptied at any moment, all that was asked for is done, and no figure differs."""

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from curricula.models import Period
from institutions.models import Generation
from reports import live, releasing, snapshots, verifying
from reports.models import Release, Snapshot
from tests.factories import make_institution, make_period, make_programme, make_reviewer, make_version
from tests.rules import make_requirement
from tests.workers import Worker, eventually, rounds_every

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def idle(transactional_db: None) -> Iterator[Worker]:
    """A worker that has made its rounds already: what follows waits for the next, seconds later."""
    worker = Worker.start(first=rounds_every(5))
    yield worker
    worker.stop()


def empty_redis() -> None:
    redis.Redis.from_url(settings.REDIS_URL).flushdb()


def ask_for_everything() -> tuple[Period, Snapshot, Release]:
    period = make_period()
    make_requirement()
    make_version(make_programme(make_institution()), period=period, state="approved")
    first = snapshots.take(snapshots.request(period=period).pk)
    release = releasing.release(
        snapshot=verifying.verify(first.pk), by=make_reviewer(), confirmed_by=make_reviewer()
    )
    return period, snapshots.request(period=period), release


def test_what_was_asked_for_is_done_although_every_message_is_lost(idle: Worker) -> None:
    """No beat runs here: the worker rings for its sweeps itself."""
    period, requested, release = ask_for_everything()
    for _ in range(20):
        empty_redis()
    eventually(
        lambda: Snapshot.objects.get(pk=requested.pk).state == Snapshot.State.VERIFIED,
        "the snapshot",
    )
    eventually(lambda: Release.objects.published().filter(pk=release.pk).exists(), "the files")
    eventually(lambda: not Generation.objects.stale().exists(), "live coverage")
    (row,) = live.coverage(period=period)
    assert (row["met"], row["in_scope"]) == (1, 1)
    assert Snapshot.objects.get(pk=requested.pk).fingerprint == release.snapshot.fingerprint
