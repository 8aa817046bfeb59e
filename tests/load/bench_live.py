"""Benchmarks `coverage_incremental` and `rebuild_history`: what one change costs, and what three years cost.

`coverage_incremental`: a programme's outcome has changed; ours brings its institution and the counts of all dimensions
up to date. The floor is the least that any way of keeping a figure current needs: one row updated by its key and
committed, through the same connection. The peer counts the whole country anew, as most projects do.

`rebuild_history`: every snapshot of the database made again from history and compared, cell by cell; the floor is
taking one snapshot.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection, transaction

from curricula.models import Period
from institutions.models import Generation, User
from reports import live, snapshots
from reports.models import Exemption, LiveAssessment, Snapshot
from tests.load.bench_coverage import requested
from tests.load.measuring import in_turns, timed


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


def incremental(name: str) -> dict[str, Any]:
    live.rebuild()
    change = Change()
    result = in_turns(live.refresh, lambda: floor(change.row.institution_id), rounds=200, before=change)
    assert live.disagreements() == []
    peer_s = timed(live.rebuild)
    return {
        "name": name,
        **result,
        "peer_s": round(peer_s, 3),
        "peer_ratio": round(peer_s / result["ours_s"]),
        "institutions": Generation.objects.count(),
    }


def burst(name: str, *, approvals: int = 1000) -> dict[str, Any]:
    """A thousand changes before the worker looks: the same as one, and a row for each institution that they touch."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE institutions_generation SET generation = generation + 10, programmes = NULL"
            " WHERE institution_id IN (SELECT institution_id FROM institutions_generation LIMIT %s)",
            [approvals // 10],
        )
    return {"name": name, "ours_s": round(timed(live.refresh), 4), "changes": approvals, "floor_s": None}


def history(*, snapshots_a_year: int = 4, years: int = 3) -> Iterator[dict[str, Any]]:
    """Snapshots as at so many moments of three years, then all of them rebuilt."""
    taken = take_years(snapshots_a_year * years)

    def rebuilt() -> None:
        for snapshot in taken:
            again = snapshots.rebuild(snapshot)
            assert again.agrees, again.differences[:5]

    asked: list[int] = []
    result = in_turns(
        rebuilt,
        lambda: snapshots.take(asked[-1]),
        rounds=5,
        before=lambda: asked.append(requested(taken[-1].period)),
    )
    yield {"name": "rebuild_history", **result, "snapshots": len(taken)}


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


def run(suffix: str) -> Iterator[dict[str, Any]]:
    yield incremental(f"coverage_incremental{suffix}")
    yield burst(f"coverage_burst{suffix}")
