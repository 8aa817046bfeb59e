"""Many race for one period: the cells are those that one makes, and each snapshot is taken once."""

from contextlib import nullcontext

import pytest
from celery import current_app

from curricula.models import Period
from institutions.locks import Busy
from institutions.models import Tally
from reports import snapshots, verifying
from reports.models import Snapshot
from tests.at_once import at_once
from tests.workers import Worker, eventually

TAKE = "reports.tasks.take_snapshot"
pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def cells_of(snapshot: Snapshot) -> tuple[object, ...]:
    figures = verifying.stored(snapshot)
    return figures.assessments, figures.coverage, figures.indicators, figures.fingerprint


def test_eight_workers_on_one_period_make_the_cells_that_one_makes(counted: Period) -> None:
    alone = cells_of(snapshots.take(snapshots.request(period=counted).pk))
    worker = Worker.start(concurrency=8)
    try:
        requested = at_once(*[lambda: snapshots.request(period=counted)] * 8)
        assert all(isinstance(one, Snapshot) for one in requested), requested
        verified = Snapshot.objects.filter(state=Snapshot.State.VERIFIED)
        eventually(lambda: verified.count() == 9, "nine verified snapshots")
    finally:
        worker.stop()
    assert [cells_of(one) for one in Snapshot.objects.all()] == [alone] * 9


def test_a_task_that_is_delivered_ten_times_takes_it_once(counted: Period) -> None:
    alone = cells_of(snapshots.take(snapshots.request(period=counted).pk))
    number = snapshots.request(period=counted).pk
    worker = Worker.start(concurrency=8)
    try:
        for _time in range(10):
            current_app.send_task(TAKE, args=[number])
        ended = Tally.objects.filter(name="task", detail=f"{TAKE} done")
        eventually(lambda: sum(ended.values_list("count", flat=True)) >= 10, "ten tasks to have ended")
    finally:
        worker.stop()
    assert not Tally.objects.filter(name="task", detail=f"{TAKE} failed").exists()
    taken = Snapshot.objects.get(pk=number)
    assert (taken.state, cells_of(taken)) == (Snapshot.State.VERIFIED, alone)


def test_ten_at_once_on_one_request_take_it_once(counted: Period) -> None:
    number = snapshots.request(period=counted).pk
    results = at_once(*[lambda: snapshots.take(number)] * 10)
    assert any(isinstance(result, Snapshot) for result in results)
    assert all(isinstance(result, Snapshot | Busy) for result in results)
    taken = Snapshot.objects.get(pk=number)
    assert (taken.assessments.count(), verifying.differences(taken)) == (15, [])


def test_without_the_lock_they_would_take_it_twice(counted: Period, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the race is a real one, and what the lock prevents the keys refuse."""
    monkeypatch.setattr(snapshots, "one_at_a_time", lambda *_args, **_kwargs: nullcontext())
    for _ in range(10):
        number = snapshots.request(period=counted).pk
        results = at_once(*[lambda number=number: snapshots.take(number)] * 10)
        if any(isinstance(result, Exception) for result in results):
            break
    else:
        pytest.fail("ten at once never met, so the test above proves nothing")
    assert verifying.differences(Snapshot.objects.get(pk=number)) == []
