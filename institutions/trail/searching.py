"""The trail as it is searched: all history tables as one list, the newest first, a page at a time.

Each table gives its newest rows by its own index, and those are merged; a page begins after a place, not at a number,
so that the thousandth costs no more than the first.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.utils import OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _

from institutions.errors import Refused
from institutions.trail.tables import CONTEXTS, TrailTable, trail_tables

PATIENCE = "8s"  # a text is looked for in every event that the other wishes leave


@dataclass(frozen=True)
class Place:
    """Where a page begins: right after this event. `table` is its place in `trail_tables`."""

    at: datetime
    table: int
    event: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.table}~{self.event}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        try:
            at, table, event = text.split("~")
            moment = datetime.fromisoformat(at)
            return cls(moment, int(table), int(event)) if timezone.is_aware(moment) else None
        except ValueError:
            return None


@dataclass(frozen=True)
class Wish:
    """Which events are wanted; what is empty restricts nothing."""

    people: tuple[int, ...] = ()
    table: str = ""
    institution: int | None = None
    since: date | None = None
    until: date | None = None
    text: str = ""
    row: str = ""


@dataclass(frozen=True)
class Entry:
    """One event, in the shape in which `institutions.history` words it; `pgh_context` is who, whence and why."""

    table: TrailTable
    place: Place
    pgh_id: int
    pgh_created_at: datetime
    pgh_label: str
    pgh_obj_id: str
    pgh_context: dict[str, Any]
    pgh_data: dict[str, Any]
    pgh_diff: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def find(wish: Wish, *, after: Place | None = None, limit: int = 50, patience: str = PATIENCE) -> list[Entry]:
    """The newest events of the wish, from the place on. Two queries. Refused if the text can't be found in time."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('TimeZone', 'UTC', true)",
            [patience],
        )
        try:
            found = _places(cursor, wish, after, limit)
        except OperationalError as error:
            raise Refused(
                _(
                    "There is too much to look through for this text in time. Name a day, a person, a university or a"
                    " kind of row as well."
                ),
                field="text",
                code="too_much",
            ) from error
        return _entries(cursor, found) if found else []


def everything(wish: Wish, *, page: int = 2000, patience: str = "60s") -> Iterator[Entry]:
    """All events of the wish, the newest first, read as they are asked for."""
    after: Place | None = None
    while entries := find(wish, after=after, limit=page, patience=patience):
        yield from entries
        if len(entries) < page:
            return
        after = entries[-1].place


def _places(cursor: Any, wish: Wish, after: Place | None, limit: int) -> list[Place]:
    arms, values = [], []
    for number, table in enumerate(trail_tables()):
        if (condition := _condition(table, number, wish, after)) is None:
            continue
        where, wanted = condition
        arms.append(
            f'(SELECT e.pgh_created_at, {number} AS number, e.pgh_id FROM "{table.name}" e'  # noqa: S608
            f" WHERE {where} ORDER BY e.pgh_created_at DESC, e.pgh_id DESC LIMIT %s)"
        )
        values += [*wanted, limit]
    if not arms:
        return []
    cursor.execute(
        f"SELECT * FROM ({' UNION ALL '.join(arms)}) found ORDER BY 1 DESC, 2 DESC, 3 DESC LIMIT %s",  # noqa: S608
        [*values, limit],
    )
    return [Place(*row) for row in cursor.fetchall()]


def _condition(
    table: TrailTable, number: int, wish: Wish, after: Place | None
) -> tuple[str, list[Any]] | None:
    """What the events of a table must be like, as SQL with its values; None if none can be."""
    if (wish.table and wish.table != table.name) or (wish.institution and not table.institution):
        return None
    parts: list[tuple[str, list[Any]]] = [("true", [])]
    if after:
        # Of tables that come later in a moment's order everything of that moment is on the pages before.
        sign = "<=" if number < after.table else "<"
        if number == after.table:
            parts.append(("(e.pgh_created_at, e.pgh_id) < (%s, %s)", [after.at, after.event]))
        else:
            parts.append((f"e.pgh_created_at {sign} %s", [after.at]))
    if wish.people:
        said = f"SELECT id FROM {CONTEXTS} WHERE metadata ->> 'user' = ANY(%s)"  # noqa: S608
        parts.append((f"e.pgh_context_id IN ({said})", [[str(key) for key in wish.people]]))
    if wish.institution:
        parts.append((f"e.{table.institution} = %s", [wish.institution]))
    if wish.row:
        parts.append(("e.pgh_obj_id::text = %s", [wish.row]))
    if wish.since:
        parts.append(("e.pgh_created_at >= %s", [_midnight(wish.since)]))
    if wish.until:
        parts.append(("e.pgh_created_at < %s", [_midnight(wish.until + timedelta(days=1))]))
    if wish.text:
        said = f"SELECT id FROM {CONTEXTS} WHERE metadata::text LIKE ANY(%s)"  # noqa: S608
        spellings = _spellings(wish.text)
        parts.append((f"(e::text LIKE ANY(%s) OR e.pgh_context_id IN ({said}))", [spellings, spellings]))
    return " AND ".join(sql for sql, _values in parts), [value for _sql, values in parts for value in values]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _spellings(text: str) -> list[str]:
    """As typed, small, capital and in capitals: the database folds no Kazakh letters without ICU."""
    escaped = text.strip().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    forms = {escaped, escaped.lower(), escaped.upper(), escaped.capitalize(), escaped.title()}
    return sorted(f"%{form}%" for form in forms)


def _entries(cursor: Any, places: list[Place]) -> list[Entry]:
    """The events of the places in their order, each with how its row was before."""
    tables = trail_tables()
    arms, values = [], []
    for number in sorted({place.table for place in places}):
        name = tables[number].name
        # The sum keeps the planner from walking the whole table backwards in search of an earlier event.
        arms.append(
            f"SELECT {number}, e.pgh_id, e.pgh_label, e.pgh_obj_id::text, to_jsonb(e), to_jsonb(p), c.metadata"  # noqa: S608
            f' FROM "{name}" e LEFT JOIN {CONTEXTS} c ON c.id = e.pgh_context_id LEFT JOIN LATERAL ('
            f' SELECT * FROM "{name}" p WHERE p.pgh_obj_id = e.pgh_obj_id AND p.pgh_id < e.pgh_id'
            " ORDER BY p.pgh_id + 0 DESC LIMIT 1) p ON true WHERE e.pgh_id = ANY(%s)"
        )
        values.append([place.event for place in places if place.table == number])
    cursor.execute(" UNION ALL ".join(arms), values)
    rows = {(row[0], row[1]): row[2:] for row in cursor.fetchall()}
    return [_entry(tables[place.table], place, *rows[place.table, place.event]) for place in places]


def _entry(
    table: TrailTable, place: Place, label: str, row: str, now: str, before: str | None, said: str | None
) -> Entry:
    all_of_it = _loaded(now)
    data = {name: all_of_it[name] for name in table.columns if not name.startswith("pgh_")}
    was = _loaded(before) if before else {}
    changed = {name: (was[name], value) for name, value in data.items() if name in was and was[name] != value}
    return Entry(
        table=table,
        place=place,
        pgh_id=place.event,
        pgh_created_at=place.at,
        pgh_label=label,
        pgh_obj_id=row,
        pgh_context=_loaded(said) if said else {},
        pgh_data=data,
        pgh_diff=changed if label == "update" else {},
    )


def _loaded(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
