"""`make mutants`: of each area a sample of mutants, the same each time; how many of them the tests have killed.

Once all is imported and the database stands, the tests are run unchanged, noting which lines each of them runs. Then
each mutant gets a forked process, in which those are run that run its lines, until one fails. A mutant that is no
program any more (wrong SQL) does not count; one that does the same as the original is named in `equivalents.txt`.

    python -m tests.mutants [area ...]        QAMTU_MUTANTS=100   how many of each area, 0 for all
                                              QAMTU_MUTANT=name   only those whose name begins so, one a line
"""

import hashlib
import json
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.areas import AREAS, Part
from tests.mutants.making import ROOT, Mutant, mutants_of

SAMPLE = int(os.environ.get("QAMTU_MUTANTS", "100"))
ONLY = os.environ.get("QAMTU_MUTANT", "").splitlines()
ENOUGH = 0.9
SLOW, TOO_SLOW = 10, 30  # seconds: tests that are asked last, and not at all
WITH_PROCESSES = {"worker", "page", "plain_page", "browser", "live_server"}
WITHOUT_END = "without end"
END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
EQUIVALENTS = Path(__file__).with_name("equivalents.txt")


@dataclass
class Trial:
    """One mutant: how to put it into a process, and what to do with the database before and after."""

    name: str
    tests: tuple[str, ...]
    apply: Callable[[], None]
    is_run_by: Callable[[set[tuple[str, int]]], bool]
    before: str = ""
    after: str = ""


@dataclass(eq=False)
class Mutating:
    """A plugin of pytest that takes the place of its loop over the tests."""

    areas: list[str]
    seconds: dict[Any, float] = field(default_factory=dict)
    lines: dict[Any, set[tuple[str, int]]] = field(default_factory=dict)
    error: BaseException | None = None
    enough: bool = True

    def pytest_configure(self) -> None:
        """Made-up examples are the same each time, and the first that fails is enough."""
        from hypothesis import Phase, settings

        some = (Phase.explicit, Phase.generate)
        settings.register_profile("mutants", database=None, derandomize=True, deadline=None, phases=some)
        settings.load_profile("mutants")

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        marks = ("processes", "browser", "alone")
        items[:] = [
            item
            for item in items
            if not WITH_PROCESSES & set(item.fixturenames) and not any(map(item.get_closest_marker, marks))
        ]

    def pytest_exception_interact(self, call: Any) -> None:
        self.error = call.excinfo.value

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        from pytest_django.plugin import blocking_manager_key

        from tests.mutants.applying import prepare

        unblocked = session.config.stash[blocking_manager_key].unblock
        self.run_unchanged(session, {str(ROOT / part.module) for name in self.areas for part in AREAS[name]})
        prepare()
        for name in self.areas:
            write(json.dumps(self.measure(session, name, unblocked)))
        session.testsfailed = int(not self.enough)
        return True

    def run_unchanged(self, session: pytest.Session, files: set[str]) -> None:
        """Note how long each test takes and which lines of the modules it runs."""
        ran: set[tuple[str, int]] = set()

        def trace(frame: FrameType, event: str, _argument: object) -> Any:
            if frame.f_code.co_filename not in files:
                return None
            ran.add((frame.f_code.co_filename, frame.f_lineno))
            return trace

        threading.settrace(trace)
        for item, following in zip(session.items, [*session.items[1:], session], strict=True):
            started = time.monotonic()
            sys.settrace(trace)
            reports = runtestprotocol(item, log=False, nextitem=following)  # type: ignore[arg-type]
            sys.settrace(None)
            self.seconds[item], self.lines[item] = time.monotonic() - started, set(ran)
            ran.clear()
            if self.seconds[item] > 2:
                write(f"{self.seconds[item]:5.1f} s  {item.nodeid}")
            if any(report.failed for report in reports):
                write(f"not asked, for it fails without any mutant: {item.nodeid}")
                self.seconds[item] = TOO_SLOW
        threading.settrace(None)

    def measure(self, session: pytest.Session, name: str, unblocked: Any) -> dict[str, Any]:
        with unblocked():
            made = [trial for part in AREAS[name] for trial in trials_of(part)]
        equivalent = equivalents()
        chosen = sample([trial for trial in made if is_wanted(trial.name)])
        found = {"killed": 0, "survived": 0, "no program": 0, "equivalent": 0}
        for trial in chosen:
            started = time.monotonic()
            ended, by = "equivalent", ""
            if trial.name not in equivalent:
                ended, by = self.try_one(session, trial, unblocked)
            found[ended] += 1
            write(f"{ended:10} {time.monotonic() - started:5.1f} s  {trial.name}  {by}")
        counted = found["killed"] + found["survived"]
        share = found["killed"] / counted if counted else 1
        self.enough &= share >= ENOUGH
        told = {"name": "mutants", "area": name, "made": len(made), "tried": len(chosen)}
        return {**told, **found, "share": round(share, 3)}

    def try_one(self, session: pytest.Session, trial: Trial, unblocked: Any) -> tuple[str, str]:
        from django.db import ProgrammingError, connection

        from institutions.wall.building import build_wall

        its_own = [
            item for item in session.items if file_of(item) in trial.tests and self.seconds[item] < TOO_SLOW
        ]
        items = [item for item in its_own if trial.is_run_by(self.lines[item])]
        items.sort(
            key=lambda item: (self.seconds[item] > SLOW, trial.tests.index(file_of(item)), self.seconds[item])
        )
        limit = 60 + 5 * sum(self.seconds[item] for item in items)
        with unblocked():
            try:
                if trial.before:
                    execute(trial.before)
                ended, by = in_a_fork(lambda: self.first_failure(session, trial, items), limit)
                if by == WITHOUT_END:
                    clean_up()
            except ProgrammingError as error:  # of what was to be put into the database
                ended, by = "no program", str(error).splitlines()[0]
            finally:
                if trial.after:
                    execute(trial.after)
                if "/wall/" in trial.name:
                    build_wall()
                connection.close()
        return ended, by

    def first_failure(self, session: pytest.Session, trial: Trial, items: list[Any]) -> tuple[str, str]:
        try:
            trial.apply()
        except Exception as error:  # whatever the mutant makes of its module
            return "no program", repr(error)
        for item, following in zip(items, [*items[1:], session], strict=True):
            for report in runtestprotocol(item, log=False, nextitem=following):
                if report.failed:
                    return "no program" if is_wrong_sql(self.error) else "killed", item.nodeid
        return "survived", f"{len(items)} tests"


