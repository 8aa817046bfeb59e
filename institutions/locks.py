"""One at a time per subject: advisory locks of the database, taken before the transaction that they guard."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction


class Busy(Exception):
    """Another process works on this subject."""


@contextmanager
def one_at_a_time(subject: str, number: int, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock of (`subject`, `number`) for the block; with `wait=False` raise Busy instead of waiting.

    A session lock, so that the transaction inside starts after the wait and reads what the one before committed; a
    killed process lets go of it when its connection drops. Both are folded to 31 bits: two subjects may share a
    lock, which costs a wait and nothing else.
    """
    keys = keys_of(subject, number)
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", keys)
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
            if not cursor.fetchone()[0]:
                raise Busy(subject)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)


@contextmanager
def alone(subject: str) -> Iterator[None]:
    """Wait for the lock of `subject` and hold it for the block, over a connection of its own.

    For what comes before the first table is there, and may close and open the usual connection meanwhile.
    """
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with own.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")  # the one before may take as long as it takes
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", keys_of(subject))
        yield
    finally:
        own.close()


def keys_of(subject: str, number: int = 0) -> list[int]:
    """What the database knows a lock by."""
    return [zlib.crc32(subject.encode()) >> 1, number % 2**31]


@contextmanager
def consistent_read() -> Iterator[None]:
    """A transaction in which every statement sees the same state of the database.

    Inside a transaction of the caller's, that one's isolation holds.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
