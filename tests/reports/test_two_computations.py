"""The SQL and the independent second implementation agree on every cell of every world."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given

from curricula.models import Period
from reports import indicators, recomputing, snapshots, verifying
from reports.assessing import DIMENSIONS
from reports.models import Outcome, Snapshot
from tests.reports.founding import Ground, country
from tests.reports.worlds import EPOCH, World, day, examples, programmes, worlds

pytestmark = pytest.mark.django_db

COUNTED = ("in_scope", "met", "not_met", "no_data", "exempt")
ENDS = 364  # the last day of the period


def taken(period: Period, moment: datetime) -> Snapshot:
    return snapshots.take(snapshots.request(period=period, as_at=moment).pk)


def has(outcome: str, _: World, snapshot: Snapshot) -> bool:
    return snapshot.assessments.filter(outcome=outcome).exists()


# What a world may be made of; each occurs, or nothing is proved of it.
INGREDIENTS: dict[str, Callable[[World, Any], bool]] = {
    **{outcome.value: partial(has, outcome) for outcome in Outcome},
    "a programme begins within the period": lambda world, _: any(
        0 < one.starts <= ENDS for one in programmes(world)
    ),
    "a programme begins after the period": lambda world, _: any(
        one.starts > ENDS for one in programmes(world)
    ),
    "a programme ends within the period": lambda world, _: any(
        one.ends is not None and one.ends >= 0 for one in programmes(world)
    ),
    "a programme has ended before the period": lambda world, _: any(
        one.ends is not None and one.ends < 0 for one in programmes(world)
    ),
    "a university was merged into the next": lambda world, at: any(
        one.merged and one.closed is not None and day(one.closed) <= at.as_at
        for one in world.institutions[:-1]
    ),
    "a university went to another region or kind": lambda world, at: any(
        one.becomes is not None and day(one.becomes[0]) <= at.as_at for one in world.institutions
    ),
    "the period is empty": lambda _, at: (
        bool(at.assessments.exists()) and not at.assessments.exclude(version=None)
    ),
    "nobody counts: a denominator is zero": lambda _, at: any(
        one.in_scope == one.exempt for one in at.coverage.filter(dimension="nation")
    ),
    "no rule is in effect": lambda _, at: not at.coverage.exists(),
    "looked at on the day of a decision": lambda _, at: at.assessments.filter(
        version__valid_from=at.as_at
    ).exists(),
    "looked at when another day has begun in the country": lambda _, at: (
        (at.as_at - EPOCH).seconds >= 19 * 3600
    ),
}


def test_computations_agree_history_rebuilds_and_keys_sum_to_the_nation(ground: Ground) -> None:
    seen: set[str] = set()

    @given(worlds)
    @examples()
    def holds(world: World) -> None:
        with country(world, ground) as period:
            snapshot = taken(period, world.moments[0])
            assert verifying.differences(snapshot) == []
            assert snapshots.rebuild(snapshot).agrees
            assert_sums_to_the_nation(snapshot)
            left = INGREDIENTS.keys() - seen
            seen.update(name for name in left if INGREDIENTS[name](world, snapshot))

    holds()
    assert seen == INGREDIENTS.keys(), "worlds in which something never occurs prove nothing of it"


def assert_sums_to_the_nation(snapshot: Snapshot) -> None:
    """The parts of every dimension, of coverage and of indicators."""
    cells = snapshot.coverage.values_list("requirement_id", "dimension", *COUNTED)
    assert_parts_sum_up(cells, DIMENSIONS)
    measured = snapshot.indicators.values_list(
        "indicator", "dimension", "numerator", "denominator", "missing"
    )
    assert_parts_sum_up(measured, indicators.DIMENSIONS)


def assert_parts_sum_up(rows: Iterable[tuple[Any, ...]], dimensions: Iterable[str]) -> None:
    """Rows of a subject, a dimension and numbers: of each subject every dimension has the same sums."""
    sums: dict[Any, dict[str, list[int]]] = {}
    for subject, dimension, *numbers in rows:
        before = sums.setdefault(subject, {}).get(dimension, [0] * len(numbers))
        sums[subject][dimension] = [one + number for one, number in zip(before, numbers, strict=True)]
    for subject, of_each in sums.items():
        assert of_each == dict.fromkeys(dimensions, of_each["nation"]), subject


def test_a_wrong_cell_is_found() -> None:
    """The comparison itself can fail: one cell changed by one is named."""
    rows = recomputing.Figures(coverage={(1, "nation", ""): (2, 1, 1, 0, 0)}, fingerprint="a")
    wrong = recomputing.Figures(coverage={(1, "nation", ""): (2, 2, 0, 0, 0)}, fingerprint="a")
    assert verifying.compare(rows, rows) == []
    assert len(verifying.compare(rows, wrong)) == 1
