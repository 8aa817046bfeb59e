"""Benchmarks `coverage_full` and `verify`: a national snapshot, against bare SQL and against a loop over objects.

Ours is `snapshots.take`: every assessment, all coverage, all indicators and the fingerprint, guarded and committed.
The floor is the same rows by the barest SQL over the per-version sums: today's state only, no scope, no validity, no
exemptions, into temporary tables without a key. The peer goes through programmes, versions and lines as objects and
adds up in Python, as most projects do.
"""

import resource
import time
from collections import defaultdict
from collections.abc import Callable
from statistics import median
from typing import Any

from django.db import connection, transaction

from curricula.models import CurriculumVersion, Period, Programme
from reports import snapshots, verifying
from reports.models import Requirement, Snapshot

FLOOR = [
    """CREATE TEMP TABLE floor_assessment ON COMMIT DROP AS
    SELECT p.institution_id, p.id AS programme_id, v.id AS version_id,
        CASE WHEN v.id IS NULL THEN 'no_data' WHEN coalesce(lines, 0) >= 1 THEN 'met' ELSE 'not_met' END AS outcome,
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
        GROUP BY version_id) sums ON sums.version_id = v.id""",
    """CREATE TEMP TABLE floor_coverage ON COMMIT DROP AS
    SELECT region_code, institution_id, field_code, kind, level, language, count(*),
        count(*) FILTER (WHERE outcome = 'met') AS met, count(*) FILTER (WHERE outcome = 'not_met') AS not_met,
        count(*) FILTER (WHERE outcome = 'no_data') AS no_data
    FROM floor_assessment GROUP BY GROUPING SETS ((), (region_code), (institution_id), (field_code), (kind), (level),
        (language), (region_code, level), (kind, level), (field_code, level))""",
    """CREATE TEMP TABLE floor_indicator ON COMMIT DROP AS
    SELECT region_code, kind, a.institution_id, count(*) AS programmes,
        count(*) FILTER (WHERE is_ai_dedicated) AS dedicated, count(*) FILTER (WHERE outcome = 'met') AS meeting,
        count(DISTINCT a.institution_id) FILTER (WHERE lines > 0) AS with_ai,
        count(DISTINCT a.institution_id) FILTER (WHERE is_ai_dedicated) AS with_dedicated,
        count(DISTINCT a.institution_id) FILTER (WHERE version_id IS NOT NULL) AS reported,
        sum(students) AS students, sum(students) FILTER (WHERE outcome = 'met') AS reached
    FROM floor_assessment a GROUP BY GROUPING SETS ((), (region_code), (kind), (a.institution_id))""",
]


def newest_period() -> Period:
    return Period.objects.latest("code")


def ours(period: Period) -> Snapshot:
    return snapshots.take(snapshots.request(period=period).pk)


def floor(period: Period) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in FLOOR:
            cursor.execute(statement, {"period": period.pk})


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


def timed(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def run(name: str, *, rounds: int = 7, with_peer: bool = True) -> list[dict[str, Any]]:
    """Measurements of the database that the settings name, ours and the floor in turns; medians in seconds."""
    period = newest_period()
    ours(period)  # plans and pages warm for both
    floor(period)
    pairs = [(timed(lambda: ours(period)), timed(lambda: floor(period))) for _ in range(rounds)]
    ours_s, floor_s = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    peer_s = timed(lambda: peer(period)) if with_peer else None
    result: dict[str, Any] = {
        "name": name,
        "ours_s": round(ours_s, 4),
        "floor_s": round(floor_s, 4),
        "ratio": round(median(pair[0] / pair[1] for pair in pairs), 2),
        "peer_s": round(peer_s, 2) if peer_s else None,
        "peer_ratio": round(peer_s / ours_s) if peer_s else None,
        "programmes": Programme.objects.count(),
    }
    snapshot = ours(period)
    verify_s = timed(lambda: verifying.differences(snapshot))
    verify: dict[str, Any] = {
        "name": name.replace("coverage_full", "verify"),
        "ours_s": round(verify_s, 4),
        "floor_s": round(floor_s, 4),
        "ratio": round(verify_s / floor_s, 2),
        "peer_s": None,
    }
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return [result | {"peak_mib": memory}, verify | {"peak_mib": memory}]
