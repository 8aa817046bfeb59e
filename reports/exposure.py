"""AI and work: how exposed to generative AI the occupations are that a field of education trains for.

The exposure of a field is the unweighted mean of the mean scores of its occupations, each counted once. Nothing is
weighted by graduates or jobs: no public data say who works where.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db import connection

from reports.figures import Counts
from reports.models import Occupation

EXPOSED = (
    Occupation.Gradient.GRADIENT_1,
    Occupation.Gradient.GRADIENT_2,
    Occupation.Gradient.GRADIENT_3,
    Occupation.Gradient.GRADIENT_4,
)
PLACES = Decimal("0.000001")

# A field has its own links and those of its directions; groups may overlap, and an occupation counts once.
LINKED = """
    SELECT DISTINCT part.code, occupation.code, occupation.mean_score, occupation.gradient
    FROM reports_fieldoccupation AS link
    JOIN curricula_field AS linked ON linked.code = link.field_id
    JOIN curricula_field AS part ON part.id IN (linked.id, linked.parent_id)
    JOIN reports_occupation AS occupation ON starts_with(occupation.code, link."group")
    ORDER BY part.code, occupation.code
"""


class Scored(NamedTuple):
    """An occupation of ISCO-08 with its score."""

    code: str
    score: Decimal
    gradient: str


@dataclass(frozen=True)
class Exposure:
    """How exposed the work is that a field trains for; `gradients` counts its occupations."""

    total: Decimal
    occupations: int
    gradients: Mapping[str, int]

    @property
    def mean(self) -> Decimal:
        """Six places, half to even."""
        return (self.total / self.occupations).quantize(PLACES, ROUND_HALF_EVEN)

    @property
    def exposed(self) -> int:
        """Occupations of gradient 1 or above."""
        return sum(self.gradients.get(gradient, 0) for gradient in EXPOSED)

    def share(self, gradient: str) -> Fraction:
        return Fraction(self.gradients.get(gradient, 0), self.occupations)


def rounded(share: Fraction) -> Decimal:
    """Six places, half to even, as shares are handed out."""
    return Decimal(round(share * 1_000_000)).scaleb(-6)


def exposure(occupations: Iterable[Scored]) -> Exposure | None:
    """Of occupations that may be given more than once; None of none."""
    distinct = {occupation.code: occupation for occupation in occupations}.values()
    if not distinct:
        return None
    return Exposure(
        total=sum((occupation.score for occupation in distinct), Decimal(0)),
        occupations=len(distinct),
        gradients=Counter(occupation.gradient for occupation in distinct),
    )


def exposures() -> dict[str, Exposure]:
    """Of every field and direction that has a link, by code; one query."""
    linked: dict[str, list[Scored]] = {}
    with connection.cursor() as cursor:
        cursor.execute(LINKED)
        for code, *occupation in cursor.fetchall():
            linked.setdefault(code, []).append(Scored(*occupation))
    return {code: found for code, rows in linked.items() if (found := exposure(rows)) is not None}


class Placed(NamedTuple):
    """A field with its exposure and its coverage, either of which may be missing."""

    code: str
    exposure: Exposure | None
    counts: Counts


def placed(
    codes: Iterable[str], exposed: Mapping[str, Exposure], cells: Mapping[str, Counts]
) -> list[Placed]:
    """Fields, the most exposed first, those without an exposure last."""
    found = [Placed(code, exposed.get(code), cells.get(code, Counts())) for code in codes]
    return sorted(
        found, key=lambda one: (one.exposure is None, -one.exposure.mean if one.exposure else 0, one.code)
    )


class Finding(NamedTuple):
    """Of the `among` most exposed fields, the one that covers AI least."""

    field: Placed
    among: int


def more_exposed(fields: Sequence[Placed]) -> list[Placed]:
    """The more exposed half, the middle one included, of the fields that have both figures."""
    known = [one for one in fields if one.exposure is not None and one.counts.share is not None]
    return known[: (len(known) + 1) // 2]


def finding(fields: Sequence[Placed]) -> Finding | None:
    """Looked for among the more exposed."""
    half = more_exposed(fields)
    if not half:
        return None
    return Finding(min(half, key=lambda one: one.counts.share or Fraction(0)), len(half))
