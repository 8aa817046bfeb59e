"""The causes of a movement add up to the difference in every cell of every world; each means what it says."""

import dataclasses
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from curricula.models import Period, Programme
from institutions.models import Institution
from reports import snapshots
from reports.assessing import DIMENSIONS
from reports.models import Coverage, Mandate, Requirement, Snapshot
from reports.movements import Behind, Cause, Movement, between
from tests.factories import make_institution, make_period, make_programme, make_region, make_version
from tests.reports.founding import Ground, country
from tests.reports.worlds import (
    DAYS,
    RequirementPlan,
    World,
    day,
    early,
    examples,
    late,
    requirement_plans,
    worlds,
)
from tests.rules import make_exemption, make_requirement

pytestmark = pytest.mark.django_db


def succeed(world: World, begins: int) -> World:
    """The world whose first requirement ends on the day on which `adopt_next` has its next version begin."""
    first = dataclasses.replace(world.requirements[0], until=begins, effective=-1, adopted=-1)
    return dataclasses.replace(world, requirements=[first, *world.requirements[1:]])


def adopt_next(plan: RequirementPlan, begins: int) -> None:
    Requirement.objects.create(
        mandate=Mandate.objects.get(), code="r0", number=2, name_kk="А", name_ru="А", name_en="A",
        levels=plan.levels, fields=plan.fields, kinds=plan.kinds, min_disciplines=plan.min_disciplines,
        min_credits=Decimal(plan.min_credits), categories=plan.categories, components=plan.components,
        adopted_at=day(begins - 1), effective_from=day(begins).date(),
    )  # fmt: skip


def taken(period: Period, moment: datetime) -> Snapshot:
    return snapshots.take(snapshots.request(period=period, as_at=moment).pk)


