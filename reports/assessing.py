"""Assessing programmes against the mandate and counting coverage: methodology version 1, in SQL over whole sets.

The words are put together once and used everywhere: to take a snapshot, to keep live coverage current, to make any
past snapshot again, to tell the figures as at another moment. `GIVEN` names the inputs as they stood at a moment and
the assessments made of them, `GIVEN_SOME` those of some institutions and `OF_PROGRAMMES` those of some programmes by
reading these alone; what counts them is a SELECT behind it. The rules are those of docs/methodology.md; the parameters
those of `parameters`.
"""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from curricula.models import Period

METHODOLOGY_VERSION = 1


def parameters(*, period: Period, as_at: datetime, institutions: list[int] | None = None) -> dict[str, Any]:
    """The period, the moment, its day in the country's time, and, for `GIVEN_SOME`, which institutions."""
    return {
        "period": period.pk,
        "starts_on": period.starts_on,
        "ends_on": period.ends_on,
        "as_at": as_at,
        "day": day_of(as_at),
        "institutions": institutions,
    }


def day_of(moment: datetime) -> date:
    """Its day in the country's time."""
    return timezone.localtime(moment).date()


RULES = """SELECT * FROM reports_requirement
        WHERE adopted_at <= %(as_at)s AND effective_from <= %(day)s
            AND (effective_to IS NULL OR effective_to > %(day)s)"""


def _given(institutions: str, programmes: str, sums: str, keep: str, rules: str = RULES) -> str:
    """The inputs as at the moment, and `assessed`.

    Inputs: requirements in effect, open institutions, the versions that were valid, the programmes taught in the period
    with theirs, the exemptions that were live. Assessed: one row for each requirement and programme in its scope, with
    the outcome: exempt, no data, met, not met, in this order. Each big table is restricted to some `institutions`, or
    to some of their `programmes`; of these the planner expects so little that it would make the sums anew for each
    programme if they were not kept.
    """
    return f"""
    requirement AS (
        SELECT *, levels = '{{}}' AS any_level, fields = '{{}}' AS any_field, kinds = '{{}}' AS any_kind
        FROM ({rules}) AS rule
    ), institution AS (
        SELECT institution_id, region_code, kind FROM institutions_institutionstate
        WHERE valid_from <= %(as_at)s AND (valid_to IS NULL OR valid_to > %(as_at)s) {institutions}
            AND kind <> 'planned'
            AND (opened_on IS NULL OR opened_on <= %(day)s) AND (closed_on IS NULL OR closed_on > %(day)s)
    ), version AS (
        SELECT id AS version_id, programme_id, number, students, content_hash FROM curricula_curriculumversion
        WHERE period_id = %(period)s AND state = 'approved' {programmes}
            AND valid_from <= %(as_at)s AND (valid_to IS NULL OR valid_to > %(as_at)s)
    ), programme AS (
        SELECT institution_id, programme_id, level, field_code, language, is_ai_dedicated, region_code, kind,
            version_id, number, students, content_hash
        FROM (SELECT * FROM curricula_programmestate WHERE valid_from <= %(as_at)s
            AND (valid_to IS NULL OR valid_to > %(as_at)s) {programmes}
            AND active_from <= %(ends_on)s AND (active_to IS NULL OR active_to >= %(starts_on)s)) AS state
        JOIN institution USING (institution_id) LEFT JOIN version USING (programme_id)
    ), exemption AS (
        SELECT DISTINCT programme_id, requirement_code FROM reports_exemption
        WHERE decided_at <= %(as_at)s AND (revoked_at IS NULL OR revoked_at > %(as_at)s) {programmes}
            AND starts_on <= %(day)s AND ends_on > %(day)s
    ), summed AS {keep} (
        SELECT requirement.id AS requirement_id, version_id,
            sum(lines)::int AS ai_disciplines, sum(credits) AS ai_credits
        FROM {sums} JOIN requirement ON ai_category = ANY(categories) AND component = ANY(components)
        GROUP BY requirement.id, version_id
    ), exempted AS {keep} (
        SELECT programme_id, array_agg(requirement_code) AS excused FROM exemption GROUP BY programme_id
    ), assessed AS (
        SELECT institution_id, programme_id, requirement.id AS requirement_id, programme.version_id,
            CASE
                WHEN requirement.code = ANY(excused) THEN 'exempt'
                WHEN programme.version_id IS NULL THEN 'no_data'
                WHEN coalesce(ai_disciplines, 0) >= min_disciplines AND coalesce(ai_credits, 0) >= min_credits
                    THEN 'met'
                ELSE 'not_met'
            END AS outcome,
            coalesce(ai_disciplines, 0) AS ai_disciplines, coalesce(ai_credits, 0) AS ai_credits,
            region_code, kind, field_code, level, language, students
        FROM programme
        JOIN requirement ON (any_level OR level = ANY(levels))
            AND (any_field OR field_code = ANY(fields))
            AND (any_kind OR kind = ANY(kinds))
        LEFT JOIN summed ON summed.version_id = programme.version_id AND summed.requirement_id = requirement.id
        LEFT JOIN exempted USING (programme_id)
    )"""


