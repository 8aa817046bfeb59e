"""The SQL and the independent second implementation agree on every cell of every world."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curricula.models import Component, Period
from reports import recomputing, snapshots, verifying
from reports.assessing import DIMENSIONS
from reports.models import Coverage, Outcome, Snapshot
from tests.reports.worlds import MOMENTS, ProgrammePlan, World, build, day, settle, worlds

pytestmark = pytest.mark.django_db

# 2,000 worlds: so many countries, each at 20 moments.
COUNTRIES = int(os.environ.get("QAMTU_WORLDS", "2000")) // MOMENTS


def examples(number: int) -> settings:
    return settings(
        max_examples=number,
        deadline=None,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
        ],
    )


@contextmanager
def country(world: World) -> Iterator[Period]:
    """The world, gone afterwards."""
    with transaction.atomic():
        period = build(world)
        settle()
        yield period
        transaction.set_rollback(True)


def taken(period: Period, moment: int) -> Snapshot:
    return snapshots.take(snapshots.request(period=period, as_at=day(moment)).pk)


COUNTED = ("in_scope", "met", "not_met", "no_data", "exempt")


def test_computations_agree_history_rebuilds_and_keys_sum_to_the_nation() -> None:
    seen: set[str] = set()

    @given(worlds)
    @examples(COUNTRIES)
    def holds(world: World) -> None:
        with country(world) as period:
            for moment in world.moments:
                snapshot = taken(period, moment)
                assert verifying.differences(snapshot) == []
                assert_sums_to_the_nation(list(Coverage.objects.filter(snapshot=snapshot)))
                seen.update(snapshot.assessments.values_list("outcome", flat=True))
            assert snapshots.rebuild(snapshot).agrees

    holds()
    assert seen == set(Outcome.values), "worlds in which an outcome never occurs prove nothing of it"


def cells(world: World) -> list[dict[tuple[str, ...], tuple[int, ...]]]:
    """Of each moment the counts by requirement, dimension and key."""
    found = []
    with country(world) as period:
        for moment in world.moments[:5]:
            rows = Coverage.objects.filter(snapshot=taken(period, moment)).values_list(
                "requirement__code", "dimension", "key", *COUNTED
            )
            found.append({row[:3]: row[3:] for row in rows})
    return found


def each_programme(world: World, change: Callable[[ProgrammePlan], ProgrammePlan]) -> World:
    return replace(
        world,
        institutions=[
            replace(one, programmes=[change(programme) for programme in one.programmes])
            for one in world.institutions
        ],
    )


@given(
    worlds, st.sampled_from(["core", "applied", "foundations", "ethics"]), st.sampled_from(Component.values)
)
@examples(COUNTRIES // 4)
def test_a_further_approved_ai_discipline_never_lowers_a_share(
    world: World, category: str, component: str
) -> None:
    def richer(programme: ProgrammePlan) -> ProgrammePlan:
        versions = [
            replace(one, lines=[*one.lines[:2], (category, component, 3)]) for one in programme.versions
        ]
        return replace(programme, versions=versions)

    poorer = each_programme(
        world, lambda one: replace(one, versions=[replace(v, lines=v.lines[:2]) for v in one.versions])
    )
    for before, after in zip(cells(poorer), cells(each_programme(world, richer)), strict=True):
        assert before.keys() == after.keys()
        for cell, (in_scope, met, _not_met, no_data, exempt) in before.items():
            now = after[cell]
            assert (now[0], now[3], now[4]) == (in_scope, no_data, exempt)
            assert now[1] >= met


@given(worlds)
@examples(COUNTRIES // 4)
def test_the_order_of_approvals_never_matters(world: World) -> None:
    """The same decisions at the same moments, written in another order: the last institution and programme first."""
    backwards = replace(
        world,
        institutions=[
            replace(one, programmes=list(reversed(one.programmes))) for one in reversed(world.institutions)
        ],
    )

    def without_names(
        found: list[dict[tuple[str, ...], tuple[int, ...]]],
    ) -> list[dict[tuple[str, ...], tuple[int, ...]]]:
        return [{cell: counts for cell, counts in at.items() if cell[1] != "institution"} for at in found]

    assert without_names(cells(world)) == without_names(cells(backwards))


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
