"""What moved the figures between two snapshots, programme by programme; the causes add up to the difference exactly.

A programme is compared with itself under the same code of requirement; each that changed has one cause. Within the
key of a dimension, a programme that moved from one key to another leaves the one and enters the other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from reports import assessing
from reports.models import Snapshot


class Cause(models.TextChoices):
    APPROVED = "approved", _("Newly approved")
    SUPERSEDED = "superseded", _("Superseded by a newer version")
    LAPSED = "lapsed", _("Approval ended")
    EXEMPTED = "exempted", _("Exempted")
    EXEMPTION_ENDED = "exemption_ended", _("Exemption ended")
    REQUIREMENT = "requirement", _("Requirement changed")
    OPENED = "opened", _("Programme opened or came into scope")
    CLOSED = "closed", _("Programme closed or left the scope")
    NEW_YEAR = "new_year", _("New academic year")
    MOVED = "moved", _("Moved from one part of the country or classifier to another")


def _rule(moment: str) -> str:
    """The requirements in effect at a moment, one a code: the one that pages lead with."""
    return f"""(
        SELECT DISTINCT ON (code) id, code, levels, fields, kinds FROM reports_requirement
        WHERE adopted_at <= %({moment}_as_at)s AND effective_from <= %({moment}_day)s
            AND (effective_to IS NULL OR effective_to > %({moment}_day)s)
            AND (%(requirement)s::text IS NULL OR code = %(requirement)s)
        ORDER BY code, number
    )"""


def _assessed(moment: str) -> str:
    return f"""(
        SELECT {moment}_rule.code, institution.code AS institution_code, assessment.*
        FROM reports_assessment AS assessment JOIN {moment}_rule ON {moment}_rule.id = requirement_id
        JOIN institutions_institution AS institution ON institution.id = institution_id
        WHERE snapshot_id = %({moment})s
    )"""


def _covers(rule: str, row: str) -> str:
    """Whether the requirement of one moment covers the programme as it is at the other; NULL without a requirement."""
    columns = {"levels": "level", "fields": "field_code", "kinds": "kind"}
    return " AND ".join(
        f"({rule}.{scope} = '{{}}' OR {row}.{column} = ANY({rule}.{scope}))"
        for scope, column in columns.items()
    )


# The first that applies.
CAUSE = f"""CASE
        WHEN was.outcome IS NULL AND {_covers("was_rule", "now")} THEN 'opened'
        WHEN now.outcome IS NULL AND {_covers("now_rule", "was")} THEN 'closed'
        WHEN was.outcome IS NULL OR now.outcome IS NULL THEN 'requirement'
        WHEN now.outcome = 'exempt' THEN 'exempted'
        WHEN was.outcome = 'exempt' THEN 'exemption_ended'
        WHEN %(is_another_year)s THEN 'new_year'
        WHEN was.outcome = 'no_data' THEN 'approved'
        WHEN now.outcome = 'no_data' THEN 'lapsed'
        WHEN was.requirement_id <> now.requirement_id OR was.version_id = now.version_id THEN 'requirement'
        ELSE 'superseded'
    END"""

COLUMN = assessing.COLUMN | {"institution": "institution_code"}
COLUMNS = ", ".join(f"{{side}}.{column}" for column in COLUMN.values())


def _key(side: str, dimension: str) -> str:
    """The key of a programme in a dimension; NULL where the programme is not, but for the nation, which has all."""
    if dimension == "nation":
        return "''"
    return " || ',' || ".join(f"{side}.{COLUMN[part]}" for part in dimension.split(","))


def _moved(dimensions: Collection[str]) -> str:
    """One row for each programme that moved, in each of the dimensions: any combination of those that there are."""
    keys = ", ".join(f"('{one}', {_key('was', one)}, {_key('now', one)})" for one in dimensions)
    return f"""
    WITH was_rule AS {_rule("was")}, now_rule AS {_rule("now")},
    was AS {_assessed("was")}, now AS {_assessed("now")},
    pair AS (
        SELECT code AS requirement, programme_id, dimension, was_key, now_key,
            was.outcome AS was_outcome, now.outcome AS now_outcome, {CAUSE} AS own_cause
        FROM was FULL JOIN now USING (code, programme_id)
        LEFT JOIN was_rule USING (code) LEFT JOIN now_rule USING (code)
        CROSS JOIN LATERAL (VALUES {keys}) AS keys (dimension, was_key, now_key)
        WHERE was.outcome IS DISTINCT FROM now.outcome
            OR ({COLUMNS.format(side="was")}) IS DISTINCT FROM ({COLUMNS.format(side="now")})
    )
    SELECT requirement, dimension, key, cause, programme_id, was, now
    FROM pair CROSS JOIN LATERAL (
        SELECT coalesce(now_key, was_key), was_outcome, now_outcome, own_cause
        WHERE was_key = now_key OR was_key IS NULL OR now_key IS NULL
        UNION ALL SELECT was_key, was_outcome, NULL, 'moved' WHERE was_key <> now_key
        UNION ALL SELECT now_key, NULL, now_outcome, 'moved' WHERE was_key <> now_key
    ) AS side (key, was, now, cause)
    WHERE was IS DISTINCT FROM now AND (%(key)s::text IS NULL OR key = %(key)s)
        AND (%(causes)s::text[] IS NULL OR cause = ANY(%(causes)s))
    """


COUNTED = """count(*) AS programmes,
        count(*) FILTER (WHERE now = 'met' AND was IS DISTINCT FROM 'met') AS gained,
        count(*) FILTER (WHERE was = 'met' AND now IS DISTINCT FROM 'met') AS lost,
        count(*) FILTER (WHERE coalesce(now, 'exempt') <> 'exempt' AND coalesce(was, 'exempt') = 'exempt') AS joined,
        count(*) FILTER (WHERE coalesce(was, 'exempt') <> 'exempt' AND coalesce(now, 'exempt') = 'exempt') AS left_it"""


@dataclass(frozen=True)
class Movement:
    """What one cause did to one cell: to the number that meet the requirement, and to the denominator."""

    requirement: str
    dimension: str
    key: str
    cause: str
    programmes: int
    gained: int  # meet it now and did not before
    lost: int  # met it before and do not now
    joined: int  # in the denominator now and not before
    left: int  # in the denominator before and not now

    @property
    def met(self) -> int:
        return self.gained - self.lost

    @property
    def counted(self) -> int:
        return self.joined - self.left

    @property
    def label(self) -> str:
        return str(Cause(self.cause).label)


def together(moved: Sequence[Movement]) -> dict[str, int]:
    """The sums of movements of one cell: what the figure changed by."""
    return {"met": sum(one.met for one in moved), "counted": sum(one.counted for one in moved)}


@dataclass(frozen=True)
class Moved:
    """A programme that moved, with its outcomes before and after; None where it was not in scope."""

    programme_id: int
    cause: str
    was: str | None
    now: str | None


def between(
    older: Snapshot,
    newer: Snapshot,
    *,
    dimensions: Collection[str] = ("nation",),
    key: str | None = None,
    requirement: str | None = None,
    causes: Collection[str] | None = None,
) -> list[Movement]:
    """The movements of every cell that changed, by requirement, dimension, key, in the order of causes; one query."""
    given = _parameters(older, newer, key, requirement, causes)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT requirement, dimension, key, cause, {COUNTED} FROM ({_moved(dimensions)}) AS moved"
            " GROUP BY requirement, dimension, key, cause",
            given,
        )
        found = [Movement(*row) for row in cursor.fetchall()]
    order = {cause: place for place, cause in enumerate(Cause.values)}
    return sorted(found, key=lambda one: (one.requirement, one.dimension, one.key, order[one.cause]))


@dataclass(frozen=True)
class Behind(Sequence[Moved]):
    """The programmes behind the movements of one cell, read a slice at a time: by university and code."""

    older: Snapshot
    newer: Snapshot
    requirement: str
    dimension: str
    key: str
    causes: Collection[str] | None
    total: int

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, place: Any) -> Any:
        first, end, _step = place.indices(self.total)
        given = _parameters(self.older, self.newer, self.key, self.requirement, self.causes)
        columns = ", ".join(f"moved.{field.name}" for field in fields(Moved))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {columns} FROM ({_moved([self.dimension])}) AS moved"
                " JOIN curricula_programme AS programme ON programme.id = moved.programme_id"
                " JOIN institutions_institution AS institution ON institution.id = programme.institution_id"
                " ORDER BY institution.order_kk, institution.code, programme.code, cause, moved.was"
                " OFFSET %(first)s LIMIT %(size)s",
                {**given, "first": first, "size": max(end - first, 0)},
            )
            return [Moved(*row) for row in cursor.fetchall()]


def first_of_each(
    older: Snapshot, newer: Snapshot, *, requirement: str, dimension: str, keys: Collection[str], each: int
) -> dict[str, list[Moved]]:
    """Of each of the keys the first programmes that moved, those with which the number that meet it moved first; one
    query."""
    given = _parameters(older, newer, None, requirement, None)
    columns = ", ".join(field.name for field in fields(Moved))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT key, {columns} FROM ("
            f"SELECT key, {columns}, row_number() OVER (PARTITION BY key ORDER BY"
            " (was IS NOT DISTINCT FROM 'met') = (now IS NOT DISTINCT FROM 'met'), programme_id, was) AS place"
            f" FROM ({_moved([dimension])}) AS moved WHERE key = ANY(%(keys)s)) AS placed"
            " WHERE place <= %(each)s ORDER BY key, place",
            {**given, "keys": list(keys), "each": each},
        )
        found: dict[str, list[Moved]] = {}
        for key, *moved in cursor.fetchall():
            found.setdefault(key, []).append(Moved(*moved))
    return found


def _parameters(
    older: Snapshot,
    newer: Snapshot,
    key: str | None,
    requirement: str | None,
    causes: Collection[str] | None,
) -> dict[str, Any]:
    given: dict[str, Any] = {
        "key": key,
        "requirement": requirement,
        "causes": None if causes is None else list(causes),
        "is_another_year": older.period_id != newer.period_id,
    }
    for name, snapshot in (("was", older), ("now", newer)):
        if snapshot.as_at is None:
            raise ValueError(f"Snapshot {snapshot.pk} has not been taken.")
        at = assessing.parameters(period=snapshot.period, as_at=snapshot.as_at)
        given |= {name: snapshot.pk, f"{name}_as_at": at["as_at"], f"{name}_day": at["day"]}
    return given
