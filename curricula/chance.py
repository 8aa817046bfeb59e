"""The arithmetic of samples: which are drawn by a seed, and what a sample says of the whole. Without a database.

The draw (docs/sampling.md says it for those who want to repeat it by hand):

1. Every curriculum gets a lot: SHA-256, in hexadecimal, of `<seed>:<its number>`.
2. All stand in a row, by part (stratum) and within a part by lot.
3. The row is cut into as many equal stretches as the sample has places. Where in the first stretch one begins says
   the seed, too: the first 16 digits of SHA-256 of `<seed>`, as a share of one. From there every stretch gives one.

So every curriculum has the same chance, a part gives its share to the nearest whole number, and nothing is rounded.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import comb

WHOLE = 16**16
# Of a hundred intervals made like this, at least 95 hold the truth: each side errs in at most one of forty.
ERRS_ONE_IN = 40


@dataclass(frozen=True)
class Drawn:
    key: int
    stratum: str


def lot(seed: str, key: int) -> str:
    return sha256(f"{seed}:{key}".encode()).hexdigest()


def in_a_row(population: Iterable[tuple[int, str]], *, seed: str) -> list[tuple[int, str]]:
    return sorted(population, key=lambda one: (one[1].encode(), lot(seed, one[0]), one[0]))


def draw(population: Iterable[tuple[int, str]], *, size: int, seed: str) -> list[Drawn]:
    """`size` of the (key, stratum) pairs, in the order in which they stand in the row."""
    row = in_a_row(population, seed=seed)
    if not 0 < size <= len(row):
        raise ValueError("a sample has at least one place and at most as many as there are curricula")
    start = int(sha256(seed.encode()).hexdigest()[:16], 16)
    places = [(start + place * WHOLE) * len(row) // (size * WHOLE) for place in range(size)]
    return [Drawn(*row[place]) for place in places]


@dataclass(frozen=True)
class Interval:
    """Between how many of the whole have the property, both ends included."""

    low: int
    high: int
    of: int

    @property
    def low_share(self) -> Fraction:
        return Fraction(self.low, self.of)

    @property
    def high_share(self) -> Fraction:
        return Fraction(self.high, self.of)


def interval(*, found: int, size: int, population: int) -> Interval:
    """What `found` of a sample of `size` says of the whole, with at least 95 % confidence, in whole numbers.

    Exact, by the hypergeometric distribution: those numbers of the whole under which neither so many nor so few
    would be a surprise of less than one in forty. A sample of all is the truth itself.
    """
    missing = size - found
    return Interval(
        low=_fewest(found, size=size, population=population),
        high=population - _fewest(missing, size=size, population=population),
        of=population,
    )


def _fewest(found: int, *, size: int, population: int) -> int:
    """The smallest number of the whole under which at least `found` in the sample are no surprise."""

    def is_likely(whole: int) -> bool:
        cases, possible = at_least(found, whole, size=size, population=population)
        return cases * ERRS_ONE_IN > possible

    return _first(found, population - (size - found), is_likely)


def at_least(found: int, whole: int, *, size: int, population: int) -> tuple[int, int]:
    """In how many of all possible samples are at least `found`, if `whole` of the population have the property."""
    others = population - whole
    start = max(found, size - others)
    if start > size:
        return 0, comb(population, size)
    term = comb(whole, start) * comb(others, size - start)
    total = 0
    for count in range(start, min(whole, size) + 1):
        total += term
        term = term * (whole - count) * (size - count) // ((count + 1) * (others - size + count + 1))
    return total, comb(population, size)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The smallest number for which it holds; it holds for all from there on, and for `high`."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
