"""Live coverage: what the figures would be now, kept current change by change, for signed-in users only.

Of each programme the outcome now is kept, and of each combination of keys the counts. What changed says which
programmes to look at (`Generation`); these are assessed anew, and what differs is added to the counts and taken off
them. So the work grows with what changed, never with the country.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from curricula.models import Period
from institutions import wall
from institutions.guards import MOST_PROGRAMMES
from institutions.locks import consistent_read, keys_of
from institutions.models import Generation, Heartbeat
from reports.assessing import (
    COUNTS,
    GIVEN,
    OF_PROGRAMMES,
    OF_SOME,
    OUTCOMES,
    SOME,
    SOME_PROGRAMMES,
    parameters,
)
from reports.models import LiveAssessment, LiveCoverage, Outcome

# So many institutions in one transaction, with few changes and as a whole: whoever changes one waits until it ends.
FEW = 20
BATCH = 50

WHOLE = "live coverage as a whole"
DIFFERED = "live coverage differed"

KEYS = "requirement_id, region_code, kind, field_code, level, language"
COLUMNS = f"institution_id, programme_id, {KEYS}, outcome"
COUNTED = ", ".join(OUTCOMES)
SUMMED = "sum(sign) AS in_scope, " + ", ".join(
    f"coalesce(sum(sign) FILTER (WHERE outcome = '{outcome}'), 0) AS {outcome}" for outcome in OUTCOMES[1:]
)
ADDED = ", ".join(f"{name} = live.{name} + EXCLUDED.{name}" for name in OUTCOMES)

CELL = f"period_id, {KEYS}"

ALONE = f"SELECT pg_advisory_xact_lock({', '.join(map(str, keys_of('live')))})"


def _applied(given: str, chosen: str) -> str:
    """Behind `seen`, the institutions with the generations up to which is computed: outcomes and counts at once.

    `changed` has what is not so any more with the sign -1, and what has become so with the sign 1.
    """
    return f"""{given}, changed AS MATERIALIZED (
        SELECT {COLUMNS}, period_id, sum(sign)::int AS sign FROM (
            SELECT {COLUMNS}, %(period)s::bigint AS period_id, 1 AS sign FROM assessed
            UNION ALL
            SELECT {COLUMNS}, period_id, -1 FROM reports_liveassessment WHERE true {chosen}
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
    ), counted AS (
        INSERT INTO reports_livecoverage AS live ({CELL}, {COUNTED})
        SELECT {CELL}, {SUMMED} FROM changed GROUP BY {CELL}
        ON CONFLICT ({CELL}) DO UPDATE SET {ADDED}
    ), done AS (
        UPDATE institutions_generation AS held SET computed = seen.generation
        FROM seen WHERE held.institution_id = seen.institution_id
    )"""


# What `assessing.parameters` gives, by the clock of the database: decisions bear its time, and by a worker's that is
# behind the last of them would lie ahead. Read after the statement has fixed what it sees: all of that lies before.
AT = f"""
    SELECT moment, day, period.id AS period, starts_on, ends_on
    FROM (SELECT clock_timestamp() AS moment) AS clock,
        LATERAL (SELECT (moment AT TIME ZONE '{settings.TIME_ZONE}')::date AS day) AS calendar
        LEFT JOIN LATERAL (
            SELECT id, starts_on, ends_on FROM curricula_period WHERE opens_on <= day ORDER BY code DESC LIMIT 1
        ) AS period ON true
"""
NOW = {name: f"(SELECT {name} FROM at)" for name in ("period", "starts_on", "ends_on", "day")} | {
    "as_at": "(SELECT moment FROM at)",
    "institutions": "ARRAY(SELECT institution_id FROM seen)",
    "programmes": "ARRAY(SELECT unnest(programmes) FROM seen)",
}

# A few programmes of a few institutions, claimed, assessed and counted in one statement without parameters, which is
# planned once for a connection: the plan takes ten times as long as the work. All is read, the counters too, as of the
# instant at which it begins, and computed up to there: what is committed meanwhile has counted further, and comes next.
# A change that is under way holds its institution's row, which is left out; one that comes later waits. Whoever had to
# wait for the lock began to read before the other was done, so what has been computed since then is left out as well.
REFRESH_FEW = f"""
    WITH alone AS MATERIALIZED ({ALONE}), at AS MATERIALIZED ({AT}), oldest AS MATERIALIZED (
        SELECT institution_id, generation, computed, programmes FROM alone, institutions_generation
        WHERE generation <> computed AND cardinality(programmes) <= {MOST_PROGRAMMES} ORDER BY stale_since LIMIT {FEW}
    ), seen AS MATERIALIZED (
        SELECT oldest.* FROM oldest JOIN institutions_generation AS held USING (institution_id, computed)
        FOR NO KEY UPDATE OF held SKIP LOCKED
    ), waiting AS (
        SELECT FROM institutions_generation WHERE generation <> computed ORDER BY stale_since LIMIT {FEW + 1}
    ), {_applied(OF_PROGRAMMES, SOME_PROGRAMMES) % NOW}
    SELECT (SELECT count(*) FROM seen), (SELECT count(*) FROM waiting)
"""

# Institutions as a whole are claimed first, and held, and then assessed in a plan of their own.
CLAIM = f"""
    WITH alone AS MATERIALIZED ({ALONE})
    SELECT institution_id, generation, clock_timestamp() FROM alone, institutions_generation
    WHERE {{which}} ORDER BY stale_since LIMIT {BATCH} FOR NO KEY UPDATE OF institutions_generation {{waiting}}
"""
REFRESH_WHOLE = f"""
    WITH seen AS (
        SELECT * FROM unnest(%(institutions)s::bigint[], %(generations)s::bigint[]) AS seen (institution_id, generation)
    ), {_applied(OF_SOME, SOME)}
    SELECT count(*) FROM seen
"""


def refresh(*, everything: bool = False) -> int:
    """Bring what is stale up to date, or everything, as rules come into effect by the day; how many institutions."""
    refreshed = _refresh_all() if everything else 0
    while True:
        seen, waiting = _refresh_few()
        if seen < waiting:
            seen += len(_refresh_whole(which="generation <> computed"))
        refreshed += seen
        if not seen or seen == waiting <= FEW:
            return refreshed


def _refresh_few() -> tuple[int, int]:
    """How many institutions, and how many had been waiting; one more than few stands for any number."""
    wall.take_place()
    raw = connection.connection
    raw.prepare_threshold = 0  # Django's own cursors prepare nothing, whatever it is
    ((seen, waiting),) = psycopg.Cursor(raw).execute(REFRESH_FEW, prepare=True)
    return seen, waiting


def _refresh_whole(*, which: str, waiting: str = "SKIP LOCKED") -> list[int]:
    """Some institutions, in one transaction; which they were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM.format(which=which, waiting=waiting))
        claimed = cursor.fetchall()
        if not claimed:
            return []
        institutions, generations, moments = map(list, zip(*claimed, strict=True))
        period = Period.objects.current() or Period()
        given = parameters(period=period, as_at=moments[-1], institutions=institutions)
        cursor.execute(REFRESH_WHOLE, given | {"generations": generations})
    return institutions


