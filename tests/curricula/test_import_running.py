"""The row of an import is its to-do item: taken in, carried out once, begun again after a crash, given up at last."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connections
from django.utils import timezone, translation

from curricula import importing
from curricula.errors import Refused
from curricula.importing import recording, running
from curricula.importing.whole import import_lock
from curricula.models import CurriculumVersion, Import, Period
from curricula.tasks import sweep
from institutions.locks import one_at_a_time
from institutions.models import Institution, User
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line, xlsx
from tests.factories import make_earlier_period, make_institution, make_member, make_period, make_programme

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def institution() -> Institution:
    institution = make_institution(code="kaznu")
    make_programme(institution, code="6B06102")
    return institution


@pytest.fixture
def period() -> Period:
    return make_period("2025")


@pytest.fixture
def editor(institution: Institution) -> User:
    return make_member(institution, "editor")


def upload(*rows: list[Any], name: str = "строки.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, csv_text(HEADINGS, *rows).encode())


def begin(institution: Institution, period: Period, editor: User, *rows: list[Any]) -> Import:
    return importing.start_import(institution=institution, period=period, file=upload(*rows), by=editor)


def confirmed(started: Import, by: User) -> Import:
    """Say yes to what is shown."""
    started.refresh_from_db()
    importing.confirm_import(ready=started, fingerprint=started.fingerprint, by=by)
    importing.run_import(started.pk)
    started.refresh_from_db()
    return started


def test_an_upload_is_kept_under_a_name_of_our_own(
    institution: Institution, period: Period, editor: User
) -> None:
    content = upload(line(1), name="../../etc/passwd.csv")
    started = importing.start_import(institution=institution, period=period, file=content, by=editor)
    assert (started.state, started.file_name) == ("queued", "passwd.csv")
    name = str(started.file.name)
    assert name.startswith(f"imports/{institution.pk}/")
    assert "passwd" not in name


def test_a_run_saves_the_lines_and_says_so_in_the_row(
    institution: Institution, period: Period, editor: User
) -> None:
    started = begin(institution, period, editor, line(1), [], line(2))
    importing.run_import(started.pk)
    started.refresh_from_db()
    assert (started.state, started.phase, started.finished_at) == ("ready", "", None)
    assert not CurriculumVersion.objects.exists()
    confirmed(started, editor)
    assert (started.state, started.phase, started.attempts) == ("done", "", 1)
    assert (started.rows_read, started.rows_accepted, started.rows_blank) == (3, 2, 1)
    assert (started.programmes_added, started.programmes_changed, started.programmes_unchanged) == (1, 0, 0)
    assert started.finished_at is not None
    assert CurriculumVersion.objects.get().edited_by == editor


def test_a_refused_file_keeps_its_faults(institution: Institution, period: Period, editor: User) -> None:
    started = begin(institution, period, editor, line(1), line(2, credits="many"))
    importing.run_import(started.pk)
    started.refresh_from_db()
    assert (started.state, started.rows_accepted, started.rows_rejected) == ("refused", 1, 1)
    with translation.override("en"):
        assert [fault.sentence for fault in recording.faults_of(started)] == [
            "Row 3, credits: “many” is not a number. Write 5."
        ]
    assert not CurriculumVersion.objects.exists()


def test_a_finished_import_is_not_run_again(institution: Institution, period: Period, editor: User) -> None:
    started = begin(institution, period, editor, line(1))
    importing.run_import(started.pk)
    confirmed(started, editor)
    for _bell in range(3):
        importing.run_import(started.pk)
    started.refresh_from_db()
    assert started.attempts == 1
    assert CurriculumVersion.objects.get().edit_number == 1


def test_the_sweep_finishes_what_a_dead_worker_left(
    institution: Institution, period: Period, editor: User
) -> None:
    started = begin(institution, period, editor, line(1))
    Import.objects.filter(pk=started.pk).update(state="running", attempts=1, phase="saving")
    sweep()
    started.refresh_from_db()
    assert (started.state, started.attempts) == ("ready", 2)


def test_an_import_whose_lock_is_held_is_left_alone(
    institution: Institution, period: Period, editor: User
) -> None:
    started = begin(institution, period, editor, line(1))
    with another_worker_holds(institution, period):
        sweep()
        started.refresh_from_db()
        assert started.state == "queued"
    sweep()
    started.refresh_from_db()
    assert started.state == "ready"


@contextmanager
def another_worker_holds(institution: Institution, period: Period) -> Iterator[None]:
    taken, over = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with one_at_a_time(*import_lock(institution, period)):
                taken.set()
                over.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert taken.wait(10)
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_after_three_attempts_it_is_given_up_with_a_sentence(
    institution: Institution, period: Period, editor: User
) -> None:
    started = begin(institution, period, editor, line(1))
    place = Path(started.file.path)
    place.unlink()
    place.mkdir()  # the disk is broken: no attempt can succeed
    for _sweep in range(4):
        sweep()
    started.refresh_from_db()
    assert (started.state, started.attempts) == ("failed", 3)
    assert started.failure.startswith("The file could not be processed")


def test_a_worker_that_has_not_the_file_leaves_it_to_one_that_has(
    institution: Institution, period: Period, editor: User, settings: Any, tmp_path: Path
) -> None:
    started = begin(institution, period, editor, line(1))
    for _sweep in range(running.ATTEMPTS + 1):
        settings.MEDIA_ROOT = tmp_path / "of another host"
        sweep()
        started.refresh_from_db()
        assert (started.state, started.phase, started.attempts) == ("queued", "", 0)
    settings.MEDIA_ROOT = tmp_path
    sweep()
    started.refresh_from_db()
    assert (started.state, started.attempts) == ("ready", 1)


def test_a_file_that_no_worker_has_is_given_up_in_the_end(
    institution: Institution, period: Period, editor: User
) -> None:
    started = begin(institution, period, editor, line(1))
    started.file.delete(save=False)
    Import.objects.filter(pk=started.pk).update(uploaded_at=timezone.now() - running.ELSEWHERE)
    sweep()
    started.refresh_from_db()
    assert (started.state, started.attempts) == ("failed", 1)
    assert started.failure.startswith("The file could not be processed")


def test_a_queued_import_can_be_cancelled(institution: Institution, period: Period, editor: User) -> None:
    started = begin(institution, period, editor, line(1))
    importing.cancel_import(running=started, by=editor)
    sweep()
    started.refresh_from_db()
    assert started.state == "cancelled"
    with pytest.raises(Refused):
        importing.cancel_import(running=started, by=editor)


def test_a_running_import_stops_at_its_next_step_when_cancelled(
    institution: Institution, period: Period, editor: User
) -> None:
    started = begin(institution, period, editor, line(1))
    Import.objects.filter(pk=started.pk).update(state="running")
    importing.cancel_import(running=started, by=editor)
    sweep()
    started.refresh_from_db()
    assert started.state == "cancelled"
    assert not CurriculumVersion.objects.exists()


def test_others_see_the_bar_move_before_the_transaction_ends(
    institution: Institution, period: Period, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "TELL_EVERY", 0)
    started = begin(institution, period, editor, line(1), line(2))
    seen = []
    tell = running._Progress.tell

    def watch(progress: Any, phase: str, done: int, total: int) -> None:
        tell(progress, phase, done, total)
        with progress.connection.cursor() as cursor:
            cursor.execute("SELECT phase, progress_done, progress_total FROM curricula_import")
            seen.append(cursor.fetchone())

    monkeypatch.setattr(running._Progress, "tell", watch)
    importing.run_import(started.pk)
    assert seen == [("reading", 0, 0), ("checking", 0, 2)]
    seen.clear()
    confirmed(started, editor)
    assert seen == [("reading", 0, 0), ("checking", 0, 2), ("saving", 0, 2), ("saving", 2, 2)]


def test_the_same_file_is_not_taken_twice_at_once(
    institution: Institution, period: Period, editor: User
) -> None:
    first = begin(institution, period, editor, line(1))
    with pytest.raises(Refused, match=r".+"):
        begin(institution, period, editor, line(1))
    importing.run_import(first.pk)
    confirmed(first, editor)
    second = begin(institution, period, editor, line(1))
    importing.run_import(second.pk)
    second.refresh_from_db()
    assert (second.state, second.programmes_unchanged) == ("done", 1)


@pytest.mark.parametrize(("name", "content", "code"), [
    ("a.xlsx", b"x" * 100, "name_disagrees"), ("a.exe", b"MZ", "wrong_kind"), ("a.csv", b"", "empty_file"),
    ("a.csv", b"x" * (10 * 1024 * 1024 + 1), "too_large"), ("a.xlsm", xlsx(HEADINGS), "macros"),
])  # fmt: skip
def test_a_file_of_the_wrong_kind_is_not_even_taken_in(
    institution: Institution, period: Period, editor: User, name: str, content: bytes, code: str
) -> None:
    file = SimpleUploadedFile(name, content)
    with pytest.raises(Refused) as refusal:
        importing.start_import(institution=institution, period=period, file=file, by=editor)
    assert (refusal.value.field, refusal.value.code) == ("file", code)
    assert not Import.objects.exists()


def test_nothing_is_taken_in_for_a_closed_period(institution: Institution, editor: User) -> None:
    with pytest.raises(Refused) as refusal:
        begin(institution, make_earlier_period("2024"), editor, line(1))
    assert refusal.value.code == "period_closed"


def test_a_file_whose_row_could_not_be_written_is_not_left_behind(
    institution: Institution, period: Period, editor: User, tmp_path: Path
) -> None:
    editor.pk = 999_999_999  # nobody: the database refuses the row at the end of the transaction
    with pytest.raises(IntegrityError):
        begin(institution, period, editor, line(1))
    assert not Import.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_marked_copy_is_made_by_the_worker_in_the_language_of_the_upload(
    institution: Institution, period: Period, editor: User
) -> None:
    with translation.override("ru"):
        started = begin(institution, period, editor, line(1, cycle="main"))
    with translation.override("en"):
        importing.run_import(started.pk)
    started.refresh_from_db()
    with started.marked.open("rb") as file:
        sheet = openpyxl.load_workbook(file).worksheets[0]
    assert sheet["J1"].value == "Ошибки"
    assert "ООД" in sheet["E2"].comment.text


def test_marking_can_be_cancelled(
    institution: Institution, period: Period, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = begin(institution, period, editor, *(line(number, semester=0) for number in range(600)))
    monkeypatch.setattr(running, "TELL_EVERY", 0)
    tell = running._Progress.tell

    def change_ones_mind(progress: Any, phase: str, done: int, total: int) -> None:
        if phase == "marking":
            Import.objects.filter(pk=started.pk).update(cancel_requested=True)
        tell(progress, phase, done, total)

    monkeypatch.setattr(running._Progress, "tell", change_ones_mind)
    importing.run_import(started.pk)
    started.refresh_from_db()
    assert (started.state, started.marked.name) == ("cancelled", "")


def test_thousands_of_unknown_programmes_are_told_in_seconds(
    institution: Institution, period: Period, editor: User
) -> None:
    rows = [line(1, programme_code=f"7M{number:05}") for number in range(3_000)]
    started = begin(institution, period, editor, *rows)
    before = time.process_time()
    importing.run_import(started.pk)
    assert time.process_time() - before < 5
    started.refresh_from_db()
    assert (started.state, started.rows_rejected) == ("refused", 3_000)
