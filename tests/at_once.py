"""Several people at the same moment, each with a connection to the database of their own."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from inspect import unwrap
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from institutions.moments import MOMENT_LOCK
from tests.workers import eventually


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Run the actions on connections of their own at the same moment; what each returned or raised."""
    start = Barrier(len(actions))

    def run(action: Callable[[], object]) -> object:
        try:
            start.wait(timeout=10)
            return action()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


@contextmanager
def no_decision_ends() -> Iterator[None]:
    """Whoever decides meanwhile waits for the moment of the decision, with all locks that they took before."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MOMENT_LOCK])
        yield


@contextmanager
def no_row_is_written(table: str) -> Iterator[None]:
    """Whoever wants to write there waits, with all locks that they took and all that they read before."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield


@contextmanager
def not_yet_committed(action: Callable[[], object]) -> Iterator[None]:
    """The action is done by then, and holds all locks that it took; others see of it what they read afterwards."""
    with transaction.atomic():
        action()
        yield


def beside(*actions: Callable[[], object], meanwhile: AbstractContextManager[object]) -> list[object]:
    """Begin the actions within the block, on connections of their own; what came of each.

    The next one begins, and the block ends, when those before wait for a lock or have ended.
    """
    begun: list[Future[list[object]]] = []
    with ThreadPoolExecutor(len(actions)) as pool, meanwhile:
        for action in actions:
            begun.append(pool.submit(at_once, action))
            eventually(lambda: waiting() + sum(each.done() for each in begun) == len(begun), "a lock")
    return [one for each in begun for one in each.result()]


def waiting() -> int:
    """How many connections to this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN (
                SELECT pid FROM pg_locks JOIN pg_database ON oid = database WHERE datname = current_database())
        """)
        return int(cursor.fetchone()[0])


def without_row_locks(monkeypatch: pytest.MonkeyPatch, *functions: Callable[..., object]) -> None:
    """For a negative control: rows that these functions themselves would lock they merely read."""
    lock: Callable[..., Any] = QuerySet.select_for_update
    unlocked = {unwrap(function).__code__ for function in functions}

    def perhaps(rows: Any, **how: Any) -> Any:
        asks = sys._getframe(1)
        while asks.f_globals["__name__"].startswith("django.") and asks.f_back:
            asks = asks.f_back
        return rows.all() if asks.f_code in unlocked else lock(rows, **how)

    monkeypatch.setattr(QuerySet, "select_for_update", perhaps)
