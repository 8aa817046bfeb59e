"""Several people at the same moment, each with a connection to the database of their own."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from threading import Barrier

from django.db import connection, transaction

from institutions.moments import MOMENT_LOCK


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


def beside(*actions: Callable[[], object], meanwhile: AbstractContextManager[object]) -> list[object]:
    """Begin the actions one after the other within the block, on connections of their own; what came of each."""
    with ThreadPoolExecutor(len(actions)) as pool:
        with meanwhile:
            begun = []
            for action in actions:
                begun.append(pool.submit(at_once, action))
                time.sleep(0.4)
        return [one for each in begun for one in each.result(timeout=30)]
