"""Django's own `migrate`, one at a time, and impatient: of several that start at once one migrates, the others find
nothing to do; and where somebody holds what it needs it ends, for whoever waits for a lock of a table keeps everybody
waiting who comes after.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

from institutions.locks import alone

PATIENCE = "5s"

# Who held it can't be asked any more: whoever has been in a transaction for longest, probably.
OLDEST = """
    SELECT pid, usename, extract(epoch FROM clock_timestamp() - xact_start)::integer FROM pg_stat_activity
    WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
    ORDER BY xact_start LIMIT 1
"""


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with ExitStack() as stack:
            if not (options["plan"] or options["check_unapplied"]):
                stack.enter_context(alone("migrations"))  # before Django reads what has been applied
                stack.enter_context(impatient(options["database"]))
            super().handle(*args, **options)


@contextmanager
def impatient(using: str) -> Iterator[None]:
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{PATIENCE}'")
    try:
        yield
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise CommandError(f"{held_by(connection)} {LEFT}") from error
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


LEFT = "What was applied before stays, this migration left nothing behind. Run migrate again."


def held_by(connection: Any) -> str:
    said = f"A table that a migration changes was held for more than {PATIENCE}"
    with connection.cursor() as cursor:
        cursor.execute(OLDEST)
        oldest = cursor.fetchone()
    if oldest is None:
        return f"{said}."
    return f"{said}, probably by process {oldest[0]} of {oldest[1]}, in a transaction for {oldest[2]} s."