def is_wanted(name: str) -> bool:
    return not ONLY or name.startswith(tuple(ONLY))


def write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def file_of(item: Any) -> str:
    return str(item.nodeid.split("::")[0])


def trials_of(part: Part) -> Iterator[Trial]:
    from tests.mutants.applying import apply, is_built_upon, missing_policies, spoilt_triggers

    def of_module(mutant: Mutant) -> Trial:
        lines = {(str(ROOT / mutant.path), line) for line in mutant.lines}
        all_may_notice = is_built_upon(mutant)

        def put_in() -> None:
            apply(mutant)
            if "/wall/" in mutant.path:
                from institutions.wall.building import build_wall

                build_wall()

        return Trial(mutant.name, part.tests, put_in, lambda ran: all_may_notice or bool(lines & ran))

    if part.module:
        yield from map(of_module, mutants_of(part.module))
    for name, before, after in (
        *spoilt_triggers(list(part.triggers)),
        *(missing_policies() if part.policies else ()),
    ):
        yield Trial(name, part.tests, lambda: None, lambda _ran: True, before, after)


def sample(made: list[Trial]) -> list[Trial]:
    """The same each time, and hardly another where the program has changed a little."""
    by_chance = sorted(made, key=lambda trial: hashlib.sha256(trial.name.encode()).digest())
    chosen = {trial.name for trial in (by_chance[:SAMPLE] if SAMPLE else made)}
    return [trial for trial in made if trial.name in chosen]


def equivalents() -> set[str]:
    lines = EQUIVALENTS.read_text(encoding="utf-8").splitlines()
    return {line.split(" ;; ")[0] for line in lines if " ;; " in line}


def in_a_fork(work: Callable[[], tuple[str, str]], seconds: float) -> tuple[str, str]:
    from tests.forking import fork

    read, write = os.pipe()
    child = fork()
    if child == 0:
        try:
            os.write(write, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(write)
    ready, _, _ = select.select([read], [], [], seconds)
    said = os.read(read, 100_000) if ready else b""
    os.close(read)
    if not ready:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if not said:
        return "killed", "the process ended" if ready else WITHOUT_END
    ended, by = json.loads(said)
    return ended, by


def is_wrong_sql(error: BaseException | None) -> bool:
    """Words that PostgreSQL does not understand; that a row is behind the wall (42501) is understood."""
    while error is not None:
        state = getattr(error, "sqlstate", None) or ""
        if state.startswith("42") and state != "42501":
            return True
        error = error.__cause__ or error.__context__
    return False


def execute(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


def clean_up() -> None:
    """After a process that was killed: its connections are closed, and what it has committed is deleted."""
    from django.core.management import call_command

    execute(END_OTHERS)
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)


if __name__ == "__main__":
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    names = [word for word in sys.argv[1:] if word not in options] or list(AREAS)
    parts = [part for name in names for part in AREAS[name]]
    wanted = [
        part for part in parts if not ONLY or any(one.startswith(part.module or "database") for one in ONLY)
    ]
    files = dict.fromkeys(file for part in wanted for file in part.tests)
    sys.exit(pytest.main(["-q", "-s", "-p", "no:xdist", *files, *options], plugins=[Mutating(names)]))
