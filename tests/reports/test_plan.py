"""The phased plan: where the nation stands on each target, in numbers and in a word."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from reports.figures import Counts, Standing
from reports.headway import expected, plan_finding, verdict
from reports.models import Release, Requirement, Target
from reports.outlook import Phase, phases

AHEAD = ("in time", "too late", "uncertain", "can't be told")
START = datetime(2026, 1, 1, tzinfo=UTC)
percents = st.lists(st.integers(0, 100), min_size=1, max_size=8)
targets = st.lists(
    st.tuples(st.integers(-100, 900), st.integers(0, 100)), max_size=4, unique_by=lambda target: target[0]
)


def series(percents: Sequence[int], counted: int = 100) -> list[Standing]:
    """A release every thirty days, of which so many of a hundred programmes meet the mandate."""
    found = []
    for place, percent in enumerate(percents):
        snapshot = SimpleNamespace(as_at=START + timedelta(days=30 * place), methodology_version=1)
        release: Any = SimpleNamespace(snapshot=snapshot)
        met = percent * counted // 100
        found.append(Standing(release, Counts(met=met, not_met=counted - met), 1))
    return found


def target(days: int, percent: int) -> Target:
    return Target(
        due_on=(START + timedelta(days=days)).date(), share=Decimal(percent) / 100, name_en=f"{percent} per cent"
    )  # fmt: skip


@given(percents, targets)
def test_a_phase_lacks_what_the_share_of_now_lacks_and_is_reached_when_it_lacks_nothing(
    found: list[int], plan: list[tuple[int, int]]
) -> None:
    told = phases([target(*one) for one in plan], series(found))
    assert [phase.needed for phase in told] == [max(percent - found[-1], 0) for _days, percent in plan]
    for phase, (_days, percent) in zip(told, plan, strict=True):
        assert phase.is_reached == (found[-1] >= percent)
        assert (phase.first_reached is None) == (max(found) < percent)
        assert phase.ahead is None or not phase.is_reached


@given(percents, targets)
def test_every_phase_has_one_word_and_a_target_of_the_past_is_reached_or_missed(
    found: list[int], plan: list[tuple[int, int]]
) -> None:
    told = phases([target(*one) for one in plan], series(found))
    with translation.override("en"):
        for phase in told:
            allowed = {"reached", "missed"} if phase.is_over else {"reached", *AHEAD}
            assert verdict(phase) in allowed
            assert bool(expected(phase)) == (phase.is_reached or phase.ahead is not None)


@pytest.mark.parametrize(
    ("days", "percent", "word", "when"),
    [
        (-10, 20, "reached", "first shown in January 2026"),
        (60, 30, "reached", "first shown in January 2026"),
        (100, 80, "missed", "in May 2026"),
        (200, 80, "in time", "in May 2026"),
        (140, 80, "too late", "in May 2026"),
    ],
)
def test_a_steady_pace_of_ten_points_a_month_is_told(days: int, percent: int, word: str, when: str) -> None:
    (phase,) = phases([target(days, percent)], series([30, 40, 50, 60, 70]))
    with translation.override("en"):
        assert (verdict(phase), expected(phase)) == (word, when)


def test_without_a_denominator_nothing_is_told() -> None:
    assert phases([target(10, 50)], []) == []
    assert phases([target(10, 50)], series([0], counted=0)) == []


def phase(percent: int, needed: int, *, is_over: bool = False) -> Phase:
    return Phase(target(0, percent), needed, is_over, None, None)


def test_the_heading_states_how_far_the_next_target_is() -> None:
    with translation.override("en"):
        assert plan_finding([phase(50, 0), phase(80, 1), phase(100, 9)]) == (
            "The next target, 80% by 1 January 2026, is 1 programme away"
        )
        assert plan_finding([phase(50, 0)]) == "Every target of the plan is reached"
        assert "9 programmes were missing" in plan_finding(
            [phase(50, 0, is_over=True), phase(80, 9, is_over=True)]
        )
        assert plan_finding([]) == "No target has been set."


@pytest.mark.django_db
def test_the_page_shows_each_phase_with_its_day_and_what_is_short(client: Client, release: Release) -> None:
    today = timezone.localdate()
    code = Requirement.objects.get().code
    for share, days in ((Decimal("0.2"), -30), (Decimal(1), 300)):
        names = {f"name_{language}": f"Phase of {share}" for language in ("kk", "ru", "en")}
        Target.objects.create(
            requirement_code=code, due_on=today + timedelta(days=days), share=share, **names
        )
    shown = " ".join(client.get("/en/").content.decode().split())
    plan = shown[shown.index('id="plan"') :]
    assert "100% by" in plan
    assert "is 2 programmes away" in plan
    assert plan.index("Phase of 0.2") < plan.index("<strong>reached</strong>") < plan.index("Phase of 1")
