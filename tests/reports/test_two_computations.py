"""The SQL and the independent second implementation agree on every cell of every world."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from reports import recomputing, snapshots, verifying
from reports.assessing import DIMENSIONS
from reports.models import Coverage, Outcome, Snapshot
from tests.reports.worlds import World, build, day, settle, worlds

pytestmark = pytest.mark.django_db

EXAMPLES = settings(
    max_examples=int(os.environ.get("QAMTU_WORLDS", "100")),
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@contextmanager
def country(world: World) -> Iterator[Snapshot]:
    """The world and its snapshot, gone afterwards."""
    with transaction.atomic():
        period = build(world)
        settle()
        requested = snapshots.request(period=period, as_at=day(world.moment))
        yield snapshots.take(requested.pk)
        transaction.set_rollback(True)


COUNTED = ("in_scope", "met", "not_met", "no_data", "exempt")


def test_computations_agree_history_rebuilds_and_keys_sum_to_the_nation() -> None:
    seen: set[str] = set()

    @given(worlds)
    @EXAMPLES
    def holds(world: World) -> None:
        with country(world) as snapshot:
            assert verifying.differences(snapshot) == []
            assert snapshots.rebuild(snapshot).agrees
            assert_sums_to_the_nation(list(Coverage.objects.filter(snapshot=snapshot)))
            seen.update(snapshot.assessments.values_list("outcome", flat=True))

    holds()
    assert seen == set(Outcome.values), "worlds in which an outcome never occurs prove nothing of it"


def assert_sums_to_the_nation(cells: list[Coverage]) -> None:
    for whole in (cell for cell in cells if cell.dimension == "nation"):
        for dimension in DIMENSIONS:
            parts = [c for c in cells if (c.requirement_id, c.dimension) == (whole.requirement_id, dimension)]
            for name in COUNTED:
                assert sum(getattr(part, name) for part in parts) == getattr(whole, name)


def test_a_wrong_cell_is_found() -> None:
    """The comparison itself can fail: one cell changed by one is named."""
    rows = recomputing.Figures(coverage={(1, "nation", ""): (2, 1, 1, 0, 0)}, fingerprint="a")
    wrong = recomputing.Figures(coverage={(1, "nation", ""): (2, 2, 0, 0, 0)}, fingerprint="a")
    assert verifying.compare(rows, rows) == []
    assert len(verifying.compare(rows, wrong)) == 1
