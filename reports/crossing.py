"""Coverage by any combination of dimensions, of a release or as at any past moment: counted when asked for.

What snapshots keep are the dimensions that people look at; this counts the rest by the same words of SQL, from the
assessments of a snapshot or from history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from curricula.models import Period
from institutions.wall import beyond
from reports.assessing import COLUMN, COUNTS, GIVEN, parameters
from reports.figures import Counts
from reports.models import Snapshot

PARTS = tuple(COLUMN)


COUNTED = f"""
    {{assessed}}
    SELECT rule.code, concat_ws(',', {{key}}) AS key, sum(met), sum(not_met), sum(no_data), sum(exempt)
    FROM (SELECT {{grouped}}, institution_id AS own, {COUNTS} FROM assessed GROUP BY {{grouped}}, own) AS counted
    JOIN reports_requirement AS rule ON rule.id = requirement_id
    JOIN institutions_institution AS named ON named.id = own
    GROUP BY rule.code, rule.number, 2 ORDER BY rule.code COLLATE "C", rule.number, 2
"""


@dataclass(frozen=True)
class Cell:
    """Counts of one requirement for one combination of keys, in the order of `PARTS`."""

    requirement: str
    key: str
    counts: Counts


def in_order(by: Sequence[str]) -> list[str]:
    return [part for part in PARTS if part in by]


def crossed(snapshot: Snapshot, by: Sequence[str]) -> list[Cell]:
    """Of a snapshot, from its assessments."""
    assessed = "WITH assessed AS (SELECT * FROM reports_assessment WHERE snapshot_id = %(snapshot)s)"
    return _counted(assessed, {"snapshot": snapshot.pk}, by)


def crossed_as_at(moment: datetime, by: Sequence[str], *, period: Period) -> list[Cell]:
    """As at a past moment, from history: what a snapshot of that moment has, without keeping it."""
    with beyond("counts of all universities, which whoever asks has found to be public"):
        return _counted(GIVEN, parameters(period=period, as_at=moment), by)


def period_of(moment: datetime) -> Period | None:
    """The period that was collected at the moment: the newest that had opened."""
    return Period.objects.filter(opens_on__lte=timezone.localtime(moment).date()).order_by("-code").first()


def _counted(assessed: str, given: dict[str, Any], by: Sequence[str]) -> list[Cell]:
    columns = [COLUMN[part] for part in in_order(by)]
    grouped = ", ".join(["requirement_id", *columns])
    key = ", ".join(
        ["NULL", *("named.code" if name == "institution_id" else f"counted.{name}" for name in columns)]
    )
    statement = COUNTED.format(assessed=assessed, grouped=grouped, key=key)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10s'")
        cursor.execute(statement, given)
        return [Cell(code, key, Counts(*map(int, counts))) for code, key, *counts in cursor.fetchall()]
