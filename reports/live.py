"""Live coverage: what the figures would be now, kept current change by change, for signed-in users only.

Of each programme the outcome now is kept, and of each key of each dimension the counts. What changed says which
institutions to look at (`Generation`); their outcomes are assessed anew, and what differs is added to the counts and
taken off them. So the work grows with what changed, never with the country.
"""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection, transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from curricula.models import Period
from institutions.locks import consistent_read, one_at_a_time
from institutions.models import Generation, Heartbeat
from reports.assessing import COVERAGE, GIVEN, GIVEN_SOME, OUTCOMES, dimensions_of, parameters
from reports.models import LiveAssessment, LiveCoverage, Outcome

# So many institutions in one transaction: whoever changes one of them waits until it ends.
BATCH = 50
# So few are found by indexes, in a plan that is made once for a connection; more are worth a plan of their own.
FEW = 20

WHOLE = "live coverage as a whole"
DIFFERED = "live coverage differed"

COLUMNS = (
    "institution_id, programme_id, requirement_id, outcome, region_code, kind, field_code, level, language"
)
COUNTED = ", ".join(OUTCOMES)
SUMMED = "sum(sign) AS in_scope, " + ", ".join(
    f"coalesce(sum(sign) FILTER (WHERE outcome = '{outcome}'), 0) AS {outcome}" for outcome in OUTCOMES[1:]
)
ADDED = ", ".join(f"{name} = live.{name} + delta.{name}" for name in OUTCOMES)

DONE = """UPDATE institutions_generation SET computed = generation
        WHERE institution_id = ANY(%(institutions)s::bigint[])"""

# One statement, so that outcomes and counts never part: `changed` has what is not so any more with the sign -1, and
# what has become so with the sign 1.
APPLY = f"""
    {GIVEN_SOME}, changed AS (
        SELECT {COLUMNS}, period_id, sum(sign)::int AS sign FROM (
            SELECT {COLUMNS}, %(period)s::bigint AS period_id, 1 AS sign FROM assessed
            UNION ALL
            SELECT {COLUMNS}, period_id, -1 FROM reports_liveassessment
            WHERE institution_id = ANY(%(institutions)s::bigint[])
        ) AS both_sides
        GROUP BY {COLUMNS}, period_id HAVING sum(sign) <> 0
    ), gone AS (
        DELETE FROM reports_liveassessment AS old USING changed
        WHERE sign = -1 AND old.institution_id = changed.institution_id
            AND old.programme_id = changed.programme_id AND old.requirement_id = changed.requirement_id
            AND (changed.programme_id, changed.requirement_id) NOT IN (
                SELECT programme_id, requirement_id FROM changed WHERE sign = 1)
    ), come AS (
        INSERT INTO reports_liveassessment AS old ({COLUMNS}, period_id)
        SELECT {COLUMNS}, period_id FROM changed WHERE sign = 1
        ON CONFLICT (institution_id, programme_id, requirement_id) DO UPDATE SET outcome = EXCLUDED.outcome,
            region_code = EXCLUDED.region_code, kind = EXCLUDED.kind, field_code = EXCLUDED.field_code,
            level = EXCLUDED.level, language = EXCLUDED.language, period_id = EXCLUDED.period_id
    ), delta AS MATERIALIZED (
        SELECT period_id, requirement_id, cell.dimension, cell.key, {SUMMED}
        FROM changed JOIN institutions_institution AS named ON named.id = institution_id,
            LATERAL (VALUES {dimensions_of("changed", code="named.code")}) AS cell (dimension, key)
        GROUP BY period_id, requirement_id, cell.dimension, cell.key
    ), added AS (
        UPDATE reports_livecoverage AS live SET {ADDED} FROM delta
        WHERE live.period_id = delta.period_id AND live.requirement_id = delta.requirement_id
            AND live.dimension = delta.dimension AND live.key = delta.key
        RETURNING live.period_id, live.requirement_id, live.dimension, live.key
    ), done AS (
        {DONE}
    )
    INSERT INTO reports_livecoverage (period_id, requirement_id, dimension, key, {COUNTED})
    SELECT period_id, requirement_id, dimension, key, {COUNTED} FROM delta
    WHERE NOT EXISTS (SELECT 1 FROM added WHERE added.period_id = delta.period_id
        AND added.requirement_id = delta.requirement_id
        AND added.dimension = delta.dimension AND added.key = delta.key)
"""

