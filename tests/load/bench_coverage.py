"""Benchmarks `coverage_full`, `snapshot` and `verify`: a national recompute, against bare SQL and a loop over objects.

`coverage_full` is the statement of `snapshots.take`, less the fingerprint: every assessment, all coverage and all
indicators, from history, into tables with their keys, checks and guards. `snapshot` is all of `take`: the fingerprint
of the inputs as well, the locks, the request and its bookkeeping.
The floor of both is the same rows, kept as durably, by the barest SQL over the per-version sums: today's tables only,
without history, written for this one requirement, into tables without key, check or guard; `run` refuses to measure if
a row differs. The peer goes through programmes, versions and lines as objects and adds up in Python, as most do.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, transaction

from curricula.models import CurriculumVersion, Period, Programme
from institutions.locks import consistent_read
from reports import snapshots, verifying
from reports.assessing import parameters
from reports.fingerprints import FINGERPRINT
from reports.live import database_clock
from reports.models import Requirement, Snapshot
from tests.load.measuring import in_turns, timed

FLOOR = [
    """CREATE TABLE floor_assessment AS
    SELECT p.institution_id, p.id AS programme_id, v.id AS version_id,
        CASE WHEN e.programme_id IS NOT NULL THEN 'exempt' WHEN v.id IS NULL THEN 'no_data'
            WHEN coalesce(lines, 0) >= 1 THEN 'met' ELSE 'not_met' END AS outcome,
        coalesce(lines, 0) AS lines, coalesce(credits, 0) AS credits,
        region.code AS region_code, i.kind, field.code AS field_code, p.level, p.language, v.students,
        p.is_ai_dedicated
    FROM curricula_programme p
    JOIN institutions_institution i ON i.id = p.institution_id
    JOIN institutions_region region ON region.id = i.region_id
    JOIN curricula_field d ON d.id = p.direction_id JOIN curricula_field field ON field.id = d.parent_id
    LEFT JOIN curricula_curriculumversion v ON v.programme_id = p.id AND v.period_id = %(period)s
        AND v.state = 'approved' AND v.valid_to IS NULL
    LEFT JOIN (SELECT version_id, sum(lines) AS lines, sum(credits) AS credits FROM curricula_aisum
        GROUP BY version_id) sums ON sums.version_id = v.id
    LEFT JOIN reports_exemption e ON e.programme_id = p.id AND e.revoked_at IS NULL
        AND current_date BETWEEN e.starts_on AND e.ends_on
    WHERE i.kind <> 'planned' AND p.active_from <= %(ends_on)s
        AND (p.active_to IS NULL OR p.active_to >= %(starts_on)s)""",
    """CREATE TABLE floor_coverage AS
    SELECT CASE GROUPING(region_code, a.institution_id, field_code, level, a.kind, language)
            WHEN 63 THEN 'nation' WHEN 31 THEN 'region' WHEN 47 THEN 'institution' WHEN 55 THEN 'field'
            WHEN 59 THEN 'level' WHEN 61 THEN 'kind' WHEN 62 THEN 'language' WHEN 27 THEN 'region,level'
            WHEN 57 THEN 'kind,level' ELSE 'field,level' END AS dimension,
        concat_ws(',', region_code, CASE WHEN GROUPING(a.institution_id) = 0 THEN max(i.code) END, field_code,
            a.kind, level, language) AS key,
        count(*), count(*) FILTER (WHERE outcome = 'met') AS met,
        count(*) FILTER (WHERE outcome = 'not_met') AS not_met,
        count(*) FILTER (WHERE outcome = 'no_data') AS no_data, count(*) FILTER (WHERE outcome = 'exempt') AS exempt
    FROM floor_assessment a JOIN institutions_institution i ON i.id = a.institution_id
    GROUP BY GROUPING SETS ((), (region_code), (a.institution_id), (field_code), (a.kind), (level),
        (language), (region_code, level), (a.kind, level), (field_code, level))""",
    """CREATE TABLE floor_indicator AS
    WITH own AS (
        SELECT institution_id, count(*) AS programmes, count(*) FILTER (WHERE is_ai_dedicated) AS dedicated,
            count(*) FILTER (WHERE outcome <> 'exempt') AS mandated, count(*) FILTER (WHERE outcome = 'met') AS meeting,
            count(*) FILTER (WHERE outcome = 'no_data') AS missing, count(version_id) AS taught, sum(lines) AS lines,
            coalesce(sum(students), 0) AS students,
            coalesce(sum(students) FILTER (WHERE outcome = 'met'), 0) AS reached,
            count(*) FILTER (WHERE students IS NULL) AS silent
        FROM floor_assessment GROUP BY institution_id
    ), parts AS (
        SELECT region.code AS region_code, i.kind, i.code, part.* FROM institutions_institution i
        JOIN institutions_region region ON region.id = i.region_id
        LEFT JOIN own ON own.institution_id = i.id
        LEFT JOIN curricula_submission s ON s.institution_id = i.id AND s.period_id = %(period)s
            AND s.state = 'approved' AND s.valid_to IS NULL,
        LATERAL (VALUES
            ('institutions_with_ai', (coalesce(lines, 0) > 0)::int::bigint, 1, (coalesce(taught, 0) = 0)::int::bigint),
            ('programmes_meeting_mandate', coalesce(meeting, 0), coalesce(mandated, 0), coalesce(missing, 0)),
            ('ai_programmes', coalesce(dedicated, 0), coalesce(programmes, 0), 0),
            ('institutions_with_ai_programmes', (coalesce(dedicated, 0) > 0)::int, 1, 0),
            ('faculty_trained', coalesce(faculty_trained, 0), coalesce(faculty_total, 0), (faculty_total IS NULL)::int),
            ('students_reached', coalesce(reached, 0), coalesce(students, 0), coalesce(silent, 0)),
            ('institutions_reported', EXISTS (SELECT 1 FROM curricula_submission r
                WHERE r.institution_id = i.id AND r.period_id = %(period)s)::int, 1, 0)
        ) AS part (indicator, numerator, denominator, missing)
        WHERE i.kind <> 'planned'
    )
    SELECT indicator, CASE GROUPING(region_code, kind, code)
            WHEN 7 THEN 'nation' WHEN 3 THEN 'region' WHEN 5 THEN 'kind' ELSE 'institution' END AS dimension,
        coalesce(region_code, kind, code, '') AS key,
        sum(numerator) AS numerator, sum(denominator) AS denominator, sum(missing) AS missing
    FROM parts GROUP BY GROUPING SETS ((indicator), (indicator, region_code), (indicator, kind), (indicator, code))""",
]


def newest_period() -> Period:
    return Period.objects.latest("code")


def requested(period: Period) -> int:
    """A snapshot to take; asking for one is another's work, who rings a bell besides."""
    return Snapshot.objects.create(period=period).pk


