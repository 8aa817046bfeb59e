"""A worker killed in the midst of a snapshot leaves a complete snapshot or none, and the next one finishes."""

import pytest
from django.db import connection, transaction

from reports import snapshots
from reports.models import Assessment, Coverage, Indicator, Snapshot
from tests.factories import make_institution, make_period, make_programme, make_version
from tests.faults.test_import_killed import nobody_holds_a_lock
from tests.rules import make_requirement
from tests.workers import Worker, eventually

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def begin() -> None:
    period = make_period()
    make_requirement()
    for _ in range(3):
        make_version(make_programme(make_institution()), period=period, state="approved")
    snapshots.request(period=period)


def cells() -> tuple[int, int, int]:
    return Assessment.objects.count(), Coverage.objects.count(), Indicator.objects.count()


def someone_waits_for_a_table() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE NOT granted AND locktype = 'relation' AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def test_a_killed_snapshot_is_absent_and_the_next_worker_takes_it() -> None:
    """A table is held so that the worker stands still, before it writes and just after; then it is killed."""
    begin()
    for table in ("reports_assessment", "institutions_deployment"):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            worker = Worker.start()  # it looks for what is left at once
            eventually(someone_waits_for_a_table, f"the worker to reach {table}")
            worker.kill()
        worker.stop()
        eventually(nobody_holds_a_lock, "the dead worker's locks to be let go")
        assert cells() == (0, 0, 0)
        assert Snapshot.objects.get().state == Snapshot.State.REQUESTED
    successor = Worker.start()
    try:
        eventually(lambda: Snapshot.objects.get().state == Snapshot.State.VERIFIED, "the snapshot")
    finally:
        successor.stop()
    assert Snapshot.objects.count() == 1
    assert cells()[0] == 3
