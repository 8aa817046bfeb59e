"""How figures read."""

from datetime import date
from fractions import Fraction

import pytest
from django.utils.translation import override

from reports.outlook import Forecast
from reports.wording import DASH, headline, moved, pace, part, percent, signed, swing, trend


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (None, DASH),
        (Fraction(0), "0%"),
        (Fraction(1), "100%"),
        (Fraction(1, 1000), "under 1%"),
        (Fraction(9999, 10000), "over 99%"),
        (Fraction(995, 1000), "over 99%"),
        (Fraction(125, 1000), "12%"),
        (Fraction(135, 1000), "14%"),
        (Fraction(10142, 13004), "78%"),
    ],
)
def test_all_and_none_are_only_said_when_they_are_true(share: Fraction | None, expected: str) -> None:
    with override("en"):
        assert percent(share) == expected


def test_a_part_without_a_whole_is_a_dash() -> None:
    with override("en"):
        assert part(0, 0) == DASH
        assert part(0, 5) == "0 of 5"


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (None, "No programme is in scope yet"),
        (Fraction(0), "No programme meets the mandate yet"),
        (Fraction(1, 50), "Hardly any programme meets the mandate yet"),
        (Fraction(74, 100), "About three in four programmes meet the mandate"),
        (Fraction(52, 100), "About half of the programmes meet the mandate"),
        (Fraction(99, 100), "Nearly every programme meets the mandate"),
        (Fraction(1), "Every programme meets the mandate"),
    ],
)
def test_the_headline_says_what_the_share_is(share: Fraction | None, expected: str) -> None:
    with override("en"):
        assert headline(share) == expected


def test_a_move_is_told_in_points_and_only_between_two_figures() -> None:
    with override("en"):
        assert moved(Fraction(55, 100), Fraction(52, 100)) == "up 3 points"
        assert moved(Fraction(52, 100), Fraction(53, 100)) == "down 1 point"
        assert moved(Fraction(52, 100), Fraction(52, 100)) == "unchanged"
        assert moved(Fraction(52, 100), None) == ""


JULY, JANUARY = date(2025, 7, 1), date(2026, 1, 1)
SOON, LATE = Forecast(date(2026, 9, 1), JANUARY, None), Forecast(date(2029, 1, 1), JANUARY, None)
NEVER = Forecast(date(2040, 1, 1), JANUARY, None)


@pytest.mark.parametrize(
    ("shares", "due", "ahead", "expected"),
    [
        ([30], date(2027, 9, 1), None, "One release so far"),
        ([30, 30], date(2027, 9, 1), None, "Coverage is not growing"),
        ([30, 60], date(2027, 9, 1), SOON, "fast enough: at this pace the target is met in September 2026"),
        ([30, 40], date(2026, 12, 1), LATE, "met only in January 2029"),
        ([30, 31], date(2026, 12, 1), NEVER, "far too slowly"),
        ([30, 100], date(2026, 12, 1), None, "The target is met"),
        ([30, 60], date(2027, 9, 1), None, "from 30% to 60% since July 2025"),
        ([30, 60], None, SOON, "from 30% to 60% since July 2025"),
    ],
)
def test_the_series_is_summed_up_honestly(
    shares: list[int], due: date | None, ahead: Forecast | None, expected: str
) -> None:
    points = [(day, Fraction(share, 100)) for day, share in zip((JULY, JANUARY), shares, strict=False)]
    with override("en"):
        assert expected in trend(points, due, Fraction(1), ahead)


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (None, "No date can be told"),
        (
            Forecast(date(2027, 6, 1), date(2027, 3, 1), date(2027, 8, 9)),
            "between March 2027 and August 2027.",
        ),
        (Forecast(date(2027, 6, 9), date(2027, 6, 1), date(2027, 6, 20)), "the target is met in June 2027."),
        (Forecast(date(2027, 6, 1), date(2027, 3, 1), None), "June 2027, in March 2027 at the earliest"),
    ],
)
def test_a_pace_is_told_with_what_is_uncertain_about_it(ahead: Forecast | None, expected: str) -> None:
    with override("en"):
        assert expected in pace(ahead)


def test_a_change_has_a_sign_and_is_not_netted() -> None:
    with override("en"):
        assert (signed(1200), signed(-3), signed(0)) == ("+1\xa0200", "−3", "0")
    assert (swing(30, 10), swing(0, 2), swing(0, 0)) == ("+30 −10", "−2", "0")