# The oldest first, and the database's clock: decisions bear its time, and by a worker's that is behind the last of them
# would lie ahead. Rows that a change holds at this moment are left out: it is not committed, and will ring. The setting
# holds until the transaction ends, and spares planning what is prepared, which takes three times as long as the work.
CLAIM = """
    SELECT institution_id, clock_timestamp(), set_config('plan_cache_mode', 'force_generic_plan', true) FROM (
        SELECT institution_id FROM institutions_generation
        WHERE {which} ORDER BY stale_since LIMIT %s FOR UPDATE {waiting}
    ) AS claimed
"""


def refresh(*, everything: bool = False, gather: float = 0) -> int:
    """Bring what is stale up to date, or everything, as rules come into effect by the day; how many institutions.

    With `gather` it waits so many seconds first: of a thousand approvals in a row all that come meanwhile are one
    recomputation. Raises Busy if another process is at it. That one looks again when it is done, so no bell is answered
    in vain.
    """
    refreshed = 0
    while True:
        with one_at_a_time("live", 0, wait=False):
            if gather and Generation.objects.stale().exists():
                time.sleep(gather)
            period = Period.objects.current()
            if everything:
                refreshed += _refresh_all(period)
                everything = False
            found = BATCH
            while found == BATCH:
                found = _refresh(period, which="generation <> computed")
                refreshed += found
        # What was changed while the lock was held has rung already, and was told that somebody is at it.
        if not found or not Generation.objects.stale().exists():
            return refreshed


def _refresh_all(period: Period | None) -> int:
    """Every institution; those that are being changed last, once the change has ended."""
    numbers = list(Generation.objects.order_by("pk").values_list("pk", flat=True))
    for waiting in ("SKIP LOCKED", ""):
        missed = []
        for start in range(0, len(numbers), BATCH):
            some = numbers[start : start + BATCH]
            claimed = _refresh(
                period, which=f"institution_id IN ({', '.join(map(str, some))})", waiting=waiting
            )
            missed += some if claimed < len(some) else []
        numbers = missed
    return Generation.objects.count()


def _refresh(period: Period | None, *, which: str, waiting: str = "SKIP LOCKED") -> int:
    """Some institutions, in one transaction that holds their generations: whatever changes them comes after.

    The generations are held before the statement that reads, and each statement reads what is committed by then, so
    what was counted includes all that the generation counts.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM.format(which=which, waiting=waiting), [BATCH])
        claimed = cursor.fetchall()
        numbers = [row[0] for row in claimed]
        if claimed and period is not None:
            _apply(parameters(period=period, as_at=claimed[-1][1], institutions=numbers))
        elif claimed:
            cursor.execute(DONE, {"institutions": numbers})
    return len(claimed)


def _apply(given: dict[str, Any]) -> None:
    if len(given["institutions"]) > FEW:
        with connection.cursor() as cursor:
            cursor.execute(APPLY, given)
    else:
        connection.connection.prepare_threshold = 0  # Django's own cursors prepare nothing, whatever it is
        psycopg.Cursor(connection.connection).execute(APPLY, given, prepare=True)


def rebuild() -> None:
    """Forget what was kept, and count everything anew."""
    with one_at_a_time("live", 0), transaction.atomic():
        LiveAssessment.objects.all().delete()
        LiveCoverage.objects.all().delete()
    refresh(everything=True)


def database_clock() -> datetime:
    """Decisions bear the database's time; by a worker's clock that is behind, the last of them would lie ahead."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def is_whole_today() -> bool:
    """Whether everything has been recomputed since midnight: rules and exemptions come into effect by the day."""
    return is_noted_today(WHOLE)


