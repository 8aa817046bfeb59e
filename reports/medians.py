"""What is usual among other universities, for one to read its own live coverage by: medians of region, kind and fields.

Live coverage counts approved curricula only, so a median tells nothing of drafts. It is a median of the *others*, and
there is none where fewer than five stand behind it: no single university can be read off it.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import connection

from curricula.models import Period
from institutions.models import Institution
from institutions.wall import beyond

FEWEST = 5

# The mean of the two middles, which are one where the number is odd: exact, where percentile_cont would go by floats.
MEDIANS = """
    WITH counted AS (
        SELECT requirement_id, institution_id, region_code, kind, field_code,
            count(*) FILTER (WHERE outcome = 'met')::numeric AS met,
            count(*) FILTER (WHERE outcome <> 'exempt') AS counted
        FROM reports_liveassessment
        WHERE period_id = %(period)s AND institution_id <> %(institution)s
        GROUP BY requirement_id, institution_id, region_code, kind, field_code
    ), share AS (
        SELECT requirement_id, 'region' AS dimension, region_code AS key, sum(met) / sum(counted) AS share
        FROM counted WHERE region_code = %(region)s
        GROUP BY requirement_id, institution_id, region_code HAVING sum(counted) > 0
        UNION ALL
        SELECT requirement_id, 'kind', kind, sum(met) / sum(counted)
        FROM counted WHERE kind = %(kind)s
        GROUP BY requirement_id, institution_id, kind HAVING sum(counted) > 0
        UNION ALL
        SELECT requirement_id, 'field', field_code, met / counted FROM counted WHERE counted > 0
    )
    SELECT requirement_id, dimension, key, count(*),
        (percentile_disc(0.5) WITHIN GROUP (ORDER BY share)
            + percentile_disc(0.5) WITHIN GROUP (ORDER BY share DESC)) / 2
    FROM share GROUP BY requirement_id, dimension, key
"""


@dataclass(frozen=True)
class Median:
    """Over how many other universities, and what it is: None where there are too few of them."""

    others: int = 0
    share: Fraction | None = None


def medians(institution: Institution, period: Period) -> dict[tuple[int, str, str], Median]:
    """By requirement, dimension (`region`, `kind`, `field`) and key; one query. What is not there has no others."""
    given: dict[str, Any] = {
        "institution": institution.pk,
        "period": period.pk,
        "region": institution.region.code,
        "kind": institution.kind,
    }
    with beyond("a median of five or more others tells of none of them"), connection.cursor() as cursor:
        cursor.execute(MEDIANS, given)
        return {
            (requirement, dimension, key): Median(others, Fraction(share) if others >= FEWEST else None)
            for requirement, dimension, key, others, share in cursor.fetchall()
        }
