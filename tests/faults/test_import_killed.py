"""A worker killed in the midst of an import leaves all of it or nothing, and the next one finishes."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from curricula import importing
from curricula.models import CurriculumVersion, Import, Line
from institutions.bell import ring
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line
from tests.factories import make_institution, make_member, make_period, make_programme
from tests.workers import Worker, database_url, eventually

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

PROGRAMMES, LINES = 100, 100
NOTHING, EVERYTHING = (0, 0), (PROGRAMMES, PROGRAMMES * LINES)

# Runs an import in a process that kills itself at the moment named: a phase and how many lines were written by then,
# `recorded` (the row says done, nothing is committed) or `committed`.
DYING = """
import os, signal, sys
import django
django.setup()
from curricula import importing
from curricula.importing import running, whole

moment, lines = sys.argv[2], int(sys.argv[3])
running.TELL_EVERY = 0
tell, record, finish = running._Progress.tell, running._record, whole.import_file

def die(at):
    if at == moment:
        os.kill(os.getpid(), signal.SIGKILL)

def telling(progress, phase, done, total):
    tell(progress, phase, done, total)
    if done >= lines:
        die(phase)

def recording(*arguments):
    record(*arguments)
    die("recorded")

def committing(**arguments):
    finish(**arguments)
    die("committed")

running._Progress.tell, running._record, running.import_file = telling, recording, committing
importing.run_import(int(sys.argv[1]))
"""


def begin() -> Import:
    institution = make_institution(code="kaznu")
    period = make_period("2025")
    rows = []
    for number in range(PROGRAMMES):
        code = f"6B061{number:02}"
        make_programme(institution, code=code)
        rows += [line(position, programme_code=code) for position in range(LINES)]
    file = SimpleUploadedFile("lines.csv", csv_text(HEADINGS, *rows).encode())
    editor = make_member(institution, "editor")
    return importing.start_import(institution=institution, period=period, file=file, by=editor)


def saved() -> tuple[int, int]:
    return CurriculumVersion.objects.count(), Line.objects.count()


def nobody_holds_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        return bool(cursor.fetchone()[0] == 0)


@pytest.mark.parametrize(
    ("moment", "lines", "left"),
    [
        ("reading", 0, NOTHING),
        ("checking", 0, NOTHING),
        ("saving", 0, NOTHING),
        ("saving", 4000, NOTHING),
        ("saving", 10_000, NOTHING),
        ("recorded", 0, NOTHING),
        ("committed", 0, EVERYTHING),
    ],
)
def test_a_killed_import_leaves_all_or_nothing_and_the_sweep_finishes(
    moment: str, lines: int, left: tuple[int, int]
) -> None:
    started = begin()
    arguments = [sys.executable, "-c", DYING, str(started.pk), moment, str(lines)]
    environment = {**os.environ, "DATABASE_URL": database_url()}
    died = subprocess.run(arguments, env=environment, check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    eventually(nobody_holds_a_lock, "the dead process's locks to be let go")
    started.refresh_from_db()
    assert started.state == ("done" if left == EVERYTHING else "running")
    assert saved() == left
    importing.run_outstanding()
    started.refresh_from_db()
    assert started.state == "done"
    assert saved() == EVERYTHING
    assert set(CurriculumVersion.objects.values_list("edit_number", flat=True)) == {1}


def test_a_worker_killed_at_any_moment_saves_every_line_once() -> None:
    started = begin()
    for attempt in range(2):
        worker = Worker.start(clean=False)
        ring("curricula.tasks.sweep")
        time.sleep(0.3 + 0.4 * attempt)
        worker.kill()
        worker.stop()
        assert saved() in {NOTHING, EVERYTHING}
    eventually(nobody_holds_a_lock, "the dead workers' locks to be let go")
    worker = Worker.start(clean=True)  # with Redis emptied: the bells are gone, the row is not
    try:
        ring("curricula.tasks.sweep")  # as beat does every 30 s
        eventually(lambda: Import.objects.get(pk=started.pk).state == "done", "the import to be done")
    finally:
        worker.stop()
    assert saved() == EVERYTHING
    assert set(CurriculumVersion.objects.values_list("edit_number", flat=True)) == {1}
