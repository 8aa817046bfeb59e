"""Which universities improved most between two releases, by points of their share.

Shares of few programmes jump, and a share grows by itself while a collection is still going on: so only universities
are compared that have enough programmes, and data for most of them, in both releases. The arithmetic is pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from reports.figures import Counts, Standing, as_at
from reports.outlook import mostly_reported, same_rules

FEWEST_PROGRAMMES = 10
YEAR = timedelta(days=365)
ABOUT_A_YEAR = timedelta(days=100)  # releases come when they are ready, not to the day


@dataclass(frozen=True)
class Improved:
    """A university whose share rose."""

    code: str
    was: Counts
    now: Counts

    @property
    def points(self) -> Fraction:
        """The rise of its share, from 0 to 1."""
        return (self.now.share or Fraction(0)) - (self.was.share or Fraction(0))

    @property
    def programmes(self) -> int:
        """How many more meet the mandate; fewer, where others left its denominator."""
        return self.now.met - self.was.met


@dataclass(frozen=True)
class Improvement:
    """Those that improved, most first; how many universities could be compared, and how many could not."""

    improved: Sequence[Improved]
    compared: int
    left_out: int


def improvement(was: Mapping[str, Counts], now: Mapping[str, Counts]) -> Improvement:
    """Of counts by university; ties go to whom more programmes stand behind."""
    either = {code for cells in (was, now) for code, counts in cells.items() if counts.counted}
    both = [
        Improved(code, was[code], now[code])
        for code in either
        if code in was and code in now and tells(was[code]) and tells(now[code])
    ]
    return Improvement(
        sorted(
            (one for one in both if one.points > 0),
            key=lambda one: (-one.points, -one.programmes, -one.now.counted, one.code),
        ),
        compared=len(both),
        left_out=len(either) - len(both),
    )


def tells(counts: Counts) -> bool:
    """Whether a share can be compared with another: of enough programmes, most of which have data."""
    return counts.counted >= FEWEST_PROGRAMMES and mostly_reported(counts)


def a_year_before(points: Sequence[Standing]) -> Standing | None:
    """The release nearest to a year before the last one, under the same rules; None if none is near enough."""
    if not points:
        return None
    day = as_at(points[-1].release) - YEAR
    near = [
        point
        for point in points[:-1]
        if abs(as_at(point.release) - day) <= ABOUT_A_YEAR and same_rules(point, points[-1])
    ]
    return min(near, key=lambda point: abs(as_at(point.release) - day), default=None)
