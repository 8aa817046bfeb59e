"""Moments of decision, ordered so that a snapshot never misses one.

A figure "as at T" counts what was decided up to T. Clocks alone can't promise that: a transaction may read the
clock before T and commit after a snapshot at T was taken. So whoever decides holds a shared lock from reading the
clock to its commit, and whoever fixes T takes the same lock alone: at that instant no decision is under way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection
from django.db.models import Q

MOMENT_LOCK = 7_146_201


def decision_moment() -> datetime:
    """The moment of a decision, to be stored in the running transaction; call it once, as late as possible."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [MOMENT_LOCK])
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def valid_at(moment: datetime) -> Q:
    """Of rows that hold from `valid_from` until `valid_to`, which is open while they do: those of a moment."""
    return Q(valid_from__lte=moment) & (Q(valid_to=None) | Q(valid_to__gt=moment))


def database_now() -> datetime:
    """What time it is by the clock that all processes share: for what is sent or deleted for good because it is due.

    In a query say `Now()`. The clock of one machine may jump, and then only that machine's notes are wrong.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


@contextmanager
def fixed_moment() -> Iterator[datetime]:
    """A moment at which no decision is under way; new ones wait until the block ends, so keep it short.

    Enter it before the transaction that reads (a lock taken inside a REPEATABLE READ transaction leaves it reading
    from before the wait) and leave it once that transaction's first statement has run.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp() FROM pg_advisory_lock(%s)", [MOMENT_LOCK]
        )  # the lock comes first
        try:
            moment: datetime = cursor.fetchone()[0]
            yield moment
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MOMENT_LOCK])
