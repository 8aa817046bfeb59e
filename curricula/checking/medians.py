"""The median of AI credits by field, in the approved curricula of the period before."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from curricula.checking.catalogue import ENOUGH_CURRICULA, FAR_CREDITS, FAR_TIMES
from curricula.models import Period
from institutions.wall import beyond

# The lower of two middle values, so that it is a number that some curriculum has, and no float. Sums were written when
# the curricula were sealed, so no line is read. Those dedicated to AI would pull the median of their field.
MEDIANS = """
    SELECT version.period_id, field.id, percentile_disc(0.5) WITHIN GROUP (ORDER BY version.credits), count(*),
        field.name_kk, field.name_ru, field.name_en
    FROM (
        SELECT version.id, version.period_id, direction.parent_id AS field_id, sum(ai.credits) AS credits
        FROM curricula_curriculumversion AS version
        JOIN curricula_aisum AS ai ON ai.version_id = version.id
        JOIN curricula_programme AS programme ON programme.id = version.programme_id
        JOIN curricula_field AS direction ON direction.id = programme.direction_id
        WHERE version.state = 'approved' AND version.valid_to IS NULL AND version.period_id = ANY(%s)
            AND direction.parent_id = ANY(%s) AND NOT programme.is_ai_dedicated
        GROUP BY version.id, direction.parent_id
    ) AS version JOIN curricula_field AS field ON field.id = version.field_id
    GROUP BY version.period_id, field.id
"""


@dataclass(frozen=True)
class Median:
    """What the middle one of so many curricula with AI has in AI credits."""

    credits: Decimal
    curricula: int
    period_code: str
    names: tuple[str, str, str]

    def field_name(self, language: str) -> str:
        by_language = dict(zip(("kk", "ru", "en"), self.names, strict=True))
        return by_language.get(language) or self.names[1]


def medians_before(periods: Collection[str], fields: Collection[int]) -> dict[tuple[str, int], Median]:
    """By period and field: the median of the period before that one; two queries at most."""
    if not fields:
        return {}
    known = dict(Period.objects.order_by("code").values_list("code", "pk"))
    codes = list(known)
    before = {code: codes[codes.index(code) - 1] for code in periods if codes.index(code)}
    if not before:
        return {}
    with (
        beyond("a median is of all universities, and there is none of a handful"),
        connection.cursor() as cursor,
    ):
        cursor.execute(MEDIANS, [[known[code] for code in before.values()], list(fields)])
        found = {(period, field): rest for period, field, *rest in cursor.fetchall()}
    return {
        (code, field): Median(middle, count, last, tuple(names))
        for code, last in before.items()
        for (period, field), (middle, count, *names) in found.items()
        if period == known[last]
    }


def is_far_above(ai_credits: Decimal, median: Median) -> bool:
    """More than three times the median and ten credits more; never by a handful of curricula."""
    return (
        median.curricula >= ENOUGH_CURRICULA
        and ai_credits > FAR_TIMES * median.credits
        and ai_credits >= median.credits + FAR_CREDITS
    )
