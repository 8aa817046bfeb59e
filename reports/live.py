"""Live coverage: what the figures would be now, kept current institution by institution, for signed-in users only."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Sum
from django.utils import timezone

from curricula.models import Period
from institutions.locks import consistent_read, one_at_a_time
from institutions.models import Generation, Heartbeat
from reports.assessing import COUNTS, GIVEN, parameters
from reports.models import LiveCoverage

BATCH = 500
WHOLE = "live coverage as a whole"

COLUMNS = "institution_id, requirement_id, region_code, kind, field_code, level, language"
CELLS = f"SELECT {COLUMNS}, {COUNTS} FROM assessed GROUP BY {COLUMNS}"

REPLACE = f"""
    {GIVEN}
    INSERT INTO reports_livecoverage
        ({COLUMNS}, in_scope, met, not_met, no_data, exempt, period_id, computed_at)
    SELECT cells.*, %(period)s, %(as_at)s FROM ({CELLS}) AS cells
"""

# Cells that stand on one side only, of institutions that are said to be current.
DISAGREEING = f"""
    {GIVEN}, computed AS ({CELLS}), stored AS (
        SELECT {COLUMNS}, in_scope, met, not_met, no_data, exempt FROM reports_livecoverage
        WHERE period_id = %(period)s AND institution_id = ANY(%(institutions)s)
    )
    SELECT DISTINCT institution_id FROM (
        (SELECT * FROM computed EXCEPT SELECT * FROM stored)
        UNION ALL (SELECT * FROM stored EXCEPT SELECT * FROM computed)
    ) AS differing
"""


def refresh(*, everything: bool = False) -> int:
    """Recompute what is stale, or everything, as rules come into effect by the day; returns how many institutions.

    Work grows with the number of changed institutions, not with the country. What changes meanwhile stays stale,
    because only the generation that was read is marked as computed. Raises Busy if another process is at it.
    """
    refreshed = 0
    with one_at_a_time("live", 0, wait=False):
        period = Period.objects.current()
        waiting = Generation.objects.all() if everything else Generation.objects.stale()
        numbers = list(waiting.order_by("stale_since").values_list("pk", flat=True))
        for start in range(0, len(numbers), BATCH):
            refreshed += _refresh(period, numbers[start : start + BATCH])
    return refreshed


def _refresh(period: Period | None, institutions: list[int]) -> int:
    with consistent_read():
        seen = dict(Generation.objects.filter(pk__in=institutions).values_list("pk", "generation"))
        LiveCoverage.objects.filter(institution__in=institutions).delete()
        if period is not None:
            with connection.cursor() as cursor:
                given = parameters(period=period, as_at=database_clock(), institutions=institutions)
                cursor.execute(REPLACE, given)
    # After the commit, not inside it: a change that comes in between must neither wait nor be lost. A kill here
    # leaves the scope stale, and it is computed again.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE institutions_generation AS g SET computed = seen.generation,
                stale_since = CASE WHEN g.generation = seen.generation THEN g.stale_since ELSE clock_timestamp() END
            FROM (SELECT unnest(%s::bigint[]) AS institution_id, unnest(%s::bigint[]) AS generation) AS seen
            WHERE g.institution_id = seen.institution_id AND g.computed < seen.generation
            """,
            [list(seen), list(seen.values())],
        )
    return len(seen)


def database_clock() -> datetime:
    """Decisions bear the database's time; by a worker's clock that is behind, the last of them would lie ahead."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def is_whole_today() -> bool:
    """Whether everything has been recomputed since midnight: rules and exemptions come into effect by the day."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Heartbeat.objects.filter(name=WHOLE, beat_at__gte=midnight).exists()


def note_whole() -> None:
    Heartbeat.objects.update_or_create(name=WHOLE, defaults={"beat_at": timezone.now()})


def disagreements() -> list[int]:
    """Institutions whose live figures are said to be current and differ from a full recomputation."""
    with consistent_read():
        period = Period.objects.current()
        current = list(Generation.objects.filter(generation=F("computed")).values_list("pk", flat=True))
        if period is None or not current:
            return []
        with connection.cursor() as cursor:
            given = parameters(period=period, as_at=database_clock(), institutions=current)
            cursor.execute(DISAGREEING, given)
            return [number for (number,) in cursor.fetchall()]


def coverage(
    *, period: Period, by: str | None = None, institutions: Iterable[int] | None = None
) -> list[dict[str, Any]]:
    """Live counts of each requirement, in all or by a column ("region_code", "kind", "field_code", "level", ...)."""
    rows = LiveCoverage.objects.filter(period=period)
    if institutions is not None:
        rows = rows.filter(institution__in=institutions)
    groups = ["requirement", *([by] if by else [])]
    sums = {name: Sum(name) for name in ("in_scope", "met", "not_met", "no_data", "exempt")}
    return list(rows.values(*groups).annotate(**sums).order_by(*groups))


def stale_since(institution_id: int | None = None) -> datetime | None:
    """The earliest moment since which live figures (of one institution) wait to be updated, None if they are true."""
    stale = Generation.objects.stale()
    if institution_id is not None:
        stale = stale.filter(pk=institution_id)
    return stale.order_by("stale_since").values_list("stale_since", flat=True).first()