RECOMPUTE = snapshots.TAKE.replace(FINGERPRINT, "SELECT ''")


def recompute(snapshot_id: int, period: Period) -> None:
    given = parameters(period=period, as_at=database_clock())
    with consistent_read(), connection.cursor() as cursor:
        cursor.execute(RECOMPUTE, {"snapshot": snapshot_id, **given})
        transaction.set_rollback(True)  # as that of the floor


def floor(period: Period, same_as: Snapshot | None = None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in FLOOR:
            cursor.execute(
                statement, {"period": period.pk, "starts_on": period.starts_on, "ends_on": period.ends_on}
            )
        if same_as:
            assert_same_rows(same_as)
        transaction.set_rollback(True)  # the tables are written, log and all, and gone again


def assert_same_rows(snapshot: Snapshot) -> None:
    """A floor that yields other rows would measure something else."""
    names = {
        "coverage": ("dimension, key, in_scope, met, not_met, no_data, exempt", "floor_coverage"),
        "indicator": ("indicator, dimension, key, numerator, denominator, missing", "floor_indicator"),
        "assessment": ("institution_id, programme_id, version_id, outcome, ai_disciplines, ai_credits", ""),
    }
    with connection.cursor() as cursor:
        for table, (columns, other) in names.items():
            theirs = f"SELECT * FROM {other}" if other else (
                "SELECT institution_id, programme_id, version_id, outcome, lines, credits FROM floor_assessment"
            )  # fmt: skip
            stored = f"SELECT {columns} FROM reports_{table} WHERE snapshot_id = %s"
            cursor.execute(
                f"SELECT count(*) FROM (({stored} EXCEPT {theirs}) UNION ALL ({theirs} EXCEPT {stored})) AS d",
                [snapshot.pk, snapshot.pk],
            )
            differing = cursor.fetchone()[0]
            if differing:
                raise AssertionError(f"{differing} rows of {table} differ between ours and the floor")


def peer(period: Period) -> dict[tuple[str, str], dict[str, int]]:
    """What is written where nobody thought of sets: a query for the version and one for the lines of each programme."""
    requirement = Requirement.objects.latest("number")
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for programme in Programme.objects.select_related("institution__region", "direction__parent"):
        version = CurriculumVersion.objects.filter(
            programme=programme, period=period, state="approved", valid_to=None
        ).first()
        accepted = [
            line
            for line in (version.lines.all() if version else [])
            if line.ai_category in requirement.categories and line.component in requirement.components
        ]
        enough = (
            len(accepted) >= requirement.min_disciplines
            and sum(line.credits for line in accepted) >= requirement.min_credits
        )
        outcome = "no_data" if version is None else "met" if enough else "not_met"
        institution, parent = programme.institution, programme.direction.parent
        for key in (
            ("nation", ""), ("region", institution.region.code), ("institution", institution.code),
            ("kind", institution.kind), ("level", programme.level), ("language", programme.language),
            ("field", parent.code if parent else ""),
        ):  # fmt: skip
            counts[key][outcome] += 1
    return counts


ROUNDS = {"": 15, "_10x": 7}


def run(suffix: str) -> Iterator[dict[str, Any]]:
    """Measurements of the database that the settings name; the peer and verification take too long for a large one."""
    period = newest_period()
    floor(period, same_as=snapshots.take(requested(period)))  # and plans and pages are warm for both
    asked: list[int] = []

    def against_the_floor(ours: Callable[[], object]) -> dict[str, Any]:
        return in_turns(
            ours,
            lambda: floor(period),
            rounds=ROUNDS.get(suffix, 3),
            before=lambda: asked.append(requested(period)),
        )

    full = against_the_floor(lambda: recompute(asked[-1], period))
    if not suffix:
        peer_s = timed(lambda: peer(period))
        full |= {"peer_s": round(peer_s, 2), "peer_ratio": round(peer_s / full["ours_s"])}
    yield {"name": f"coverage_full{suffix}"} | full | {"programmes": Programme.objects.count()}
    yield {"name": f"snapshot{suffix}"} | against_the_floor(lambda: snapshots.take(asked[-1]))
    if suffix in ROUNDS:
        snapshot = Snapshot.objects.get(pk=asked[-1])
        rounds = 1 if suffix else 5
        verify = in_turns(lambda: verifying.differences(snapshot), lambda: floor(period), rounds=rounds)
        yield {"name": f"verify{suffix}"} | verify
