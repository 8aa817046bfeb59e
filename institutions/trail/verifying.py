"""Whether the trail is as it was written: each seal recomputed from the events, the chain followed from its beginning.

What is looked for: an altered, removed or added event; an altered account of who, whence and why; a seal altered,
removed, moved or made up; the end of the chain cut off, if somebody kept a hash from outside (`anchors`); triggers that
were switched off; rows that do not stand as their last event says, for whoever can switch history off leaves none.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

import pgtrigger
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from institutions.locks import consistent_read
from institutions.models import TrailSeal
from institutions.trail.guarding import altered_functions, unguarded
from institutions.trail.sealing import MARK, block, ends, hash_of, id_of
from institutions.trail.tables import TrailTable, trail_tables

NAMED = 5  # so many rows of a table are named, the others counted


@dataclass
class Report:
    """What was looked at, and what is wrong with it, one sentence each."""

    seals: int = 0
    sealed: int = 0
    unsealed: int = 0
    compared: int = 0
    faults: list[str] = field(default_factory=list)


def verify(*, anchors: Mapping[int, str] | None = None, rows: bool = True) -> Report:
    """Look at all of the trail as at one moment. `anchors` are hashes of seals, by number, that were kept elsewhere;
    without `rows` the present rows are not compared with their last events."""
    report = Report()
    with consistent_read():
        report.faults += _chain(report, dict(anchors or {}))
        report.unsealed = _unsealed()
        report.faults += _guards()
        if rows:
            for table in trail_tables():
                report.faults += _present_rows(report, table)
    return report


def _chain(report: Report, anchors: dict[int, str]) -> Iterator[str]:
    """Every seal in its order: number, hash, the hash before, the range that follows the table's last, the events."""
    present = _columns()
    reached: dict[str, int] = {}
    before, last = "", None
    for seal in TrailSeal.objects.defer("marks").order_by("number").iterator():
        where = _seal_name(seal)
        if seal.number != (last.number if last else 0) + 1:
            yield _("%(seal)s: the seals before it are missing.") % {"seal": where}
        if seal.previous != before:
            yield _("%(seal)s does not follow the seal before it: the chain is broken.") % {"seal": where}
        if hash_of(seal) != seal.hash:
            yield _("%(seal)s was altered: its hash is not that of its content.") % {"seal": where}
        if seal.after_id != reached.get(seal.table, 0):
            yield _("%(seal)s does not begin where the one before it of the same table ends.") % {
                "seal": where
            }
        if anchors.pop(seal.number, seal.hash) != seal.hash:
            yield _("%(seal)s is not the one whose hash was kept outside.") % {"seal": where}
        yield from _events(seal, present.get(seal.table))
        before, last = seal.hash, seal
        reached[seal.table] = seal.upto_id
        report.seals += 1
        report.sealed += seal.rows
    for table in sorted(reached):
        if block(table, ["pgh_id"], -(2**62), 0).rows:
            yield _("%(table)s has events before the first that was sealed.") % {"table": table}
    for number in sorted(anchors):
        yield _("Seal %(number)d, whose hash was kept outside, is gone: the end was cut off.") % {
            "number": number
        }