def cells(snapshot: Snapshot) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Met and denominator by requirement code, dimension and key."""
    return {
        (row.requirement.code, row.dimension, row.key): (row.met, row.in_scope - row.exempt)
        for row in Coverage.objects.filter(snapshot=snapshot).select_related("requirement")
    }


def assert_adds_up(older: Snapshot, newer: Snapshot, moved: list[Movement]) -> None:
    before, after = cells(older), cells(newer)
    sums = dict.fromkeys({*before, *after}, (0, 0))
    for one in moved:
        place = (one.requirement, one.dimension, one.key)
        met, counted = sums[place]
        sums[place] = (met + one.met, counted + one.counted)
    for place, (met, counted) in sums.items():
        was, now = before.get(place, (0, 0)), after.get(place, (0, 0))
        assert (met, counted) == (now[0] - was[0], now[1] - was[1]), place


def test_the_causes_add_up_to_the_difference_of_every_cell_of_every_world(ground: Ground) -> None:
    seen: set[str] = set()
    following = Period.objects.create(
        code="2025", starts_on=date(2025, 9, 1), ends_on=date(2026, 8, 31),
        opens_on=date(2025, 5, 1), due_on=date(2026, 7, 1), closes_on=date(2026, 8, 1),
    )  # fmt: skip

    @given(
        worlds,
        st.tuples(early, late),
        st.none() | st.tuples(requirement_plans, st.integers(20, DAYS - 20)),
        st.sampled_from([False, False, False, True]),
    )
    @examples(one_in=3)
    def holds(
        world: World,
        moments: tuple[int, int],
        change: tuple[RequirementPlan, int] | None,
        next_year: bool,
    ) -> None:
        with country(succeed(world, change[1]) if change else world, ground) as period:
            if change:
                adopt_next(*change)
            one = taken(period, day(moments[0]))
            another = taken(following if next_year else period, day(moments[1]))
            for older, newer in ((one, another), (another, one)):
                moved = between(older, newer, dimensions=DIMENSIONS)
                assert_adds_up(older, newer, moved)
                seen.update(movement.cause for movement in moved)
            assert between(one, one, dimensions=DIMENSIONS) == []

    holds()
    # Chance leaves out the rarest now and then; below each cause has a test of its own.
    assert len(seen) >= len(Cause) // 2, f"worlds that never move by {set(Cause.values) - seen}"


def now_taken(period: Period) -> Snapshot:
    return snapshots.take(snapshots.request(period=period).pk)


def causes(older: Snapshot, newer: Snapshot, **over: object) -> dict[str, tuple[int, int]]:
    """Met and denominator by cause."""
    return {one.cause: (one.met, one.counted) for one in between(older, newer, **over)}  # type: ignore[arg-type]


PLAIN = ({"ai_category": "none"},)


def test_each_cause_is_told_apart(period: Period, institution: Institution) -> None:
    make_requirement()
    silent, poor, rich, excused = (
        make_programme(institution, code=f"6B0610{number}") for number in range(1, 5)
    )
    make_version(poor, period=period, state="approved", lines=PLAIN)
    make_version(rich, period=period, state="approved")
    make_version(excused, period=period, state="approved")
    older = now_taken(period)
    make_version(silent, period=period, state="approved")
    make_version(poor, period=period, state="approved")
    make_version(rich, period=period, state="approved", lines=PLAIN)
    make_exemption(excused, decided_at=timezone.now())
    make_programme(institution, code="6B06105", in_registry_since=timezone.now())
    newer = now_taken(period)
    assert causes(older, newer) == {
        "approved": (1, 0),
        "superseded": (0, 0),
        "exempted": (-1, -1),
        "opened": (0, 1),
    }
    (superseded,) = between(older, newer, causes=["superseded"])
    assert (superseded.programmes, superseded.gained, superseded.lost) == (2, 1, 1)


def test_a_programme_that_ends_and_an_approval_that_ends_are_two_causes(
    period: Period, institution: Institution
) -> None:
    make_requirement()
    ending, withdrawn = make_programme(institution), make_programme(institution)
    make_version(ending, period=period, state="approved")
    version = make_version(withdrawn, period=period, state="approved")
    older = now_taken(period)
    Programme.objects.filter(pk=ending.pk).update(active_to=period.starts_on - timedelta(days=1))
    type(version).objects.filter(pk=version.pk).update(valid_to=timezone.now())
    assert causes(older, now_taken(period)) == {"closed": (-1, -1), "lapsed": (-1, 0)}


def test_between_academic_years_it_is_the_new_year(period: Period, institution: Institution) -> None:
    make_requirement()
    make_version(make_programme(institution), period=period, state="approved")
    older = now_taken(period)
    following = make_period(
        "2026",
        starts_on=period.ends_on + timedelta(days=1),
        ends_on=period.ends_on + timedelta(days=365),
    )
    assert causes(older, now_taken(following)) == {"new_year": (-1, 0)}


def test_other_rules_are_the_cause_of_what_they_change_and_of_nothing_else(
    period: Period, institution: Institution
) -> None:
    today = timezone.localdate()
    make_requirement(effective_to=today)
    make_requirement(number=2, min_credits=6, levels=["6B"], effective_from=today)
    bachelor, master = make_programme(institution), make_programme(institution, code="7M06101")
    for programme in (bachelor, master):
        make_version(programme, period=period, state="approved", at=timezone.now() - timedelta(days=5))
    yesterday = timezone.now() - timedelta(days=1)
    older = snapshots.take(snapshots.request(period=period, as_at=yesterday).pk)
    make_programme(institution, code="6B06177", in_registry_since=timezone.now())
    assert causes(older, now_taken(period)) == {"requirement": (-2, -1), "opened": (0, 1)}


def test_a_university_that_moves_leaves_one_region_and_enters_another(
    period: Period, institution: Institution
) -> None:
    make_requirement()
    make_version(make_programme(institution), period=period, state="approved")
    older = now_taken(period)
    Institution.objects.filter(pk=institution.pk).update(region=make_region("KZ-75"))
    newer = now_taken(period)
    assert causes(older, newer) == {}
    assert causes(older, newer, dimensions=["region"], key="KZ-71") == {"moved": (-1, -1)}
    assert causes(older, newer, dimensions=["region"], key="KZ-75") == {"moved": (1, 1)}


def test_the_programmes_behind_a_movement_are_as_many_as_it_says_and_are_read_in_slices(
    period: Period, django_assert_num_queries: object
) -> None:
    make_requirement()
    universities = [make_institution(), make_institution()]
    older = now_taken(period)
    for university in universities:
        for _number in range(3):
            make_version(make_programme(university), period=period, state="approved")
    newer = now_taken(period)
    (opened,) = between(older, newer)
    assert (opened.cause, opened.programmes, opened.met) == ("opened", 6, 6)
    behind = Behind(older, newer, "ai-discipline", "nation", "", ["opened"], opened.programmes)
    assert [len(behind[0:4]), len(behind[4:8])] == [4, 2]
    assert {one.programme_id for one in behind[0:6]} == set(Programme.objects.values_list("pk", flat=True))
    assert {(one.was, one.now) for one in behind[0:6]} == {(None, "met")}
