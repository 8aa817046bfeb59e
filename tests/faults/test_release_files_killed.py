"""Killed at any instant while its files are made, a release has all of them or none, and the next attempt makes them.

`make faults` kills at two hundred instants; `QAMTU_KILLS` sets another number.
"""

import time

import pytest

from institutions.locks import Busy
from reports import releasing, snapshots, verifying
from reports.models import Release
from tests.factories import make_institution, make_period, make_reviewer
from tests.faults.amounts import DONE
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
        killed_within(seconds, lambda number=number: releasing.prepare(number))  # type: ignore[misc]
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
        DONE["kills amid a release's files"] += 1
