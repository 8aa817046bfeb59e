"""What share would meet each requirement if all that an institution has drafted and handed in were approved.

The rules are those of `assessing`, word for word. Only two tables are hidden behind others of the same name: versions,
where the newest of each programme counts as approved, and the sums that a draft does not have before it is sealed.
"""

from dataclasses import dataclass

from django.db import connection

from curricula.models import Period
from institutions.models import Institution
from reports.assessing import COUNTS, GIVEN_SOME, OF_SOME, parameters
from reports.figures import Counts
from reports.live import database_clock
from reports.models import Requirement

# Within its own definition the name is still the table's. A draft without lines is not handed in, so it does not count.
AS_IF_APPROVED = """
    curricula_curriculumversion AS (
        SELECT DISTINCT ON (programme_id) id, institution_id, programme_id, period_id, number, students, content_hash,
            'approved' AS state, '-infinity'::timestamptz AS valid_from, NULL::timestamptz AS valid_to
        FROM curricula_curriculumversion AS real
        WHERE period_id = %(period)s AND institution_id = ANY(%(institutions)s::bigint[]) AND (
            state = 'submitted' OR (state = 'approved' AND valid_to IS NULL)
            OR (state = 'draft' AND EXISTS (SELECT 1 FROM curricula_line WHERE version_id = real.id))
        )
        ORDER BY programme_id, number DESC
    ), curricula_aisum AS (
        SELECT version_id, ai_category, component, count(*) AS lines, sum(credits) AS credits
        FROM curricula_line
        WHERE ai_category <> 'none' AND version_id IN (SELECT id FROM curricula_curriculumversion)
        GROUP BY version_id, ai_category, component
    )
"""
COUNTED = f"SELECT requirement_id, {COUNTS} FROM assessed GROUP BY requirement_id"
NOW = f"{GIVEN_SOME} {COUNTED}"
FORESEEN = f"WITH {AS_IF_APPROVED}, {OF_SOME} {COUNTED}"


@dataclass(frozen=True)
class Prospect:
    """One requirement: what is approved now, and what would be."""

    requirement: Requirement
    now: Counts
    then: Counts

    @property
    def gained(self) -> int:
        return self.then.met - self.now.met


def foreseen(institution: Institution, period: Period) -> list[Prospect]:
    """Four queries, whatever the number of programmes; computed at each look from what is saved at that moment."""
    given = parameters(period=period, as_at=database_clock(), institutions=[institution.pk])
    counts: list[dict[int, Counts]] = []
    for statement in (NOW, FORESEEN):
        with connection.cursor() as cursor:
            cursor.execute(statement, given)
            names = [column.name for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        counts.append({row["requirement_id"]: Counts.of(row) for row in rows})
    now, then = counts
    requirements = Requirement.objects.filter(pk__in=then.keys() | now.keys()).order_by("code", "number")
    return [
        Prospect(requirement, now.get(requirement.pk, Counts()), then.get(requirement.pk, Counts()))
        for requirement in requirements
    ]
