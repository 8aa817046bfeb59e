"""Previewing: what another rule, drafted or only imagined, would change if it were in effect now.

The same statement assesses every programme by the rule that is in effect and by the other, so that the preview is what
the next snapshot would say of the same data. Nothing is stored.
"""

from collections import Counter
from dataclasses import dataclass, field

from django.db import connection

from curricula.models import Period
from institutions.locks import consistent_read
from reports.assessing import RULES, given_by, parameters
from reports.figures import Counts
from reports.live import database_clock
from reports.models import Outcome
from reports.models.rules import Rule

OUTSIDE = ""  # not in the scope of the rule

TYPES = {
    "levels": "varchar[]",
    "fields": "varchar[]",
    "kinds": "varchar[]",
    "min_disciplines": "smallint",
    "min_credits": "numeric",
    "categories": "varchar[]",
    "components": "varchar[]",
}
OTHER = ", ".join(f"%({name})s::{type_}" for name, type_ in TYPES.items())
DIMENSIONS = ("nation", "region", "kind", "field", "institution")

PREVIEW = f"""
    {
    given_by(
        f"SELECT 0 AS id, code, {', '.join(TYPES)} FROM ({RULES}) AS now WHERE code = %(code)s"
        f" UNION ALL SELECT 1, %(code)s, {OTHER}"
    )
}, paired AS (
        SELECT institution_id, region_code, kind, field_code,
            coalesce(max(outcome) FILTER (WHERE requirement_id = 0), '{OUTSIDE}') AS present,
            coalesce(max(outcome) FILTER (WHERE requirement_id = 1), '{OUTSIDE}') AS planned
        FROM assessed GROUP BY programme_id, institution_id, region_code, kind, field_code
    )
    SELECT CASE GROUPING(region_code, paired.kind, field_code, institution_id)
            WHEN 15 THEN 'nation' WHEN 7 THEN 'region' WHEN 11 THEN 'kind' WHEN 13 THEN 'field' ELSE 'institution' END,
        coalesce(region_code, paired.kind, field_code,
            CASE WHEN GROUPING(institution_id) = 0 THEN max(named.code) END, ''),
        present, planned, count(*)
    FROM paired JOIN (SELECT id, code FROM institutions_institution) AS named ON named.id = institution_id
    GROUP BY GROUPING SETS ((present, planned), (present, planned, region_code), (present, planned, paired.kind),
        (present, planned, field_code), (present, planned, institution_id))
"""


@dataclass
class Moves:
    """Programmes of one key by their outcome now and as planned; `OUTSIDE` is not in scope."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    def _of(self, side: int) -> Counts:
        found: Counter[str] = Counter()
        for pair, number in self.pairs.items():
            found[pair[side]] += number
        return Counts(**{outcome: found[outcome] for outcome in Outcome.values})

    @property
    def now(self) -> Counts:
        return self._of(0)

    @property
    def then(self) -> Counts:
        return self._of(1)

    def _sum(self, present: set[str], planned: set[str]) -> int:
        return sum(number for (now, then), number in self.pairs.items() if now in present and then in planned)

    @property
    def gained(self) -> int:
        """From not met to met."""
        return self._sum({Outcome.NOT_MET}, {Outcome.MET})

    @property
    def lost(self) -> int:
        """From met to not met."""
        return self._sum({Outcome.MET}, {Outcome.NOT_MET})

    @property
    def entered(self) -> int:
        """Into the scope."""
        return self._sum({OUTSIDE}, set(Outcome.values))

    @property
    def left(self) -> int:
        """Out of the scope."""
        return self._sum(set(Outcome.values), {OUTSIDE})

    @property
    def moved(self) -> int:
        return sum(number for (now, then), number in self.pairs.items() if now != then)


@dataclass(frozen=True)
class Preview:
    """By dimension and key; the nation has one row with an empty key."""

    period: Period
    rows: dict[str, dict[str, Moves]]

    @property
    def nation(self) -> Moves:
        return self.rows["nation"].get("", Moves())

    def most(self, number: int) -> list[tuple[str, Moves]]:
        """The institutions in which most programmes move, by code."""
        moved = [(key, moves) for key, moves in self.rows["institution"].items() if moves.moved]
        return sorted(moved, key=lambda entry: (-entry[1].moved, entry[0]))[:number]


def preview(rule: Rule) -> Preview | None:
    """What the rule would change in the present period; None while there is no period. One query, and its clock."""
    period = Period.objects.current()
    if period is None:
        return None
    rows: dict[str, dict[str, Moves]] = {dimension: {} for dimension in DIMENSIONS}
    said = {name: getattr(rule, name) for name in ("code", *TYPES)}
    with consistent_read(), connection.cursor() as cursor:
        cursor.execute(PREVIEW, {**parameters(period=period, as_at=database_clock()), **said})
        for dimension, key, present, planned, number in cursor.fetchall():
            rows[dimension].setdefault(key, Moves()).pairs[(present, planned)] += number
    return Preview(period, rows)
