"""Six processes that start at once on one database: one of them migrates it, and the others find it done."""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config import prepare
from institutions import locks
from institutions.management.commands import migrate
from tests.faults.amounts import IN_FULL
from tests.forking import fork

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

STARTED = 6  # two web servers and four workers
NAME = "prepared_at_once"


@pytest.fixture
def empty_database() -> Iterator[None]:
    """One without any table, where the processes that are started find theirs."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {NAME} TEMPLATE template0")
        yield
        cursor.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest.fixture(autouse=True)
def on_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """No demonstration data; and it says aloud what it migrates."""
    monkeypatch.setattr(settings, "DEMO", False)
    monkeypatch.setattr(
        prepare,
        "call_command",
        lambda name, **options: call_command(name, **{**options, "verbosity": int(name == "migrate")}),
    )


def start(log: Path, work: Callable[[], object]) -> int:
    """A process that does the work on the other database once `log`'s folder has a file "go"; its number."""
    child = fork()
    if child:
        return child
    status = 1
    try:
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.dup2(1, 2)
        sys.stdout = sys.stderr = os.fdopen(1, "w", buffering=1)
        connection.settings_dict["NAME"] = NAME
        while not (log.parent / "go").exists():
            time.sleep(0.001)
        work()
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


def at_once(folder: Path, *works: Callable[[], object]) -> list[str]:
    """What each said; ends all of them when one has failed, and says which by its text alone."""
    connections.close_all()
    (folder / "go").unlink(missing_ok=True)
    children = {start(folder / f"{number}", work): number for number, work in enumerate(works)}
    running = set(children)
    (folder / "go").touch()
    failed = False
    while running:
        for child in list(running):
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                running.discard(child)
                failed = failed or bool(status)
        if failed:
            for child in running:
                os.kill(child, signal.SIGKILL)
        time.sleep(0.01)
    said = [(folder / f"{number}").read_text() for number in children.values()]
    if failed:
        raise Failed("\n".join(said))
    return said


class Failed(Exception):
    """One of the processes did."""


def applied(said: list[str]) -> list[int]:
    """How many migrations each applied."""
    return sorted(text.count("Applying ") for text in said)


def go_back_one_version() -> None:
    """The last step of `reports` alone: Django can't go back into the middle of what stands for many steps."""
    loader = MigrationLoader(connection, replace_migrations=False)
    newest = max(key for key in loader.disk_migrations if key[0] == "reports" and "_squashed_" not in key[1])
    with connection.schema_editor(atomic=True) as editor:
        loader.get_migration(*newest).unapply(loader.project_state(newest, at_end=False), editor)
    MigrationRecorder(connection).record_unapplied(*newest)


def test_on_an_empty_database_exactly_one_migrates(empty_database: None, tmp_path: Path) -> None:
    """In the short form only what depends on nothing, for the whole takes ten seconds."""
    loader = MigrationLoader(connection)
    few = [key for key in loader.disk_migrations if key[0] == "contenttypes"]
    work = prepare.database if IN_FULL else lambda: call_command("migrate", "contenttypes")
    expected = len(loader.graph.nodes) if IN_FULL else len(few)
    assert applied(at_once(tmp_path, *[work] * STARTED)) == [*[0] * (STARTED - 1), expected]


def test_on_a_database_a_version_behind_exactly_one_migrates(empty_database: None, tmp_path: Path) -> None:
    at_once(tmp_path, prepare.database)
    at_once(tmp_path, go_back_one_version)
    assert applied(at_once(tmp_path, *[prepare.database] * STARTED)) == [*[0] * (STARTED - 1), 1]


def test_without_the_lock_they_fail(
    empty_database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: several begin to make the same tables, and all but one end with an error."""
    for module in (locks, migrate):
        monkeypatch.setattr(module, "alone", lambda _subject: nullcontext())
    with pytest.raises(Failed, match=r"already exists|duplicate key|DuplicateTable|UniqueViolation"):
        at_once(tmp_path, *[prepare.database] * STARTED)