def _columns() -> dict[str, set[str]]:
    """What each history table consists of, by the database's own account."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, array_agg(attname::text) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE relname = ANY(%s) AND relnamespace = current_schema()::regnamespace"
            " AND attnum > 0 AND NOT attisdropped GROUP BY 1",
            [[table.name for table in trail_tables()]],
        )
        return {table: set(columns) for table, columns in cursor.fetchall()}


def _events(seal: TrailSeal, columns: set[str] | None) -> Iterator[str]:
    where = _seal_name(seal)
    if columns is None or not columns.issuperset(seal.columns):
        gone = ", ".join(sorted(set(seal.columns) - (columns or set())))
        yield _("%(seal)s can't be checked, for columns of its table are gone: %(gone)s.") % {
            "seal": where,
            "gone": gone,
        }
        return
    found = block(seal.table, seal.columns, seal.after_id, seal.upto_id)
    if found.rows != seal.rows:
        yield _("%(seal)s: %(sealed)d events were sealed, %(found)d are there.") % {
            "seal": where,
            "sealed": seal.rows,
            "found": found.rows,
        }
    elif found.digest != seal.digest:
        yield _("%(seal)s: an event, or who, whence and why of one, was altered.") % {"seal": where}
    if (found.rows, found.digest) != (seal.rows, seal.digest) and (event := _first_wrong(seal)):
        yield _("%(seal)s: the first that is not as it was is event %(event)d.") % {
            "seal": where,
            "event": event,
        }


def _first_wrong(seal: TrailSeal) -> int | None:
    """Which event was altered, added or is gone; None where the marks do not tell, as seals of 1.0.0 have none."""
    now = block(seal.table, seal.columns, seal.after_id, seal.upto_id, marked=True).marks
    for old, new in zip_longest(_marks(seal.marks), _marks(now)) if seal.marks else ():
        if old != new:
            return min(map(id_of, filter(None, (old, new))))
    return None


def _marks(text: bytes | memoryview | None) -> list[bytes]:
    told = bytes(text or b"")
    return [told[place : place + MARK] for place in range(0, len(told), MARK)]


def _unsealed() -> int:
    """How many events wait for their seal."""
    upto = ends()
    counts = " UNION ALL ".join(
        f'SELECT count(*) AS n FROM "{table.name}" WHERE pgh_id > {upto[table.name]}'  # noqa: S608
        for table in trail_tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT sum(n) FROM ({counts}) counts")  # noqa: S608
        return int(cursor.fetchone()[0])


def _guards() -> Iterator[str]:
    for table in unguarded():
        yield _("%(table)s: the trigger that forbids alterations is missing or switched off.") % {
            "table": table
        }
    for name in altered_functions():
        yield _("The database's function %(name)s is missing or was altered.") % {"name": name}
    for model, trigger in pgtrigger.registered():
        status, enabled = trigger.get_installation_status(model)
        if status != "INSTALLED" or not enabled:
            yield _("%(table)s: its trigger %(trigger)s is missing, altered or switched off.") % {
                "table": model._meta.db_table,
                "trigger": trigger.name,
            }


def _present_rows(report: Report, table: TrailTable) -> Iterable[str]:
    """Rows that are not as their last event says, which happens only past the triggers. Rows without any event were
    loaded in bulk without history, as demonstration data are, and prove nothing."""
    meta = table.model._meta
    key = meta.pk.column
    own = {item.column for item in meta.concrete_fields}
    shared = [name for name in table.columns if name in own]
    now, then = (", ".join(f'{alias}."{name}"' for name in shared) for alias in ("r", "e"))
    sql = f"""
        SELECT count(*), count(*) FILTER (WHERE differs),
            (array_agg(key::text ORDER BY key) FILTER (WHERE differs))[:{NAMED}]
        FROM (
            SELECT r."{key}" AS key, ROW({now}) IS DISTINCT FROM ROW({then}) AS differs
            FROM "{meta.db_table}" r JOIN (
                SELECT DISTINCT ON (pgh_obj_id) * FROM "{table.name}" ORDER BY pgh_obj_id, pgh_id DESC
            ) e ON e.pgh_obj_id = r."{key}"
        ) compared
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql)
        compared, wrong, keys = cursor.fetchone()
    report.compared += compared
    if not wrong:
        return []
    return [
        ngettext(
            "%(table)s: %(count)d row is not as its history says (%(keys)s).",
            "%(table)s: %(count)d rows are not as their history says (%(keys)s).",
            wrong,
        )
        % {"table": meta.db_table, "count": wrong, "keys": ", ".join(keys) + ("…" if wrong > NAMED else "")}
    ]


def _seal_name(seal: TrailSeal) -> str:
    return _("Seal %(number)d (%(table)s, events %(first)d to %(last)d)") % {
        "number": seal.number,
        "table": seal.table,
        "first": seal.after_id + 1,
        "last": seal.upto_id,
    }