def is_noted_today(name: str) -> bool:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Heartbeat.objects.filter(name=name, beat_at__gte=midnight).exists()


def note(name: str) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})


# What stands on one side only. Outcomes of institutions that wait to be updated are no disagreement. Counts are
# compared with the outcomes that are kept, with which they change; what was counted down to nothing is not there.
EITHER_SIDE = """
    (SELECT 'is not stored', cell::text FROM (SELECT * FROM computed EXCEPT SELECT * FROM stored) AS cell LIMIT 100)
    UNION ALL
    (SELECT 'is stored only', cell::text FROM (SELECT * FROM stored EXCEPT SELECT * FROM computed) AS cell LIMIT 100)
"""
OUTCOMES_DIFFERING = f"""
    {GIVEN}, current AS (SELECT institution_id FROM institutions_generation WHERE generation = computed),
    computed AS (SELECT {COLUMNS}, %(period)s::bigint FROM assessed JOIN current USING (institution_id)),
    stored AS (SELECT {COLUMNS}, period_id FROM reports_liveassessment JOIN current USING (institution_id))
    {EITHER_SIDE}
"""
COUNTS_DIFFERING = f"""
    WITH assessed AS (SELECT * FROM reports_liveassessment WHERE period_id = %(period)s),
    computed AS (SELECT requirement_id, dimension, key, {COUNTED}, %(period)s::bigint FROM ({COVERAGE}) AS counted),
    stored AS (
        SELECT requirement_id, dimension, key, {COUNTED}, period_id FROM reports_livecoverage WHERE in_scope > 0
    )
    {EITHER_SIDE}
"""


def disagreements() -> list[str]:
    """Outcomes and counts that are said to be current and differ from a full recomputation, as text."""
    with consistent_read():
        period = Period.objects.current()
        if period is None:
            return []
        given = parameters(period=period, as_at=database_clock())
        found = []
        with connection.cursor() as cursor:
            for statement in (OUTCOMES_DIFFERING, COUNTS_DIFFERING):
                cursor.execute(statement, given)
                found += [f"{cell} {sign}" for sign, cell in cursor.fetchall()]
    return found


DIMENSION = {
    "region_code": "region",
    "kind": "kind",
    "field_code": "field",
    "level": "level",
    "language": "language",
}
TALLY = {outcome.value: Count("programme", filter=Q(outcome=outcome)) for outcome in Outcome}


def coverage(
    *, period: Period, by: str | None = None, institutions: Iterable[int] | None = None
) -> list[dict[str, Any]]:
    """Live counts of each requirement, in all or by a column ("region_code", "kind", "field_code", "level", ...).

    Of the country a row a key is read; of some institutions their programmes are counted.
    """
    groups = ["requirement", *([by] if by else [])]
    if institutions is not None:
        rows = LiveAssessment.objects.filter(period=period, institution__in=institutions)
        return list(rows.values(*groups).annotate(in_scope=Count("programme"), **TALLY).order_by(*groups))
    cells = LiveCoverage.objects.filter(
        period=period, dimension=DIMENSION[by] if by else "nation", in_scope__gt=0
    )
    if by:
        cells = cells.annotate(**{by: F("key")})
    return list(cells.order_by(*groups).values(*groups, *OUTCOMES))


def stale_since(institution_id: int | None = None) -> datetime | None:
    """The earliest moment since which live figures (of one institution) wait to be updated, None if they are true."""
    stale = Generation.objects.stale()
    if institution_id is not None:
        stale = stale.filter(pk=institution_id)
    return stale.order_by("stale_since").values_list("stale_since", flat=True).first()
