"""What is ahead: how many programmes a target still takes, which are nearest, and when the pace meets it."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from curricula.models import Period
from institutions.models import Institution
from reports import figures, snapshots
from reports.figures import Counts
from reports.models import Release, Requirement, Snapshot, Target
from reports.outlook import (
    FEWEST_POINTS,
    Forecast,
    comparable,
    forecast,
    nearest,
    needed,
    next_target,
    outlook,
)
from reports.pictures import as_drawn, over_time
from tests.factories import make_programme, make_version
from tests.rules import make_exemption, make_requirement

shares = st.fractions(0, 1)
counts = st.builds(Counts, *[st.integers(0, 50)] * 4)


@given(counts, shares)
def test_needed_is_the_fewest_that_are_enough(found: Counts, share: Fraction) -> None:
    further = needed(found, share)
    assert found.met + further >= share * found.counted
    assert further == 0 or found.met + further - 1 < share * found.counted
    assert found.met + further <= found.counted or not further


def months(*percents: int) -> list[tuple[date, Fraction]]:
    """A point every thirty days."""
    return [
        (date(2026, 1, 1) + timedelta(days=30 * place), Fraction(percent, 100))
        for place, percent in enumerate(percents)
    ]


def test_a_steady_pace_is_told_to_the_day_and_without_doubt() -> None:
    met = date(2026, 1, 1) + timedelta(days=30 * 6)
    assert forecast(months(10, 20, 30, 40), Fraction(7, 10)) == Forecast(met, met, met)


def test_an_uneven_pace_gives_an_interval_around_what_is_expected() -> None:
    told = forecast(months(10, 22, 28, 41, 52, 55), Fraction(8, 10))
    assert told is not None
    assert told.latest is not None
    assert told.earliest < told.expected < told.latest


@pytest.mark.parametrize(
    "percents",
    [(), (10,), (10, 20, 30), (40, 30, 20, 10), (10, 10, 10, 10)],
    ids=["nothing", "one", "three", "falling", "standing"],
)
def test_where_there_is_too_little_to_tell_nothing_is_told(percents: tuple[int, ...]) -> None:
    assert forecast(months(*percents), Fraction(8, 10)) is None


def test_one_release_that_fell_out_of_line_does_not_turn_the_pace() -> None:
    """The least squares of the same points would say a third less."""
    told = forecast(months(10, 20, 2, 40, 50, 60), Fraction(7, 10))
    assert told is not None
    assert told.expected == date(2026, 1, 1) + timedelta(days=30 * 6)


def test_how_late_it_may_be_is_not_told_where_the_slowest_pace_is_none() -> None:
    told = forecast(months(30, 30, 29, 45), Fraction(8, 10))
    assert told is not None
    assert told.latest is None


def test_only_the_last_eighteen_months_count() -> None:
    old = [(date(2020, 1, 1), Fraction(9, 10)), (date(2020, 2, 1), Fraction(1, 10))]
    recent = months(10, 20, 30, 40)
    assert forecast([*old, *recent], Fraction(7, 10)) == forecast(recent, Fraction(7, 10))
    assert forecast([*old, *recent[1:]], Fraction(7, 10)) is None
    assert len(recent) == FEWEST_POINTS


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 100)), max_size=8, unique_by=lambda point: point[0]),
    shares,
)  # fmt: skip
def test_a_forecast_never_comes_before_its_data_and_its_interval_is_in_order(
    drawn: list[tuple[int, int]], target: Fraction
) -> None:
    points = [(date(2026, 1, 1) + timedelta(days=day), Fraction(share, 100)) for day, share in sorted(drawn)]
    told = forecast(points, target)
    if told is not None:
        assert points[-1][0] <= told.earliest <= told.expected <= (told.latest or date.max)


def make_series(*points: tuple[int, int, int], period: str = "2025", rule: int = 1) -> list[figures.Standing]:
    """Unsaved releases: day, met, no data, of a hundred programmes."""
    return [
        figures.Standing(
            Release(
                number=day,
                snapshot=Snapshot(
                    period=Period(code=period), as_at=timezone.now() - timedelta(days=1000 - day)
                ),
            ),
            Counts(met=met, not_met=100 - met - silent, no_data=silent),
            rule,
        )
        for day, met, silent in points
    ]


def test_releases_of_a_collection_under_way_are_no_points_of_the_pace() -> None:
    """A new year begins with nobody's data; that fall and rise is not what is taught."""
    last_year = make_series((100, 40, 10), (200, 50, 5))
    this_year = make_series((300, 10, 85), (320, 30, 60), (400, 60, 8), (500, 70, 5), period="2026")
    assert [share * 100 for _day, share in comparable([*last_year, *this_year])] == [40, 50, 60, 70]
    target = Target(due_on=date(2030, 1, 1), share=Decimal("0.9"))
    assert outlook([*last_year, *this_year], target) is not None
    assert outlook([*last_year, *this_year, *make_series((600, 5, 90))], target) is None