SOME = "AND institution_id = ANY(%(institutions)s::bigint[])"
SOME_PROGRAMMES = f"{SOME} AND programme_id = ANY(%(programmes)s::bigint[])"
SUMS_OF_SOME = "programme JOIN curricula_aisum USING (version_id)"

OF_SOME = _given(SOME, SOME, SUMS_OF_SOME, "MATERIALIZED")
OF_PROGRAMMES = _given(SOME, SOME_PROGRAMMES, SUMS_OF_SOME, "MATERIALIZED")
GIVEN = f"WITH {_given('', '', 'curricula_aisum', '')}"
GIVEN_SOME = f"WITH {OF_SOME}"


def given_by(rules: str) -> str:
    """`GIVEN` by other rules than those in effect: a SELECT of their rows, each with its `id`."""
    return f"WITH {_given('', '', 'curricula_aisum', '', rules)}"


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

OUTCOMES = ("in_scope", "met", "not_met", "no_data", "exempt")

# Counting takes two steps: finely enough for several dimensions, then these counts summed. Not as finely as for all: a
# university has few levels and the country few fields, so the first step leaves hundreds of rows, not thousands. Where
# a university lies and of what kind it is comes in between: it would only make the keys of the first step longer.
FINELY = "(requirement_id, institution_id, level), (requirement_id, field_code, level, language)"
OF_PLACES = ("region_code", "institution_id", "kind", "level")
OF_FIELDS = ("field_code", "level", "language")
PLACES = """finely JOIN institution USING (institution_id)
        JOIN (SELECT id, code FROM institutions_institution) AS named ON named.id = institution_id"""
FIELDS = "finely WHERE field_code IS NOT NULL"


def _columns(dimension: str) -> list[str]:
    return [] if dimension == "nation" else [COLUMN[part] for part in dimension.split(",")]


def _summed(columns: tuple[str, ...], dimensions: list[str], source: str) -> str:
    """Cells of these dimensions; GROUPING has a bit for each column that was summed over, the last the lowest."""
    masks = {
        one: sum(1 << place for place, name in enumerate(reversed(columns)) if name not in _columns(one))
        for one in dimensions
    }
    label = " ".join(f"WHEN {mask} THEN '{one}'" for one, mask in masks.items())
    sets = ", ".join(f"({', '.join(['requirement_id', *_columns(one)])})" for one in dimensions)
    code = "CASE WHEN GROUPING(institution_id) = 0 THEN max(code) END"
    key = ", ".join(code if name == "institution_id" else name for name in columns)
    sums = ", ".join(f"sum({name})::int AS {name}" for name in OUTCOMES)
    return f"""
        SELECT requirement_id, CASE GROUPING({", ".join(columns)}) {label} END AS dimension,
            concat_ws(',', {key}) AS key, {sums}
        FROM {source}
        GROUP BY GROUPING SETS ({sets})
    """


def _coverage() -> str:
    of_places = [one for one in DIMENSIONS if set(_columns(one)) <= set(OF_PLACES)]
    of_fields = [one for one in DIMENSIONS if one not in of_places]
    return f"""
        WITH finely AS (
            SELECT requirement_id, institution_id, field_code, level, language, {COUNTS}
            FROM assessed GROUP BY GROUPING SETS ({FINELY})
        ) {_summed(OF_PLACES, of_places, PLACES)} UNION ALL {_summed(OF_FIELDS, of_fields, FIELDS)}
    """


# The assessments counted over every dimension, behind `GIVEN`.
COVERAGE = _coverage()