def _refresh_all() -> int:
    """Every institution as a whole; those that are being changed last, once the change has ended."""
    numbers = list(Generation.objects.order_by("pk").values_list("pk", flat=True))
    left = numbers
    for waiting in ("SKIP LOCKED", ""):
        missed: set[int] = set()
        for start in range(0, len(left), BATCH):
            some = left[start : start + BATCH]
            which = f"institution_id IN ({', '.join(map(str, some))})"
            missed |= set(some) - set(_refresh_whole(which=which, waiting=waiting))
        left = sorted(missed)
    return len(numbers)


def rebuild() -> None:
    """Forget what was kept, and count everything anew."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ALONE)
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
    WITH computed AS (
        SELECT {KEYS}, {COUNTS}, %(period)s::bigint FROM reports_liveassessment
        WHERE period_id = %(period)s GROUP BY {KEYS}
    ), stored AS (SELECT {KEYS}, {COUNTED}, period_id FROM reports_livecoverage WHERE in_scope > 0)
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
            for what, statement in (("outcome", OUTCOMES_DIFFERING), ("count", COUNTS_DIFFERING)):
                cursor.execute(statement, given)
                found += [f"{what} {cell} {sign}" for sign, cell in cursor.fetchall()]
    return found


TALLY = {outcome.value: Count("programme", filter=Q(outcome=outcome)) for outcome in Outcome}
SUMS = {name: Sum(name) for name in OUTCOMES}


def coverage(
    *, period: Period, by: str | None = None, institutions: Iterable[int] | None = None
) -> list[dict[str, Any]]:
    """Live counts of each requirement, in all or by a column ("region_code", "kind", "field_code", "level", ...).

    Of the country its counts are summed; of some institutions their programmes are counted.
    """
    groups = ["requirement", *([by] if by else [])]
    if institutions is not None:
        rows = LiveAssessment.objects.filter(period=period, institution__in=institutions)
        return list(rows.values(*groups).annotate(in_scope=Count("programme"), **TALLY).order_by(*groups))
    cells = LiveCoverage.objects.filter(period=period).values(*groups).annotate(**SUMS)
    return list(cells.filter(in_scope__gt=0).order_by(*groups))


def stale_since(institution_id: int | None = None) -> datetime | None:
    """The earliest moment since which live figures (of one institution) wait to be updated, None if they are true."""
    stale = Generation.objects.stale()
    if institution_id is not None:
        stale = stale.filter(pk=institution_id)
    return stale.order_by("stale_since").values_list("stale_since", flat=True).first()
