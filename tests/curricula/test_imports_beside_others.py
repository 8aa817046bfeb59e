"""What is done about one upload touches no other: of another university, of a colleague, or of the same person."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from curricula import importing
from curricula.models import CurriculumVersion, Import, ImportChange, Period
from curricula.spreadsheets.safety import SIZE_LIMIT
from institutions.models import User
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line
from tests.curricula.test_import_running import another_worker_holds
from tests.factories import make_institution, make_member, make_period, make_programme

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]


@pytest.fixture(autouse=True)
def _uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def period() -> Period:
    return make_period("2025")


@pytest.fixture
def ours() -> User:
    return make_editor()


@pytest.fixture
def theirs() -> User:
    return make_editor()


def make_editor() -> User:
    institution = make_institution()
    for code in ("6B06101", "6B06102"):
        make_programme(institution, code=code)
    return make_member(institution, "editor")


def begin(by: User, period: Period, *rows: list[Any], name: str = "a.csv", content: bytes = b"") -> Import:
    file = SimpleUploadedFile(name, content or csv_text(HEADINGS, *(rows or [line(1)])).encode())
    institution = by.memberships.get().institution
    return importing.start_import(institution=institution, period=period, file=file, by=by)


def shown(by: User, period: Period, *rows: list[Any]) -> Import:
    started = begin(by, period, *rows)
    importing.run_import(started.pk)
    started.refresh_from_db()
    assert started.state == "ready"
    return started


def saved(by: User, period: Period, *rows: list[Any]) -> Import:
    ready = shown(by, period, *rows)
    importing.confirm_import(ready=ready, fingerprint=ready.fingerprint, by=by)
    importing.run_import(ready.pk)
    ready.refresh_from_db()
    assert ready.state == "done"
    return ready


def test_the_one_that_the_bell_names_is_carried_out(period: Period, ours: User, theirs: User) -> None:
    first, second = begin(theirs, period), begin(ours, period)
    for named, other, states in ((second, first, ["queued", "ready"]), (first, second, ["ready", "ready"])):
        with another_worker_holds(other.institution, period):
            importing.run_import(named.pk)
        assert [Import.objects.get(pk=one.pk).state for one in (first, second)] == states


def test_a_bell_for_one_that_is_gone_rings_in_vain(period: Period, ours: User) -> None:
    started = begin(ours, period)
    importing.run_import(started.pk + 1)
    started.refresh_from_db()
    assert started.state == "queued"


def test_stopping_one_stops_no_other(period: Period, ours: User, theirs: User) -> None:
    running = [begin(by, period) for by in (ours, theirs)]
    Import.objects.update(state="running")
    importing.cancel_import(running=running[0], by=ours)
    assert [Import.objects.get(pk=one.pk).cancel_requested for one in running] == [True, False]


def test_a_preview_that_is_replaced_takes_no_other_along(period: Period, ours: User, theirs: User) -> None:
    kept, _replaced = shown(theirs, period), shown(ours, period)
    shown(ours, period, line(2))
    assert ImportChange.objects.filter(imported=kept).exists()


def test_of_one_that_was_stopped_nothing_is_shown_any_more(period: Period, ours: User) -> None:
    ready = shown(ours, period)
    importing.confirm_import(ready=ready, fingerprint=ready.fingerprint, by=ours)
    Import.objects.update(cancel_requested=True)
    importing.run_import(ready.pk)
    ready.refresh_from_db()
    assert (ready.state, ready.changes.count()) == ("cancelled", 0)


def test_saving_one_programme_leaves_the_drafts_of_all_others_as_they_are(
    period: Period, ours: User, theirs: User
) -> None:
    for by in (theirs, ours):
        saved(by, period, line(1), line(1, programme_code="6B06101"))
    CurriculumVersion.objects.update(students=7)
    saved(ours, period, line(2))
    changed = CurriculumVersion.objects.get(
        institution=ours.memberships.get().institution, programme__code="6B06102"
    )
    assert changed.edit_number == 2
    others = CurriculumVersion.objects.exclude(pk=changed.pk)
    assert [(draft.edit_number, draft.students) for draft in others] == [(1, 7)] * 3


def test_compared_again_at_ones_own_wish_is_no_surprise(period: Period, ours: User) -> None:
    ready = shown(ours, period)
    importing.compare_again(ready=ready, by=ours)
    ready.refresh_from_db()
    assert (ready.state, ready.planned_anew) == ("queued", False)


def test_a_name_is_kept_as_far_as_there_is_room(period: Period, ours: User) -> None:
    started = begin(ours, period, name=f"{'я' * 300}.csv")
    started.refresh_from_db()
    assert started.file_name == f"{'я' * 251}.csv"


def test_a_file_of_the_very_limit_is_taken_in(period: Period, ours: User) -> None:
    assert begin(ours, period, content=b"x" * SIZE_LIMIT).pk
