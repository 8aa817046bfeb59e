"""The arithmetic of samples against what they promise: the same again, equal chances, honest intervals."""

from collections import Counter
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curricula.chance import at_least, draw, interval

populations = st.lists(
    st.tuples(st.integers(1, 10**9), st.sampled_from(["KZ-10", "KZ-71", "KZ-75"])),
    min_size=1,
    max_size=60,
    unique_by=lambda one: one[0],
)


@given(populations, st.data(), st.text(min_size=1, max_size=20))
def test_the_same_seed_draws_the_same_whatever_the_order(
    population: list[tuple[int, str]], data: st.DataObject, seed: str
) -> None:
    size = data.draw(st.integers(1, len(population)))
    drawn = draw(population, size=size, seed=seed)
    assert len({one.key for one in drawn}) == size
    assert {(one.key, one.stratum) for one in drawn} <= set(population)
    assert draw(data.draw(st.permutations(population)), size=size, seed=seed) == drawn


@given(populations, st.data(), st.text(min_size=1, max_size=20))
def test_every_part_gives_its_share_to_the_nearest_whole_numbers(
    population: list[tuple[int, str]], data: st.DataObject, seed: str
) -> None:
    size = data.draw(st.integers(1, len(population)))
    drawn = Counter(one.stratum for one in draw(population, size=size, seed=seed))
    for part, count in Counter(stratum for _key, stratum in population).items():
        share = Fraction(count * size, len(population))
        # A part in the midst of the row has stretches cut off at both of its ends.
        assert floor(share) - 1 < drawn[part] < ceil(share) + 1


def test_over_many_seeds_every_curriculum_is_drawn_as_often() -> None:
    population = [(key, "ab"[key % 3 == 0]) for key in range(30)]
    drawn = Counter(one.key for seed in range(3000) for one in draw(population, size=10, seed=str(seed)))
    assert len(drawn) == 30
    # 1000 expected of each; six times the spread of chance (26) is far out of reach of luck.
    assert all(abs(count - 1000) < 160 for count in drawn.values())


def test_a_draw_that_anybody_can_repeat_by_hand() -> None:
    """Written down once: should the method ever change, all samples of the past would seem forged."""
    drawn = draw([(key, "") for key in range(1, 101)], size=5, seed="qamtu")
    assert [one.key for one in drawn] == [85, 42, 11, 20, 33]


@pytest.mark.parametrize(("size", "found"), [(1, 0), (1, 1), (5, 3), (8, 8), (12, 0), (30, 29)])
def test_a_sample_of_all_is_the_truth(size: int, found: int) -> None:
    told = interval(found=found, size=size, population=size)
    assert (told.low, told.high) == (found, found)


@pytest.mark.parametrize(("population", "size"), [(20, 5), (30, 12), (50, 10)])
def test_whatever_the_truth_95_of_100_intervals_hold_it(population: int, size: int) -> None:
    """Not by trying, but by adding up all possible samples."""
    for whole in range(population + 1):
        right = Fraction(0)
        for found in range(max(0, size - population + whole), min(size, whole) + 1):
            told = interval(found=found, size=size, population=population)
            assert told.low <= found + (population - size)
            if told.low <= whole <= told.high:
                cases, possible = at_least(found, whole, size=size, population=population)
                more, _possible = at_least(found + 1, whole, size=size, population=population)
                right += Fraction(cases - more, possible)
        assert right >= Fraction(95, 100), whole


def test_the_interval_of_a_nation_is_quick_and_known() -> None:
    """Beside the exact binomial interval (Clopper-Pearson) of 92 of 100, 84.8 % to 96.5 %."""
    told = interval(found=92, size=100, population=13_000)
    assert Fraction(847, 1000) < told.low_share < Fraction(852, 1000)
    assert Fraction(962, 1000) < told.high_share < Fraction(966, 1000)


@pytest.mark.parametrize("size", [0, 4])
def test_no_more_is_drawn_than_there_is(size: int) -> None:
    with pytest.raises(ValueError, match="as many as there are"):
        draw([(1, ""), (2, ""), (3, "")], size=size, seed="a")
