"""Killed at any instant, and raced for: a snapshot is complete or absent, and its cells are the same.

Fifty instants of a snapshot and fifty of a recomputation; `QAMTU_KILLS` sets another number.
"""

import os
import random
import signal
import time
from collections.abc import Callable

import pytest
from django.db import connection, connections

from curricula.models import Period
from institutions.locks import Busy
from institutions.models import Generation
from reports import live, snapshots, verifying
from reports.models import Assessment, Coverage, Indicator, LiveAssessment, LiveCoverage, Snapshot
from tests.at_once import at_once
from tests.factories import make_institution, make_period, make_programme, make_requirement, make_version

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

KILLS = int(os.environ.get("QAMTU_KILLS", "50"))


@pytest.fixture
def counted(transactional_db: None) -> Period:
    period = make_period()
    make_requirement()
    for _ in range(5):
        institution = make_institution()
        for state in ("approved", "submitted", "approved"):
            make_version(make_programme(institution), period=period, state=state)
    return period


def killed_within(seconds: float, work: Callable[[], object]) -> None:
    """Let another process do the work, on a connection of its own, and end it at that instant or when it is done."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def instants(work: Callable[[], object]) -> list[float]:
    """Spread at random over as long as the work takes, and a little longer."""
    began = time.monotonic()
    killed_within(0, lambda: None)
    work()
    took = time.monotonic() - began
    chance = random.Random(20261125)  # noqa: S311 - the same instants in every run
    return [chance.uniform(0, took * 1.5) for _ in range(KILLS)]


def is_whole_or_absent(snapshot: Snapshot, whole: tuple[int, int, int]) -> bool:
    found = tuple(
        model.objects.filter(snapshot=snapshot).count() for model in (Assessment, Coverage, Indicator)
    )
    snapshot.refresh_from_db()
    return found == ((0, 0, 0) if snapshot.state == Snapshot.State.REQUESTED else whole)


def test_a_snapshot_killed_at_any_instant_is_whole_or_absent_and_the_next_take_finishes_it(
    counted: Period,
) -> None:
    model = snapshots.take(snapshots.request(period=counted).pk)
    whole = (model.assessments.count(), model.coverage.count(), model.indicators.count())
    states = set()
    for seconds in instants(lambda: snapshots.take(snapshots.request(period=counted).pk)):
        number = snapshots.request(period=counted).pk
        killed_within(seconds, lambda number=number: snapshots.take(number))  # type: ignore[misc]
        assert is_whole_or_absent(Snapshot.objects.get(pk=number), whole)
        states.add(Snapshot.objects.get(pk=number).state)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:  # the killed one's connection lets go of its lock
            try:
                taken = snapshots.take(number)
                break
            except Busy:
                time.sleep(0.02)
        assert is_whole_or_absent(taken, whole)
        assert (taken.fingerprint, verifying.differences(taken)) == (model.fingerprint, [])
    assert states <= {"requested", "taken"}


def test_live_coverage_killed_at_any_instant_is_right_after_the_next_refresh(counted: Period) -> None:
    def stale() -> None:
        Generation.objects.update(computed=0)
        LiveAssessment.objects.all().delete()
        LiveCoverage.objects.all().delete()

    for seconds in instants(lambda: live.refresh(everything=True)):
        stale()
        killed_within(seconds, live.refresh)
        deadline = time.monotonic() + 10
        while Generation.objects.stale().exists() and time.monotonic() < deadline:
            try:
                live.refresh()
            except Busy:
                time.sleep(0.02)
        assert live.stale_since() is None
        assert live.disagreements() == []
        assert (live.coverage(period=counted)[0]["met"], live.coverage(period=counted)[0]["in_scope"]) == (
            10,
            15,
        )


def cells_of(snapshot: Snapshot) -> tuple[object, ...]:
    figures = verifying.stored(snapshot)
    return figures.assessments, figures.coverage, figures.indicators, figures.fingerprint


def test_eight_workers_on_one_period_make_the_cells_that_one_makes(counted: Period) -> None:
    alone = cells_of(snapshots.take(snapshots.request(period=counted).pk))
    requested = [snapshots.request(period=counted).pk for _ in range(8)]
    at_once(*[lambda number=number: snapshots.take(number) for number in requested])
    for number in requested:
        assert cells_of(Snapshot.objects.get(pk=number)) == alone


def test_eight_workers_on_one_request_take_it_once(counted: Period) -> None:
    number = snapshots.request(period=counted).pk
    results = at_once(*[lambda: snapshots.take(number)] * 8)
    assert any(isinstance(result, Snapshot) for result in results)
    assert all(isinstance(result, Snapshot | Busy) for result in results)
    taken = Snapshot.objects.get(pk=number)
    assert (taken.assessments.count(), verifying.differences(taken)) == (15, [])


def test_without_the_lock_they_would_take_it_twice(counted: Period, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the race is a real one, and what the lock prevents the keys refuse."""
    from contextlib import nullcontext

    monkeypatch.setattr(snapshots, "one_at_a_time", lambda *_args, **_kwargs: nullcontext())
    for _ in range(10):
        number = snapshots.request(period=counted).pk
        results = at_once(*[lambda number=number: snapshots.take(number)] * 8)
        if any(isinstance(result, Exception) for result in results):
            break
    else:
        pytest.fail("eight at once never met, so the test above proves nothing")
    assert verifying.differences(Snapshot.objects.get(pk=number)) == []
    connection.close()
