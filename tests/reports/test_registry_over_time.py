"""Time series hold while universities open, close, merge and change their names: in worlds that Hypothesis draws."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curricula.models import Period, Programme
from curricula.uniting import unite
from institutions.models import Institution, User
from institutions.registering import close_institution, open_institution, rename
from reports import snapshots, verifying
from reports.models import Coverage, Indicator, Snapshot
from tests.reports.founding import Ground, country
from tests.reports.worlds import World, day, examples, worlds

pytestmark = pytest.mark.django_db

MERGED_ON = day(150).date()


def now(period: Period) -> Snapshot:
    """All figures as the registry stands now; the two computations agree on each."""
    snapshot = snapshots.take(snapshots.request(period=period).pk)
    assert verifying.differences(snapshot) == []
    return snapshot


def programmes(snapshot: Snapshot, dimension: str = "nation", key: str = "") -> int:
    """How many are taught at institutions that count: the denominator of those dedicated to AI."""
    cell = Indicator.objects.filter(
        snapshot=snapshot, indicator="ai_programmes", dimension=dimension, key=key
    ).first()
    return cell.denominator if cell else 0


def series(period: Period, moments: list[datetime]) -> list[tuple[str, list[Any]]]:
    """Fingerprint and cells of each moment of the past."""
    found = []
    for moment in moments:
        snapshot = snapshots.take(snapshots.request(period=period, as_at=moment).pk)
        cells = Coverage.objects.filter(snapshot=snapshot).values_list(
            "requirement__code", "dimension", "key", "in_scope", "met", "not_met", "no_data", "exempt"
        )
        found.append((snapshot.fingerprint, sorted(cells)))
    return found


def taught(institution: Institution, period: Period, since: date | None = None) -> set[str]:
    active = Programme.objects.filter(institution=institution).active_in(period)
    return {one.code for one in active if since is None or one.active_to is None or one.active_to >= since}


def two_that_count(world: World) -> World:
    first, second, *others = world.institutions
    there: dict[str, Any] = {"kind": "national", "opened": None, "closed": None, "becomes": None}
    return replace(world, institutions=[replace(first, **there), replace(second, **there), *others])


@given(worlds.map(two_that_count))
@examples(one_in=15)
def test_after_a_merger_the_nation_has_the_same_programmes_and_the_same_past(
    ground: Ground, world: World
) -> None:
    with country(world, ground) as period:
        first, second = Institution.objects.filter(code__in=["u0", "u1"]).order_by("code")
        by = User.objects.get(email="reviewer@world.test")
        moments = world.moments
        past, before = series(period, moments), now(period)
        alone = programmes(before) - len(taught(first, period)) - len(taught(second, period))
        united = taught(first, period, MERGED_ON) | taught(second, period)
        unite(institution=first, successor=second, merged_on=MERGED_ON, reason="why", by=by)
        after = now(period)
        assert series(period, moments) == past
        assert programmes(after) == alone + len(united)
        assert programmes(after, "institution", "u1") == len(united)
        assert programmes(after, "institution", "u0") == 0
        assert snapshots.rebuild(before).agrees


@given(worlds.map(two_that_count), st.integers(0, 400))
@examples(one_in=15)
def test_a_new_name_moves_no_figure_and_a_closing_none_of_the_past(
    ground: Ground, world: World, number: int
) -> None:
    with country(world, ground) as period:
        one = Institution.objects.get(code="u0")
        by = User.objects.get(email="reviewer@world.test")
        moments = world.moments
        past, before = series(period, moments), now(period)
        names = {"name_kk": "Жаңа", "name_ru": "Новый", "name_en": "New"}
        rename(institution=one, names=names, since=day(number).date(), reason="why", by=by)
        assert now(period).fingerprint == before.fingerprint
        own = programmes(before, "institution", "u0")
        close_institution(institution=one, closed_on=day(number).date(), reason="why", by=by)
        assert programmes(now(period)) == programmes(before) - own
        assert series(period, moments) == past


@given(worlds)
@examples(one_in=15)
def test_a_planned_university_enters_the_figures_when_it_opens(ground: Ground, world: World) -> None:
    first, *others = world.institutions
    planned = replace(first, kind="planned", opened=None, closed=None, becomes=None)
    with country(replace(world, institutions=[planned, *others]), ground) as period:
        one = Institution.objects.get(code="u0")
        by = User.objects.get(email="reviewer@world.test")
        moments = world.moments
        past, before = series(period, moments), now(period)
        open_institution(institution=one, kind="national", opened_on=MERGED_ON, reason="why", by=by)
        assert programmes(before, "institution", "u0") == 0
        assert programmes(now(period)) == programmes(before) + len(taught(one, period))
        assert series(period, moments) == past
