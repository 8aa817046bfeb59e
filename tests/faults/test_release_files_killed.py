"""Killed at any instant while its files are made, a release has all of them or none, and the next attempt makes them.

`make faults` kills at two hundred instants; `QAMTU_KILLS` sets another number.
"""

import signal
import time
from contextlib import nullcontext

import pytest
from django.db import IntegrityError, OperationalError

from institutions.locks import Busy
from reports import releasing, snapshots, verifying
from reports.models import Release
from tests.at_once import at_once
from tests.factories import make_institution, make_period, make_reviewer
from tests.faults.amounts import DONE, IN_FULL
from tests.faults.test_snapshot_killed_anywhere import instants, killed_within
from tests.reports.releases import make_country

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def make_unprepared() -> Release:
    snapshot = verifying.verify(snapshots.take(snapshots.request(period=make_period()).pk).pk)
    return releasing.release(snapshot=snapshot, by=make_reviewer(), confirmed_by=make_reviewer())


def test_files_killed_at_any_instant_are_all_there_or_none(transactional_db: None) -> None:
    kaznu = make_institution(code="kaznu")
    make_country((kaznu, "6B06101", "met"), (kaznu, "6B06102", "no_data"))
    model = releasing.prepare(make_unprepared().pk)
    whole = set(model.files.exclude(name__startswith="qamtu-").values_list("name", "language"))
    for seconds in instants(lambda: releasing.prepare(make_unprepared().pk)):
        number = make_unprepared().pk
        ended = killed_within(seconds, lambda number=number: releasing.prepare(number))  # type: ignore[misc]
        release = Release.objects.get(pk=number)
        found = set(release.files.exclude(name__startswith="qamtu-").values_list("name", "language"))
        assert found == (whole if release.bundled_at else set())
        deadline = time.monotonic() + 20
        while release.bundled_at is None and time.monotonic() < deadline:
            try:
                release = releasing.prepare(number)
            except Busy:  # the killed one's connection lets go of its lock
                time.sleep(0.02)
        assert set(release.files.exclude(name__startswith="qamtu-").values_list("name", "language")) == whole
        DONE["kills amid a release's files"] += ended == -signal.SIGKILL


def two_at_once() -> list[object]:
    """What came of two who make the files of one release, as after a bell and a round of the sweep."""
    make_country((make_institution(), "6B06101", "met"))
    number = make_unprepared().pk
    return at_once(*[lambda: releasing.prepare(number)] * 2)


def test_of_two_at_once_one_makes_them(transactional_db: None) -> None:
    results = two_at_once()
    assert any(isinstance(result, Release) for result in results)
    assert all(isinstance(result, Release | Busy) for result in results), results


@pytest.mark.skipif(not IN_FULL, reason="make faults: the files are made twice")
def test_without_the_lock_the_second_fails(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: both make all of them, and the keys refuse those of the second."""
    monkeypatch.setattr(releasing, "one_at_a_time", lambda *_subject, **_how: nullcontext())
    assert [type(one) for one in two_at_once() if isinstance(one, Exception)] in (
        [IntegrityError],
        [OperationalError],
    )
