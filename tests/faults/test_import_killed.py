"""A worker killed in the midst of an import leaves all of it or nothing, and the next one finishes."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from curricula import importing
from curricula.importing import running
from curricula.models import Batch, CurriculumVersion, Import, ImportChange, Line
from institutions.bell import ring
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line
from tests.factories import make_institution, make_member, make_period, make_programme
from tests.faults.test_snapshot_killed_anywhere import killed_within
from tests.workers import Worker, eventually

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

PROGRAMMES, LINES = 40, 50
NOTHING, EVERYTHING = (0, 0), (PROGRAMMES, PROGRAMMES * LINES)


def content(*, lines: int = LINES, last: dict[str, object] | None = None) -> bytes:
    """So many for every programme; `last` spoils the last one."""
    rows = [
        line(position, programme_code=f"6B061{number:02}")
        for number in range(PROGRAMMES)
        for position in range(lines)
    ]
    if last:
        rows[-1] = line(LINES - 1, programme_code=f"6B061{PROGRAMMES - 1:02}", **last)
    return csv_text(HEADINGS, *rows).encode()


def begin(file: bytes) -> Import:
    institution = make_institution(code="kaznu")
    period = make_period("2025")
    for number in range(PROGRAMMES):
        make_programme(institution, code=f"6B061{number:02}")
    upload = SimpleUploadedFile("lines.csv", file)
    editor = make_member(institution, "editor")
    return importing.start_import(institution=institution, period=period, file=upload, by=editor)


def say_yes(ready: Import) -> None:
    importing.confirm_import(ready=ready, fingerprint=ready.fingerprint, by=ready.uploaded_by)


def saved() -> tuple[int, int]:
    return CurriculumVersion.objects.count(), Line.objects.count()


def kept() -> tuple[int, int]:
    """What is kept beside the lines: the programmes of the preview, and what can be undone."""
    return ImportChange.objects.count(), Batch.objects.count()


def files() -> set[str]:
    folder = Path(settings.MEDIA_ROOT) / "imports"
    return {path.name for path in folder.rglob("*") if path.is_file()}


def nobody_holds_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0] == 0)


def die(started: Import, moment: str, lines: int = 0) -> None:
    """Have a process run the import and kill itself at the moment named: a phase and how many lines were written by
    then, `recorded` (the row says done, nothing is committed) or `committed`.
    """

    def die_at(reached: str) -> None:
        if reached == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def run_and_die() -> None:
        module: Any = running
        module.TELL_EVERY = 0
        tell, record, save = module._Progress.tell, module.record_outcome, module.import_file

        def telling(progress: Any, phase: str, done: int, total: int) -> None:
            tell(progress, phase, done, total)
            if done >= lines:
                die_at(phase)

        def recording(*arguments: Any, **named: Any) -> None:
            record(*arguments, **named)
            die_at("recorded")

        def committing(**arguments: Any) -> None:
            save(**arguments)
            die_at("committed")

        module._Progress.tell, module.record_outcome, module.import_file = telling, recording, committing
        importing.run_import(started.pk)

    assert killed_within(60, run_and_die) == -signal.SIGKILL
    eventually(nobody_holds_a_lock, "the dead process's locks to be let go")
    started.refresh_from_db()


def swept(started: Import) -> str:
    importing.run_outstanding()
    started.refresh_from_db()
    return started.state


@pytest.mark.parametrize(
    ("moment", "left"),
    [("reading", "running"), ("checking", "running"), ("recorded", "running"), ("committed", "ready")],
)
def test_killed_while_it_is_read_it_is_read_again_and_shown_once(moment: str, left: str) -> None:
    started = begin(content())
    die(started, moment)
    assert started.state == left
    assert swept(started) == "ready"
    assert kept() == (PROGRAMMES, 0)
    assert saved() == NOTHING


@pytest.mark.parametrize(
    ("moment", "lines", "left"),
    [
        ("reading", 0, NOTHING),
        ("checking", 0, NOTHING),
        ("saving", 0, NOTHING),
        ("saving", 800, NOTHING),
        ("saving", PROGRAMMES * LINES, NOTHING),
        ("recorded", 0, NOTHING),
        ("committed", 0, EVERYTHING),
    ],
)
def test_killed_while_it_is_saved_it_leaves_all_or_nothing_and_the_sweep_finishes(
    moment: str, lines: int, left: tuple[int, int]
) -> None:
    started = begin(content())
    assert swept(started) == "ready"
    say_yes(started)
    die(started, moment, lines)
    assert started.state == ("done" if left == EVERYTHING else "running")
    assert saved() == left
    assert swept(started) == "done"
    assert saved() == EVERYTHING
    assert kept() == (PROGRAMMES, 1)
    assert set(CurriculumVersion.objects.values_list("edit_number", flat=True)) == {1}


def test_killed_while_nobody_has_answered_nothing_is_lost() -> None:
    """A preview waits in the database: no worker and no queue has to remember it."""
    started = begin(content())
    assert swept(started) == "ready"
    say_yes(started)
    worker = Worker.start(clean=True)  # with Redis emptied: the bell of the yes is gone, the row is not
    try:
        ring("curricula.tasks.sweep")  # as beat does every 30 s
        eventually(lambda: Import.objects.get(pk=started.pk).state == "done", "the import to be done")
    finally:
        worker.stop()
    assert saved() == EVERYTHING


@pytest.mark.parametrize("moment", ["marking", "recorded", "committed"])
def test_killed_while_the_faults_are_marked_it_leaves_one_marked_copy(moment: str) -> None:
    before = files()
    started = begin(content(last={"credits": "many"}))
    die(started, moment)
    assert swept(started) == "refused"
    name = str(started.file.name).rpartition("/")[2]
    assert files() - before == {name, f"{name}-marked"}
    assert str(started.marked.name).endswith(f"{name}-marked")
    assert saved() == NOTHING
