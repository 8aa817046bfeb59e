"""Killed at any instant while it is saved, an import left every line or none, and the next sweep saves each once."""

import signal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from curricula import importing
from curricula.importing import saving
from curricula.models import Batch, CurriculumVersion, Import, Line
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line
from tests.factories import make_institution, make_member, make_period, make_programme
from tests.faults.amounts import DONE, IN_FULL, KILLS
from tests.faults.test_import_killed import nobody_holds_a_lock, say_yes
from tests.faults.test_snapshot_killed_anywhere import ENOUGH, instants, killed_within
from tests.workers import eventually

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

PROGRAMMES, LINES = 10, 60
NOTHING, EVERYTHING = (0, 0), (PROGRAMMES, PROGRAMMES * LINES)


def previewed() -> Import:
    """An import of a university of its own, that waits for a yes."""
    institution = make_institution()
    codes = [make_programme(institution).code for _number in range(PROGRAMMES)]
    rows = [line(position, programme_code=code) for code in codes for position in range(LINES)]
    file = SimpleUploadedFile("lines.csv", csv_text(HEADINGS, *rows).encode())
    started = importing.start_import(
        institution=institution, period=make_period(), file=file, by=make_member(institution, "editor")
    )
    importing.run_import(started.pk)
    started.refresh_from_db()
    return started


def confirmed() -> Import:
    started = previewed()
    say_yes(started)
    return started


def saved(started: Import) -> tuple[int, int]:
    versions = CurriculumVersion.objects.filter(institution=started.institution)
    return versions.count(), Line.objects.filter(version__in=versions).count()


def test_every_line_is_there_or_none_and_the_next_sweep_saves_each_once() -> None:
    model = confirmed()
    for seconds in instants(lambda: importing.run_import(model.pk), max(KILLS if IN_FULL else KILLS // 2, 4)):
        started = confirmed()
        ended = killed_within(seconds, lambda started=started: importing.run_import(started.pk))  # type: ignore[misc]
        eventually(nobody_holds_a_lock, "the dead process's locks to be let go")
        started.refresh_from_db()
        assert saved(started) == (EVERYTHING if started.state == "done" else NOTHING)
        importing.run_outstanding()
        started.refresh_from_db()
        assert (started.state, saved(started)) == ("done", EVERYTHING)
        assert Batch.objects.filter(institution=started.institution).count() == 1
        DONE["kills amid an import"] += ended == -signal.SIGKILL


def test_without_one_transaction_it_would_be_half(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the drafts are committed before their lines."""
    copy = saving._add_lines

    def committing(*arguments: Any) -> None:
        connection.connection.commit()
        copy(*arguments)

    monkeypatch.setattr(saving, "_add_lines", committing)
    model = confirmed()
    for seconds in instants(lambda: importing.run_import(model.pk), ENOUGH):
        started = confirmed()
        killed_within(seconds, lambda started=started: importing.run_import(started.pk))  # type: ignore[misc]
        if saved(started) not in (NOTHING, EVERYTHING):
            return
    pytest.fail("none was half, so the test above proves nothing")
