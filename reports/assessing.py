"""Assessing programmes against the mandate and counting coverage: methodology version 1, in SQL over whole sets.

The words are put together once and used three times: to take a snapshot, to keep live coverage current, and to make
any past snapshot again. `GIVEN` names the inputs as they stood at a moment and the assessments made of them; what
counts them is a SELECT behind it. The rules are those of docs/methodology.md; the parameters those of `parameters`.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from curricula.models import Period

METHODOLOGY_VERSION = 1


def parameters(*, period: Period, as_at: datetime, institutions: list[int] | None = None) -> dict[str, Any]:
    """The period, the moment, its day in the country's time, and which institutions (None: all)."""
    return {
        "period": period.pk,
        "starts_on": period.starts_on,
        "ends_on": period.ends_on,
        "as_at": as_at,
        "day": timezone.localtime(as_at).date(),
        "institutions": institutions,
    }


# The inputs as at the moment: requirements in effect, open institutions, the versions that were valid, the programmes
# taught in the period with theirs, the exemptions that were live.
INPUTS = """
    requirement AS (
        SELECT * FROM reports_requirement
        WHERE adopted_at <= %(as_at)s AND effective_from <= %(day)s
            AND (effective_to IS NULL OR effective_to > %(day)s)
    ), institution AS (
        SELECT institution_id, region_code, kind FROM institutions_institutionstate
        WHERE valid_from <= %(as_at)s AND (valid_to IS NULL OR valid_to > %(as_at)s)
            AND (%(institutions)s::bigint[] IS NULL OR institution_id = ANY(%(institutions)s::bigint[]))
            AND kind <> 'planned'
            AND (opened_on IS NULL OR opened_on <= %(day)s) AND (closed_on IS NULL OR closed_on > %(day)s)
    ), version AS (
        SELECT id AS version_id, programme_id, number, students, content_hash FROM curricula_curriculumversion
        WHERE period_id = %(period)s AND state = 'approved'
            AND (%(institutions)s::bigint[] IS NULL OR institution_id = ANY(%(institutions)s::bigint[]))
            AND valid_from <= %(as_at)s AND (valid_to IS NULL OR valid_to > %(as_at)s)
    ), programme AS (
        SELECT institution_id, programme_id, level, field_code, language, is_ai_dedicated, region_code, kind,
            version_id, number, students, content_hash
        FROM curricula_programmestate JOIN institution USING (institution_id) LEFT JOIN version USING (programme_id)
        WHERE valid_from <= %(as_at)s AND (valid_to IS NULL OR valid_to > %(as_at)s)
            AND active_from <= %(ends_on)s AND (active_to IS NULL OR active_to >= %(starts_on)s)
    ), exemption AS (
        SELECT DISTINCT programme_id, requirement_code FROM reports_exemption
        WHERE decided_at <= %(as_at)s AND (revoked_at IS NULL OR revoked_at > %(as_at)s)
            AND starts_on <= %(day)s AND ends_on > %(day)s
    )
"""

# One row for each requirement and programme in its scope, with the outcome: exempt, no data, met, not met, in
# this order.
ASSESSED = """
    WITH counted AS (
        SELECT requirement.id AS requirement_id, version_id,
            sum(lines)::int AS ai_disciplines, sum(credits) AS ai_credits
        FROM programme
        JOIN curricula_aisum USING (version_id)
        JOIN requirement ON ai_category = ANY(categories) AND component = ANY(components)
        GROUP BY requirement.id, version_id
    )
    SELECT institution_id, programme.programme_id, requirement.id AS requirement_id, programme.version_id,
        CASE
            WHEN exemption.programme_id IS NOT NULL THEN 'exempt'
            WHEN programme.version_id IS NULL THEN 'no_data'
            WHEN coalesce(ai_disciplines, 0) >= min_disciplines AND coalesce(ai_credits, 0) >= min_credits THEN 'met'
            ELSE 'not_met'
        END AS outcome,
        coalesce(ai_disciplines, 0) AS ai_disciplines, coalesce(ai_credits, 0) AS ai_credits,
        region_code, kind, field_code, level, language
    FROM programme
    JOIN requirement ON (levels = '{}' OR level = ANY(levels))
        AND (fields = '{}' OR field_code = ANY(fields))
        AND (kinds = '{}' OR kind = ANY(kinds))
    LEFT JOIN counted ON counted.version_id = programme.version_id AND counted.requirement_id = requirement.id
    LEFT JOIN exemption ON exemption.programme_id = programme.programme_id AND requirement_code = requirement.code
"""

GIVEN = f"WITH {INPUTS}, assessed AS ({ASSESSED})"

COUNTS = """count(*) AS in_scope,
        count(*) FILTER (WHERE outcome = 'met') AS met,
        count(*) FILTER (WHERE outcome = 'not_met') AS not_met,
        count(*) FILTER (WHERE outcome = 'no_data') AS no_data,
        count(*) FILTER (WHERE outcome = 'exempt') AS exempt"""

COLUMN = {
    "region": "region_code",
    "institution": "institution_id",
    "field": "field_code",
    "level": "level",
    "kind": "kind",
    "language": "language",
}
DIMENSIONS = ("nation", *COLUMN, "region,level", "kind,level", "field,level")


def _columns(dimension: str) -> list[str]:
    return [] if dimension == "nation" else [COLUMN[part] for part in dimension.split(",")]


def _mask(dimension: str) -> int:
    """What GROUPING says of the dimension: a bit for each column that it is *not* grouped by, the last the lowest."""
    own = _columns(dimension)
    return sum(1 << place for place, name in enumerate(reversed(COLUMN.values())) if name not in own)


def _coverage() -> str:
    every = ", ".join(COLUMN.values())
    sets = ", ".join(f"({', '.join(['requirement_id', *_columns(dimension)])})" for dimension in DIMENSIONS)
    label = " ".join(f"WHEN {_mask(dimension)} THEN '{dimension}'" for dimension in DIMENSIONS)
    sums = ", ".join(
        f"sum({name})::int AS {name}" for name in ("in_scope", "met", "not_met", "no_data", "exempt")
    )
    return f"""
        SELECT requirement_id, CASE grouped_by {label} END AS dimension,
            concat_ws(',', region_code, named.code, field_code, counted.kind, level, language) AS key,
            in_scope, met, not_met, no_data, exempt
        FROM (
            SELECT requirement_id, {every}, GROUPING({every}) AS grouped_by, {sums}
            FROM (SELECT requirement_id, {every}, {COUNTS} FROM assessed GROUP BY requirement_id, {every}) AS finest
            GROUP BY GROUPING SETS ({sets})
        ) AS counted
        LEFT JOIN institutions_institution AS named ON named.id = institution_id
    """


# The assessments counted over every dimension: first as finely as any, then those counts summed.
COVERAGE = _coverage()
