"""What is ahead: what the next target would take, and when the present pace meets it.

The arithmetic is pure: counts and fractions, no clock. docs/methodology.md has its formulas with examples.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import ceil, isqrt
from statistics import median
from typing import Any

from django.utils import timezone

from reports.figures import Counts, Edition, Standing, as_at
from reports.models import Assessment, Outcome, Requirement, Target

WINDOW = timedelta(days=548)  # 18 months
FEWEST_POINTS = 4
REPORTED_AT_LEAST = Fraction(4, 5)
FARTHEST = 36_525  # days: beyond a century a date says nothing


def next_target(plan: Sequence[Target], day: date) -> Target | None:
    """The next phase of the plan that is not over, else the last."""
    return next((target for target in plan if target.due_on > day), plan[-1] if plan else None)


# What it would take


def needed(counts: Counts, share: Fraction) -> int:
    """The fewest further programmes that must meet the requirement for at least this share of the denominator."""
    return max(ceil(share * counts.counted) - counts.met, 0)


@dataclass(frozen=True)
class Needed:
    """Further programmes that must meet the requirement: in the nation, and at each university by its code."""

    share: Fraction
    nation: int
    institutions: dict[str, int]

    def most(self, number: int) -> list[tuple[str, int]]:
        """The universities where most are needed."""
        lacking = [(code, count) for code, count in self.institutions.items() if count]
        return sorted(lacking, key=lambda entry: (-entry[1], entry[0]))[:number]


def needed_everywhere(edition: Edition, target: Target) -> Needed:
    """From the counts that the edition holds; no query. Each university's own share is to reach the target."""
    share = Fraction(target.share)
    institutions = {code: needed(counts, share) for code, counts in edition.by("institution").items()}
    return Needed(share, needed(edition.nation, share), institutions)


def nearest(programmes: Iterable[Assessment], requirement: Requirement, number: int) -> list[Assessment]:
    """Those that lack least to meet the requirement: fewest disciplines, then fewest credits; without data last."""

    def lacks(one: Assessment) -> tuple[Any, ...]:
        return (
            one.outcome == Outcome.NO_DATA,
            max(requirement.min_disciplines - one.ai_disciplines, 0),
            max(requirement.min_credits - one.ai_credits, Decimal(0)),
            -one.ai_credits,
        )

    lacking = (one for one in programmes if one.outcome in (Outcome.NOT_MET, Outcome.NO_DATA))
    return sorted(lacking, key=lacks)[:number]


# When


@dataclass(frozen=True)
class Forecast:
    """When the pace of the last 18 months meets a target: expected, and the days between which it falls 4 times of 5.

    `latest` is None where even that interval holds no growth.
    """

    expected: date
    earliest: date
    latest: date | None


def forecast(points: Sequence[tuple[date, Fraction]], target: Fraction) -> Forecast | None:
    """By the median of the slopes between all pairs of points (Theil and Sen), from the newest point on.

    None where there is too little to tell: fewer than four points in the window, or no growth.
    """
    recent = list({day: (day, share) for day, share in points if day > points[-1][0] - WINDOW}.values())
    slopes = sorted(
        (later - earlier) / (day - before).days for (before, earlier), (day, later) in combinations(recent, 2)
    )
    pace = median(slopes) if slopes else Fraction(0)
    if len(recent) < FEWEST_POINTS or pace <= 0:
        return None
    last, share = recent[-1]
    slowest, fastest = _interval(slopes, len(recent))
    expected, earliest = reached(last, share, target, pace), reached(last, share, target, fastest)
    if expected is None or earliest is None:
        return None
    return Forecast(expected, earliest, reached(last, share, target, slowest))


def _interval(slopes: Sequence[Fraction], points: int) -> tuple[Fraction, Fraction]:
    """The slopes between which the true one lies four times of five (Sen 1968): by rank, from the variance of Kendall's
    S, n (n - 1) (2 n + 5) / 18, with z = 1.2816; in integers, rounded to the wider side."""
    variance = Fraction(points * (points - 1) * (2 * points + 5), 18)
    spread = isqrt(int(variance * Fraction(16425, 10000))) + 1
    rank = min(max((len(slopes) - spread) // 2, 1), len(slopes))
    return slopes[rank - 1], slopes[-rank]


def reached(last: date, share: Fraction, target: Fraction, pace: Fraction) -> date | None:
    """The first day on which a share growing by `pace` a day is at the target; None for never, or not in a century."""
    if share >= target:
        return last
    days = ceil((target - share) / pace) if pace > 0 else FARTHEST + 1
    return last + timedelta(days=days) if days <= FARTHEST else None


def comparable(series: Sequence[Standing]) -> list[tuple[date, Fraction]]:
    """The points of a series that one pace can be read from: the newest rules only, and only when most had reported.

    A year's collection begins with nobody's data: until four in five of the programmes that count have some, a share
    tells how far the collection is and not what is taught.
    """
    return [
        (timezone.localtime(as_at(point.release)).date(), point.counts.share)
        for point in series
        if point.counts.share is not None and mostly_reported(point.counts) and same_rules(point, series[-1])
    ]


def mostly_reported(counts: Counts) -> bool:
    """Whether four in five of the programmes that count have data."""
    return bool(counts.counted) and Fraction(counts.met + counts.not_met, counts.counted) >= REPORTED_AT_LEAST


def same_rules(one: Standing, other: Standing) -> bool:
    """Whether two points of a series follow the same version of the requirement and of the methodology."""
    return (one.requirement_id, one.release.snapshot.methodology_version) == (
        other.requirement_id,
        other.release.snapshot.methodology_version,
    )


def outlook(series: Sequence[Standing], target: Target | None) -> Forecast | None:
    """When a series meets a target; None where that is met already, or nothing can be told."""
    points = comparable(series)
    if target is None or not points or points[-1][1] >= target.share:
        return None
    # If the newest release itself can't be compared, the pace of older ones is not the present pace.
    if points[-1][0] != timezone.localtime(as_at(series[-1].release)).date():
        return None
    return forecast(points, Fraction(target.share))


@dataclass(frozen=True)
class Phase:
    """A target of the plan, and where a series stands on it: how many programmes it lacks, whether its day is over,
    when a release first showed it reached, and when the present pace meets it."""

    target: Target
    needed: int
    is_over: bool
    first_reached: date | None
    ahead: Forecast | None

    @property
    def is_reached(self) -> bool:
        return not self.needed


def phases(plan: Sequence[Target], series: Sequence[Standing]) -> list[Phase]:
    """Every target of the plan as at the newest point; none where there is nothing to divide by."""
    if not series or not series[-1].counts.counted:
        return []
    shares = [(timezone.localtime(as_at(point.release)).date(), point.counts.share) for point in series]
    return [
        Phase(
            target=target,
            needed=needed(series[-1].counts, Fraction(target.share)),
            is_over=target.due_on <= shares[-1][0],
            first_reached=next(
                (day for day, share in shares if share is not None and share >= target.share), None
            ),
            ahead=outlook(series, target),
        )
        for target in plan
    ]
