"""Benchmarks `coverage_incremental` and `rebuild_history`: what one change costs, and what three years cost.

`coverage_incremental`: a programme's outcome has changed; ours brings its institution and the counts of all dimensions
up to date. The floor is the least that any way of keeping a figure current needs: one row updated by its key and
committed, through the same connection. The peer counts the whole country anew, as most projects do.

`rebuild_history`: every snapshot of the database made again from history and compared, cell by cell; the floor is
taking one snapshot.
"""

import resource
import time
from collections.abc import Callable
from datetime import date
from statistics import median
from typing import Any

from django.db import connection, transaction

from curricula.models import Period
from institutions.models import Generation, User
from reports import live, snapshots
from reports.models import Exemption, LiveAssessment, Snapshot
from tests.load.bench_coverage import timed


class Change:
    """Turns the outcome of one programme to and fro: it is excused from the requirement, and no longer."""

    def __init__(self) -> None:
        self.row = (
            LiveAssessment.objects.exclude(outcome="exempt").select_related("requirement").latest("programme")
        )
        self.by = User.objects.filter(is_staff=True).first() or User.objects.latest("pk")
        self.exemption: Exemption | None = None

    def __call__(self) -> None:
        if self.exemption:
            Exemption.objects.filter(pk=self.exemption.pk).update(revoked_at=live.database_clock())
            self.exemption = None
            return
        self.exemption = Exemption.objects.create(
            institution_id=self.row.institution_id, programme_id=self.row.programme_id, decided_by=self.by,
            requirement_code=self.row.requirement.code, reason="benchmark", decided_at=live.database_clock(),
            starts_on=date(2000, 1, 1), ends_on=date(2100, 1, 1),
        )  # fmt: skip


def floor(institution: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE institutions_generation SET changed_at = clock_timestamp() WHERE institution_id = %s",
            [institution],
        )


def incremental(name: str, *, rounds: int = 100) -> dict[str, Any]:
    live.rebuild()
    change = Change()
    pairs = []
    for _ in range(rounds):
        change()
        pairs.append((timed(live.refresh), timed(lambda: floor(change.row.institution_id))))
    assert live.disagreements() == []
    ours_s, floor_s = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    peer_s = timed(live.rebuild)
    return {
        "name": name,
        "ours_s": round(ours_s, 5),
        "floor_s": round(floor_s, 5),
        "ratio": round(median(pair[0] / pair[1] for pair in pairs), 2),
        "peer_s": round(peer_s, 3),
        "peer_ratio": round(peer_s / ours_s),
        "institutions": Generation.objects.count(),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def burst(name: str, *, approvals: int = 1000) -> dict[str, Any]:
    """A thousand changes before the worker looks: the same as one, and a row for each institution that they touch."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE institutions_generation SET generation = generation + 10"
            " WHERE institution_id IN (SELECT institution_id FROM institutions_generation LIMIT %s)",
            [approvals // 10],
        )
    return {"name": name, "ours_s": round(timed(live.refresh), 4), "changes": approvals, "floor_s": None}


def history(name: str, *, snapshots_a_year: int = 4, years: int = 3) -> dict[str, Any]:
    """Snapshots as at so many moments of three years, then all of them rebuilt."""
    taken = take_years(snapshots_a_year * years)
    take: Callable[[], Snapshot] = lambda: snapshots.take(snapshots.request(period=taken[-1].period).pk)  # noqa: E731
    one_s = median(timed(take) for _ in range(5))
    began = time.perf_counter()
    for snapshot in taken:
        rebuilt = snapshots.rebuild(snapshot)
        assert rebuilt.agrees, rebuilt.differences[:5]
    ours_s = time.perf_counter() - began
    return {
        "name": name,
        "ours_s": round(ours_s, 3),
        "floor_s": round(one_s, 4),
        "ratio": round(ours_s / one_s, 2),
        "peer_s": None,
        "snapshots": len(taken),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def take_years(number: int) -> list[Snapshot]:
    periods = list(Period.objects.order_by("code"))
    newest = live.database_clock()
    moments = [
        newest - (newest - newest.replace(year=newest.year - 3)) * place / number for place in range(number)
    ]
    return [
        snapshots.take(snapshots.request(period=period_at(periods, moment), as_at=moment).pk)
        for moment in reversed(moments)
    ]


def period_at(periods: list[Period], moment: Any) -> Period:
    opened = [period for period in periods if period.opens_on <= moment.date()]
    return opened[-1] if opened else periods[0]


def run(suffix: str) -> list[dict[str, Any]]:
    results = [incremental(f"coverage_incremental{suffix}"), burst(f"coverage_burst{suffix}")]
    return results + ([] if suffix else [history("rebuild_history")])
