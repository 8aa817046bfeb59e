"""Where a university stands among its peers: right by hand, true for any shares, never where it can't be told."""

from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from institutions.models import Institution
from reports import figures
from reports.figures import Counts
from reports.peers import FEWEST, Peers, among, groups, similar
from reports.placing import quarter
from tests.factories import make_institution, make_region
from tests.reports.releases import make_country, make_release

shares = st.lists(st.integers(0, 20), min_size=FEWEST, max_size=40)


def peers_of(numbers: list[Fraction], own: Fraction) -> Peers:
    return Peers("nation", "", own, tuple(sorted(numbers)))


@pytest.mark.parametrize(
    ("own", "expected"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3), (7, 4), (8, 4)]
)
def test_of_eight_two_stand_in_each_quarter(own: int, expected: int) -> None:
    everyone = [Fraction(number, 10) for number in range(1, 9)]
    found = peers_of(everyone, Fraction(own, 10))
    assert found.quarter == expected
    assert found.median == Fraction(9, 20)
    assert found.middle == (Fraction(3, 10), Fraction(6, 10))


@given(shares, st.integers(0, FEWEST - 1))
def test_the_quarter_never_contradicts_the_median_or_the_middle_half(
    twentieths: list[int], mine: int
) -> None:
    numbers = [Fraction(number, 20) for number in twentieths]
    own = numbers[mine]
    found = peers_of(numbers, own)
    below, above = sum(one < own for one in numbers), sum(one > own for one in numbers)
    assert found.median == median(numbers)
    assert found.middle is not None
    low, high = found.middle
    if found.quarter == 1:
        assert own <= low
        assert above >= Fraction(3, 4) * len(numbers)
    elif found.quarter == 4:
        assert own >= high
        assert below >= Fraction(3, 4) * len(numbers)
    elif found.quarter:
        assert low <= own <= high
        assert own <= found.median if found.quarter == 2 else own >= found.median
    else:
        assert found.level, "only those that are level with others can't be told a quarter"


def test_of_few_nothing_is_said() -> None:
    found = peers_of([Fraction(1, 2)] * (FEWEST - 1), Fraction(1, 2))
    assert (found.median, found.middle, found.quarter) == (None, None, None)


@pytest.mark.parametrize(
    ("tenths", "own", "expected"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], 0, "in the lowest quarter"),
        ([0, 1, 2, 3, 4, 5, 6, 7], 3, "in the quarter below the median"),
        ([0, 1, 2, 3, 4, 5, 6, 7], 4, "in the quarter above the median"),
        ([0, 1, 2, 3, 4, 5, 6, 7, 8], 4, "at the median"),
        ([10] * 9 + [0], 10, "at the median"),
        ([0] * 4 + [9] * 8, 0, "level with 3 others"),
        ([0, 1, 2], 1, "too few to compare with"),
    ],
)
def test_only_what_can_be_told_is_said(tenths: list[int], own: int, expected: str, english: None) -> None:
    assert quarter(peers_of([Fraction(one, 10) for one in tenths], Fraction(own, 10))) == expected


def test_one_without_a_share_stands_nowhere_and_stands_in_nobodys_way() -> None:
    silent, whole = Counts(exempt=3), Counts(met=1)
    assert among("fields", "", silent, [silent, whole]) == []
    [found] = among("fields", "", whole, [silent, whole])
    assert found.shares == (Fraction(1),)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [(10, 20, True), (10, 21, False), (20, 10, True), (1, 1, True), (4, 9, False)],
)
def test_a_peer_in_size_has_half_to_twice_as_many_programmes(one: int, other: int, expected: bool) -> None:
    assert similar(Counts(met=one), Counts(not_met=other)) is expected


@pytest.mark.django_db
def test_peers_are_those_of_the_moment_of_the_release() -> None:
    kaznu = make_institution(code="kaznu", kind="national")
    elsewhere = make_institution(code="elsewhere", kind="national", region=make_region("KZ-75"))
    alike = make_institution(code="alike", kind="private")
    make_country(
        (kaznu, "6B06101", "met"),
        (kaznu, "6B06102", "not_met"),
        (elsewhere, "6B06101", "met"),
        *((alike, f"6B0610{number}", "not_met") for number in range(1, 6)),
    )
    release = make_release()
    Institution.objects.filter(code="kaznu").update(kind="private", region=make_region("KZ-75"))
    found = groups(figures.edition(release, ("institution",)), "kaznu")
    half, none, whole = Fraction(1, 2), Fraction(0), Fraction(1)
    assert [(one.group, one.key, one.shares) for one in found] == [
        ("nation", "", (none, half, whole)),
        ("kind", "national", (half, whole)),
        ("region", "KZ-71", (none, half)),
        ("size", "", (half, whole)),
    ]
