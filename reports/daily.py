"""Days: what live coverage was at the end of each day, so that the ministry sees how it moves.

A day that is over is counted from history, by the same statement as any figure as at a moment, and kept: it can't
change any more. A worker does it in its first round of the day; days that were missed are counted then.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from django.db import connection
from django.utils import timezone

from curricula.models import Period
from institutions.locks import consistent_read, one_at_a_time
from institutions.moments import fixed_moment
from reports import live
from reports.assessing import COUNTS, GIVEN, OUTCOMES, parameters
from reports.figures import Counts
from reports.models import LiveDay, Release, Requirement

# So many days before today are kept; older ones are told by releases.
KEPT = 14
DAYS = "live coverage day by day"
A_WEEK = timedelta(days=7)

COUNTED = f"""
    {GIVEN}
    SELECT requirement_id, {COUNTS} FROM assessed GROUP BY requirement_id
"""


def end_of(day: date) -> datetime:
    """The last moment of a day in the country's time."""
    return timezone.make_aware(datetime.combine(day, time.max))


def keep_days() -> int:
    """Count the days of the current period that are over and not kept yet; how many. A day without rules has no row.

    Raises Busy if another process is at it.
    """
    with one_at_a_time("live days", 0, wait=False):
        return _keep_missing()


def _keep_missing() -> int:
    period = Period.objects.current()
    if period is None:
        return 0
    today = timezone.localdate()
    days = {today - timedelta(days=back) for back in range(1, KEPT + 1)}
    kept = set(LiveDay.objects.filter(period=period, day__in=days).values_list("day", flat=True))
    missing = sorted(day for day in days - kept if day >= period.opens_on)
    for day in missing:
        keep(period=period, day=day)
    return len(missing)


def keep(*, period: Period, day: date) -> None:
    """Count a day that is over, and keep it."""
    with fixed_moment():
        pass  # whoever read the clock before midnight has committed now: what is counted here never changes again
    with consistent_read(), connection.cursor() as cursor:
        cursor.execute(COUNTED, parameters(period=period, as_at=end_of(day)))
        rows = [
            LiveDay(period=period, day=day, requirement_id=number, **dict(zip(OUTCOMES, counts, strict=True)))
            for number, *counts in cursor.fetchall()
        ]
        LiveDay.objects.bulk_create(rows, ignore_conflicts=True)


@dataclass(frozen=True)
class Course:
    """One requirement now, its days before, oldest first, and what the newest release of the period said."""

    requirement: Requirement
    now: Counts
    days: list[tuple[date, Counts]]
    released: tuple[Release, Counts] | None

    @property
    def week_ago(self) -> tuple[date, Counts] | None:
        """The day a week before today, or the earliest one that is kept since."""
        since = timezone.localdate() - A_WEEK
        return next((one for one in self.days if one[0] >= since), None)

    @property
    def shares(self) -> list[Fraction]:
        every = [*(counts for _day, counts in self.days), self.now]
        return [counts.share for counts in every if counts.share is not None]


def courses(period: Period) -> list[Course]:
    """Of each requirement in effect; five queries."""
    now = {row["requirement"]: Counts.of(row) for row in live.coverage(period=period)}
    rules = Requirement.objects.in_bulk(now)
    days: dict[int, list[tuple[date, Counts]]] = {key: [] for key in now}
    for row in _days(period, now):
        days[row.requirement_id].append((row.day, Counts.of(row)))
    release = Release.objects.published().filter(snapshot__period=period).order_by("-number").first()
    released = _released(release)
    return [
        Course(
            rules[key], counts, days[key], (release, released[key]) if release and key in released else None
        )
        for key, counts in now.items()
        if key in rules
    ]


def _days(period: Period, requirements: Iterable[int]) -> Iterable[LiveDay]:
    since = timezone.localdate() - timedelta(days=KEPT)
    rows = LiveDay.objects.filter(period=period, requirement__in=list(requirements), day__gte=since)
    return rows.order_by("day")


def _released(release: Release | None) -> dict[int, Counts]:
    if release is None:
        return {}
    cells = release.snapshot.coverage.filter(dimension="nation")
    return {cell.requirement_id: Counts.of(cell) for cell in cells}