def test_other_rules_begin_another_series() -> None:
    old = make_series((100, 40, 0), (200, 50, 0), (300, 60, 0))
    new = make_series((400, 30, 0), (500, 40, 0), rule=2)
    assert len(comparable([*old, *new])) == 2
    assert outlook([*old, *new], Target(due_on=date(2030, 1, 1), share=Decimal(1))) is None


@pytest.mark.usefixtures("english")
def test_no_line_and_no_sentence_leads_from_old_rules_to_others() -> None:
    old = make_series((100, 10, 0), (200, 20, 0))
    new = make_series((400, 60, 0), (500, 70, 0), rule=2)
    assert [point.anew for point in as_drawn([*old, *new])] == [False, False, True, False]
    assert "The rules changed between the two releases" in as_drawn([*old, *new])[2].detail
    assert "grown from 60% to 70%" in over_time([*old, *new], []).heading
    assert over_time([*old, *new[:1]], []).heading == "One release so far: the series begins here"
    picture = over_time([*old, *new], [])
    assert [row.rules for row in picture.rows] == [2, 2, 1, 1]  # newest first
    line = picture.specify([])["layer"][0]
    assert (line["mark"]["type"], line["encoding"]["detail"]["field"]) == ("line", "rules")
    methodology = make_series((600, 80, 0))
    methodology[0].release.snapshot.methodology_version = 2
    assert [point.anew for point in as_drawn([*new, *methodology])] == [False, False, True]


def test_the_next_target_is_the_first_that_is_not_over() -> None:
    plan = [Target(due_on=date(2026, 9, 1)), Target(due_on=date(2027, 9, 1))]
    assert next_target(plan, date(2026, 1, 1)) is plan[0]
    assert next_target(plan, date(2026, 9, 1)) is plan[1]
    assert next_target(plan, date(2030, 1, 1)) is plan[1]
    assert next_target([], date(2026, 1, 1)) is None


LINES = {
    "nothing": ({"ai_category": "none"},),
    "one": ({"ai_category": "applied"},),
    "two": ({"ai_category": "applied"}, {"ai_category": "core", "component": "elective", "credits": 3}),
}


@pytest.mark.django_db
def test_those_that_lack_least_come_first_and_the_silent_last(
    period: Period, institution: Institution
) -> None:
    rule = make_requirement(min_disciplines=3, min_credits=9)
    for place, lines in enumerate(("nothing", "two", "one")):
        programme = make_programme(institution, code=f"6B0610{place}")
        make_version(programme, period=period, state="approved", lines=LINES[lines])
    make_programme(institution, code="6B06107")
    make_exemption(make_programme(institution, code="6B06108"))
    taken = snapshots.take(snapshots.request(period=period).pk)
    found = nearest(taken.assessments.select_related("programme"), rule, 9)
    assert [one.programme.code[-1] for one in found] == ["1", "2", "0", "7"]


def test_pages_say_what_the_target_takes_and_which_programmes_are_nearest(
    client: Client, release: Release
) -> None:
    rule = Requirement.objects.get()
    names = {f"name_{language}": "Three in four" for language in ("kk", "ru", "en")}
    due = timezone.localdate() + timedelta(days=300)
    Target.objects.create(requirement_code=rule.code, due_on=due, share=Decimal("0.75"), **names)
    shown = " ".join(client.get("/en/").content.decode().split())
    assert "is 2 programmes away" in shown
    assert "<strong>can&#x27;t be told</strong>" in shown
    shown = " ".join(client.get("/en/institutions/kaznu/").content.decode().split())
    assert "<strong>2</strong> more programmes have to meet the mandate" in shown
    assert "No date can be told" in shown
    assert "Nearest to the mandate" in shown
    assert shown.index("6B06102", shown.index("Nearest to")) < shown.index(
        "7M06103", shown.index("Nearest to")
    )
