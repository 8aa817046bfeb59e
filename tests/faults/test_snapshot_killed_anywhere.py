"""Killed at any instant: a snapshot is whole or absent, and live coverage is right after the next refresh.

`make faults` kills at two hundred instants of each; `QAMTU_KILLS` sets another number.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar

import pytest
from django.db.models import F

from curricula.models import Period
from institutions.locks import Busy
from institutions.models import Generation
from reports import live, snapshots, verifying
from reports.models import Assessment, Coverage, Indicator, LiveAssessment, LiveCoverage, Snapshot
from tests.faults.amounts import DONE, KILLS
from tests.forking import fork

T = TypeVar("T")

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

ENOUGH = 200  # instants in which a fault must show that is there


def killed_within(seconds: float, work: Callable[[], object]) -> int:
    """Let another process do the work, on a connection of its own, and end it at that instant or when it is done.

    What it ended with: 0, or the negative number of the signal that ended it.
    """
    child = fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def instants(work: Callable[[], object], number: int = KILLS) -> list[float]:
    """Spread at random over as long as the work takes. Some come when it has ended, and are no kills then."""
    began = time.monotonic()
    killed_within(0, lambda: None)
    work()
    took = time.monotonic() - began
    chance = random.Random(20261125)  # noqa: S311 - the same instants in every run
    return [chance.uniform(0, took) for _ in range(number)]


def once_free(work: Callable[[], T]) -> T:
    """Do the work as soon as the connection of the one that was killed lets go of its lock."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return work()
        except Busy:
            assert time.monotonic() < deadline, "the lock of a dead process is never let go"
            time.sleep(0.02)


def counted_cells(snapshot: Snapshot) -> tuple[int, ...]:
    return tuple(
        model.objects.filter(snapshot=snapshot).count() for model in (Assessment, Coverage, Indicator)
    )


def is_whole_or_absent(number: int, whole: tuple[int, ...]) -> bool:
    snapshot = Snapshot.objects.get(pk=number)
    return counted_cells(snapshot) == ((0, 0, 0) if snapshot.state == Snapshot.State.REQUESTED else whole)


def test_a_snapshot_is_whole_or_absent_and_the_next_take_finishes_it(counted: Period) -> None:
    model = snapshots.take(snapshots.request(period=counted).pk)
    whole = counted_cells(model)
    for seconds in instants(lambda: snapshots.take(snapshots.request(period=counted).pk)):
        number = snapshots.request(period=counted).pk
        ended = killed_within(seconds, lambda number=number: snapshots.take(number))  # type: ignore[misc]
        assert is_whole_or_absent(number, whole)
        taken = once_free(lambda number=number: snapshots.take(number))  # type: ignore[misc]
        assert counted_cells(taken) == whole
        assert (taken.fingerprint, verifying.differences(taken)) == (model.fingerprint, [])
        DONE["kills amid a snapshot"] += ended == -signal.SIGKILL


def test_without_a_transaction_it_would_be_half(counted: Period, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the instants are those in which it matters."""
    whole = counted_cells(snapshots.take(snapshots.request(period=counted).pk))
    monkeypatch.setattr(snapshots, "consistent_read", nullcontext)
    for seconds in instants(lambda: snapshots.take(snapshots.request(period=counted).pk), ENOUGH):
        number = snapshots.request(period=counted).pk
        killed_within(seconds, lambda number=number: snapshots.take(number))  # type: ignore[misc]
        if not is_whole_or_absent(number, whole):
            return
    pytest.fail("none was half, so the test above proves nothing")


def forget() -> None:
    """All is to be counted anew."""
    Generation.objects.update(computed=0)
    LiveAssessment.objects.all().delete()
    LiveCoverage.objects.all().delete()


def test_live_coverage_is_right_after_the_next_refresh(counted: Period) -> None:
    for seconds in instants(lambda: live.refresh(everything=True)):
        forget()
        ended = killed_within(seconds, live.refresh)
        assert live.disagreements() == [], "what is said to be current is not"
        once_free(live.refresh)
        assert live.stale_since() is None
        assert live.disagreements() == []
        (nation,) = live.coverage(period=counted)
        assert (nation["met"], nation["in_scope"]) == (10, 15)
        DONE["kills amid a recomputation"] += ended == -signal.SIGKILL


def test_were_it_marked_as_done_before_it_is_live_coverage_would_be_wrong(
    counted: Period, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: two transactions in the place of one statement."""

    def carelessly() -> tuple[int, int]:
        waiting = Generation.objects.exclude(generation=F("computed"))
        numbers = list(waiting.values_list("pk", flat=True))
        waiting.update(computed=F("generation"))
        if numbers:
            live._refresh_whole(which=f"institution_id IN ({', '.join(map(str, numbers))})")
        return len(numbers), len(numbers)

    monkeypatch.setattr(live, "_refresh_few", carelessly)
    for seconds in instants(lambda: live.refresh(everything=True), ENOUGH):
        forget()
        killed_within(seconds, live.refresh)
        if live.disagreements():
            return
    pytest.fail("it was never wrong, so the test above proves nothing")
