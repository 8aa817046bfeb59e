"""Seals: blocks of events get a digest and a place in a chain of hashes, soon after they were written.

Not while they are written: a chain through the writes themselves would make all universities wait for one another.
Instead every sweep marks how far the tables have come and which transactions are at work, and the next sweep after
those have ended seals up to that mark. Nobody waits, nothing is locked, and below the mark nothing can appear any more:
an event's id is given out within a transaction that has its own number already (history is written by triggers, after
the row), so whoever might still bring a lower id was at work when the mark was made.
"""

import json
import time
from dataclasses import dataclass
from datetime import UTC, timedelta
from hashlib import sha256

import structlog
from django.db import connection, transaction
from django.utils import timezone

from institutions.locks import one_at_a_time
from institutions.models import TrailMark, TrailSeal
from institutions.trail.tables import CONTEXTS, TrailTable, trail_tables

BLOCK = 10_000
MARK = 12  # bytes: eight of the id, four of the digest of the one event
EVERY = timedelta(minutes=5)  # more often would make many small blocks
# The text of a row must not depend on who reads it.
PLAIN_TEXT = (
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'iso_8601';"
    " SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
)


@dataclass(frozen=True)
class Block:
    """What a seal says of its events; `marks` in MARK bytes each, where they were asked for."""

    rows: int
    digest: str
    marks: bytes | None = None


def seal(*, patience: float = 0) -> int:
    """Seal what nothing can be added to any more, and mark how far the next call may go. How many seals were made.

    With `patience` wait up to so many seconds for the transactions that are at work now, so that everything that was
    there at the call is sealed at its end. Raises Busy if another process is at it.
    """
    with one_at_a_time("trail", 0, wait=patience > 0):
        if not patience and TrailMark.objects.filter(marked_at__gt=timezone.now() - EVERY).exists():
            return 0
        sealed = _seal_up_to_the_mark()
        _set_mark(anew=patience > 0)
        if not patience:
            return sealed
        until = time.monotonic() + patience
        while not _mark() and time.monotonic() < until:
            time.sleep(0.05)
        return sealed + _seal_up_to_the_mark()


def text_of(seal: TrailSeal) -> str:
    """What the hash of a seal is taken of: one value a line, in UTF-8. docs/trail.md names them for outsiders."""
    return "\n".join(
        [
            str(seal.number),
            seal.previous,
            seal.table,
            str(seal.after_id),
            str(seal.upto_id),
            str(seal.rows),
            ",".join(seal.columns),
            seal.digest,
            seal.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        ]
    )


def hash_of(seal: TrailSeal) -> str:
    return sha256(text_of(seal).encode()).hexdigest()


def block(table: str, columns: list[str], after: int, upto: int, *, marked: bool = False) -> Block:
    """The events with ids above `after` up to `upto`, each with who did it and why, as the database has them now."""
    mark = "int8send(id) || substr(sha256(convert_to(line, 'UTF8')), 1, 4)"
    values = ", ".join(f'e."{column}"' for column in columns)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLAIN_TEXT)
        cursor.execute(
            f"""
            SELECT count(*),
                encode(sha256(convert_to(coalesce(string_agg(line, E'\\n' ORDER BY id), ''), 'UTF8')), 'hex'),
                {f"string_agg({mark}, '' ORDER BY id)" if marked else "NULL"}
            FROM (
                SELECT e.pgh_id AS id, ROW({values}, c.created_at, c.metadata)::text AS line
                FROM "{table}" e LEFT JOIN {CONTEXTS} c ON c.id = e.pgh_context_id
                WHERE e.pgh_id > %s AND e.pgh_id <= %s
            ) lines
            """,  # noqa: S608 - names of our own tables
            [after, upto],
        )
        return Block(*cursor.fetchone())


def id_of(mark: bytes) -> int:
    return int.from_bytes(mark[:8], "big", signed=True)


def newest() -> TrailSeal | None:
    """The end of the chain: what must be kept outside of the database to prove later that it was there."""
    return TrailSeal.objects.defer("marks").order_by("-number").first()


def ends() -> dict[str, int]:
    """Up to which event each table is sealed; 0 where nothing is."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT name, coalesce((
                SELECT upto_id FROM institutions_trailseal WHERE "table" = name ORDER BY upto_id DESC LIMIT 1
            ), 0) FROM unnest(%s::text[]) AS name
            """,
            [[table.name for table in trail_tables()]],
        )
        return dict(cursor.fetchall())


def _seal_up_to_the_mark() -> int:
    sealed = 0
    positions = _mark()
    sealed_up_to = ends() if positions else {}
    for table in trail_tables() if positions else ():
        after = sealed_up_to[table.name]
        while upto := _end_of_block(table, after, positions.get(table.name, 0)):
            _append(table, after, upto)
            after, sealed = upto, sealed + 1
    return sealed


def _end_of_block(table: TrailTable, after: int, limit: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT max(pgh_id) FROM (SELECT pgh_id FROM "{table.name}" WHERE pgh_id > %s AND pgh_id <= %s'  # noqa: S608
            " ORDER BY pgh_id LIMIT %s) block",
            [after, limit, BLOCK],
        )
        found: int | None = cursor.fetchone()[0]
        return found


def _append(table: TrailTable, after: int, upto: int) -> None:
    with transaction.atomic():
        last = newest()
        found = block(table.name, list(table.columns), after, upto, marked=True)
        seal = TrailSeal(
            number=last.number + 1 if last else 1,
            previous=last.hash if last else "",
            table=table.name,
            after_id=after,
            upto_id=upto,
            rows=found.rows,
            columns=list(table.columns),
            digest=found.digest,
            marks=found.marks,
            sealed_at=timezone.now(),
        )
        seal.hash = hash_of(seal)
        seal.save(force_insert=True)
    # The log is kept elsewhere than the database, if it is kept well: a hash that has left can't be taken back.
    structlog.get_logger(__name__).info("trail sealed", seal=seal.number, hash=seal.hash, table=seal.table)


def _mark() -> dict[str, int]:
    """The positions of the mark, once every transaction that was at work when it was made has ended; else nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT positions FROM institutions_trailmark"
            " WHERE horizon <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        )
        row = cursor.fetchone()
    return json.loads(row[0]) if row else {}


def _set_mark(*, anew: bool) -> None:
    """Mark how far the tables have come; unless `anew`, an older mark that still waits goes first.

    A mark from the future is one that came with a copy of another server's database, whose transactions count anew.
    """
    heads = " UNION ALL ".join(
        f"SELECT '{table.name}' AS name, coalesce(max(pgh_id), 0) AS head FROM \"{table.name}\""  # noqa: S608
        for table in trail_tables()
    )
    snapshot = "pg_current_snapshot()"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO institutions_trailmark AS mark (id, horizon, positions, marked_at)
            SELECT 1, pg_snapshot_xmax({snapshot})::text::bigint, jsonb_object_agg(name, head), now()
            FROM ({heads}) heads
            ON CONFLICT (id) DO UPDATE
                SET horizon = excluded.horizon, positions = excluded.positions, marked_at = excluded.marked_at
                WHERE %s OR mark.horizon <= pg_snapshot_xmin({snapshot})::text::bigint
                    OR mark.horizon > excluded.horizon
            """,  # noqa: S608
            [anew],
        )
