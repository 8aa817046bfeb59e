"""From every released version to today: no row, no file and no figure is lost, and the version before lives with the
database of today, so that machines are restarted one after the other, and the program can be put back."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations import (
    AddField,
    AlterField,
    CreateModel,
    DeleteModel,
    RemoveField,
    RenameField,
    RenameModel,
)
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models import IntegerField

from reports.backups import manifest
from tests.workers import ROOT, database_url

HERE = Path(__file__).resolve().parent
RELEASED = sorted(
    (path.parent for path in HERE.glob("*/manifest.json")),
    key=lambda folder: [int(number) for number in folder.name.split(".")],
)
TAKES_AWAY = (RemoveField, DeleteModel, RenameField, RenameModel)
OURS = ("institutions", "curricula", "reports")
# What a migration takes away that the released version before does not use any more: "app.migration", and why.
UNUSED: dict[str, str] = {}


@pytest.fixture
def empty_database(transactional_db: None) -> Iterator[str]:
    """Its address. Of the same server as the tests' own."""
    name = f"{connection.settings_dict['NAME']}_upgrade"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield database_url().replace(f"/{connection.settings_dict['NAME']}", f"/{name}")
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def manage(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env={**os.environ, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.processes
@pytest.mark.parametrize("kept", RELEASED, ids=lambda folder: folder.name)
def test_every_row_and_every_figure_of_a_released_version_is_there_today(
    kept: Path, empty_database: str, tmp_path: Path
) -> None:
    given = {"DATABASE_URL": empty_database, "MEDIA_ROOT": str(tmp_path)}
    done = manage("restore", str(kept), **given)
    assert done.returncode == 0, done.stderr
    assert f"made by {kept.name}" in done.stdout
    assert "release 1 are what was saved" in done.stdout
    assert (tmp_path / "imports/lines.xlsx").read_bytes() == b"PK of lines"
    assert "No planned migration operations." in manage("migrate", "--plan", **given).stdout


def test_the_version_before_lives_with_what_migrations_have_added() -> None:
    assert RELEASED
    known = set(manifest.read(RELEASED[-1]).migrations)
    assert in_the_way(known) == []


def test_what_would_be_in_its_way_is_seen() -> None:
    """Looked at as if only the first migrations had been released: what later ones have taken away and asked for."""
    found = in_the_way({f"{app}.{name}" for app in OURS for name in ("0001_initial", "0002_initial")})
    assert [line for line in found if "RemoveField" in line]


@pytest.mark.parametrize(
    ("field", "asks"),
    [
        (IntegerField(), True),
        (IntegerField(default=0), True),
        (IntegerField(null=True), False),
        (IntegerField(db_default=0), False),
    ],
)
def test_a_default_of_the_database_s_own_is_one_for_the_version_before(field: Any, asks: bool) -> None:
    assert asks_for_more(AddField("line", "hours", field), "curricula", None) is asks


def test_a_new_database_has_what_all_steps_would_have_made() -> None:
    at_once, by_steps = MigrationLoader(None), MigrationLoader(None, replace_migrations=False)
    assert [name for _, name in at_once.graph.nodes if "_squashed_" in name]
    made, expected = at_once.project_state(), by_steps.project_state(last_steps(by_steps))
    assert MigrationAutodetector(made, expected).changes(at_once.graph) == {}
    for key, model in expected.models.items():
        assert made.models[key].options.get("triggers") == model.options.get("triggers"), key
        assert list(made.models[key].fields) == list(model.fields), f"{key}: columns in another order"


def last_steps(loader: MigrationLoader) -> list[tuple[str, str]]:
    return [key for key in loader.graph.leaf_nodes() if "_squashed_" not in key[1]]


def in_the_way(released: set[str]) -> list[str]:
    """Operations of migrations that are not released, beside which a program that does not know them can't work."""
    loader = MigrationLoader(None, replace_migrations=False)
    state = ProjectState()
    new = set()  # tables that the version before knows nothing of
    found = []
    for key in loader.graph._generate_plan(last_steps(loader), at_end=True):
        migration = loader.disk_migrations[key]
        name = ".".join(key)
        for operation in migration.operations:
            before = state.clone() if isinstance(operation, AlterField) else None
            operation.state_forwards(key[0], state)
            if key[0] not in OURS or name in released or name in UNUSED:
                continue
            if isinstance(operation, CreateModel):
                new.add((key[0], operation.name_lower))
            elif (key[0], getattr(operation, "model_name_lower", "")) in new:
                continue
            elif isinstance(operation, TAKES_AWAY):
                found.append(f"{name}: {type(operation).__name__} {operation.describe()}")
            elif asks_for_more(operation, key[0], before):
                found.append(
                    f"{name}: {operation.describe()} needs a value that the version before does not give"
                )
    return found


def asks_for_more(operation: Any, app: str, before: ProjectState | None) -> bool:
    """A column that must have a value, and no default of the database's own: Django's is not in the database."""
    if not isinstance(operation, AddField | AlterField):
        return False
    field = operation.field
    if field.null or field.many_to_many or field.has_db_default() or getattr(field, "generated", False):
        return False
    if before is None:
        return True
    return bool(before.models[app, operation.model_name_lower].fields[operation.name].null)
