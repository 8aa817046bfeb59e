"""Who improved most: only shares that can be compared, in an order that one can follow, and what was left out."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from reports.figures import Counts, Standing
from reports.headway import compared, more_or_fewer, points, programmes_gained
from reports.improving import FEWEST_PROGRAMMES, Improved, a_year_before, improvement, tells

counts = st.builds(Counts, *[st.integers(0, 40)] * 4)
cells = st.dictionaries(st.sampled_from("abcdefgh"), counts)


@given(cells, cells)
def test_only_those_are_listed_whose_share_rose_and_can_be_compared(
    was: dict[str, Counts], now: dict[str, Counts]
) -> None:
    found = improvement(was, now)
    for one in found.improved:
        assert one.was == was[one.code]
        assert one.now == now[one.code]
        assert one.now.share > one.was.share  # type: ignore[operator]
        assert tells(one.was)
        assert tells(one.now)


@given(cells, cells)
def test_every_university_with_programmes_that_count_is_compared_or_left_out(
    was: dict[str, Counts], now: dict[str, Counts]
) -> None:
    found = improvement(was, now)
    counted = {code for side in (was, now) for code, one in side.items() if one.counted}
    assert found.compared + found.left_out == len(counted)
    assert len(found.improved) <= found.compared


@given(cells, cells, st.randoms(use_true_random=False))
def test_the_order_is_of_points_and_does_not_depend_on_how_the_figures_came(
    was: dict[str, Counts], now: dict[str, Counts], random: Any
) -> None:
    found = improvement(was, now)
    gains = [one.points for one in found.improved]
    assert gains == sorted(gains, reverse=True)
    keys = sorted(now)
    random.shuffle(keys)
    assert improvement(was, {code: now[code] for code in keys}) == found


@given(cells, cells, st.integers(0, FEWEST_PROGRAMMES - 1))
def test_a_small_university_never_changes_the_list_however_far_it_jumps(
    was: dict[str, Counts], now: dict[str, Counts], size: int
) -> None:
    before = improvement(was, now)
    after = improvement({**was, "small": Counts(not_met=size)}, {**now, "small": Counts(met=size)})
    assert after.improved == before.improved
    assert after.left_out == before.left_out + bool(size)


def test_who_only_handed_in_at_last_has_not_improved() -> None:
    silent, there = Counts(met=1, not_met=9, no_data=30), Counts(met=30, not_met=10)
    assert not improvement({"a": silent}, {"a": there}).improved
    assert improvement({"a": Counts(met=1, not_met=39)}, {"a": there}).improved


def test_of_equal_points_the_one_comes_first_behind_which_more_programmes_stand() -> None:
    was = {"few": Counts(met=5, not_met=5), "many": Counts(met=50, not_met=50)}
    now = {"few": Counts(met=6, not_met=4), "many": Counts(met=60, not_met=40)}
    assert [one.code for one in improvement(was, now).improved] == ["many", "few"]


def standing(day: datetime, *, rule: int = 1, version: int = 1) -> Standing:
    release: Any = SimpleNamespace(snapshot=SimpleNamespace(as_at=day, methodology_version=version))
    return Standing(release, Counts(met=1), rule)


NOW = datetime(2026, 11, 20, tzinfo=UTC)


def ago(days: int, **over: int) -> Standing:
    return standing(NOW - timedelta(days=days), **over)


def test_the_year_is_told_from_the_release_nearest_to_it() -> None:
    series = [ago(700), ago(420), ago(340), ago(30), ago(0)]
    assert a_year_before(series) is series[2]


def test_there_is_no_year_where_no_release_is_near_enough_or_the_rules_were_others() -> None:
    assert a_year_before([]) is None
    assert a_year_before([ago(0)]) is None
    assert a_year_before([ago(200), ago(0)]) is None
    assert a_year_before([ago(365, rule=2), ago(0)]) is None
    assert a_year_before([ago(365, version=2), ago(0)]) is None


def test_the_rule_and_what_was_left_out_are_said() -> None:
    big, small = Counts(met=10, not_met=10), Counts(met=1)
    with translation.override("en"):
        said = compared(improvement({"a": big, "b": small}, {"a": big, "b": small}))
    assert "at least 10 programmes" in said
    assert "Compared: 1; left out: 1." in said


def test_what_was_gained_is_said_in_points_and_in_programmes() -> None:
    half = Improved("a", Counts(met=100, not_met=100), Counts(met=131, not_met=69))
    with translation.override("en"):
        assert (points(half), programmes_gained(half)) == ("+16 points", "+31 programmes")
        one = Improved("a", Counts(met=50, not_met=50), Counts(met=51, not_met=49))
        assert (points(one), programmes_gained(one)) == ("+1 point", "+1 programme")


def test_a_share_that_rose_never_rose_by_nothing() -> None:
    hardly = Improved("a", Counts(met=500, not_met=500), Counts(met=501, not_met=499))
    shrunk = Improved("a", Counts(met=20, not_met=20), Counts(met=18, not_met=2))
    with translation.override("en"):
        assert points(hardly) == "under 1 point"
        assert programmes_gained(shrunk) == "−2 programmes"


def test_the_heading_says_how_many_more_or_fewer_programmes_meet_the_mandate() -> None:
    with translation.override("en"):
        assert more_or_fewer(1, 7) == "1 more programme meets the mandate than in release 7"
        assert more_or_fewer(1200, 7) == "1\xa0200 more programmes meet the mandate than in release 7"
        assert more_or_fewer(-2, 7) == "2 fewer programmes meet the mandate than in release 7"
        assert more_or_fewer(0, 7) == "As many programmes meet the mandate as in release 7"
