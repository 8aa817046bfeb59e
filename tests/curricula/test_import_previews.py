"""A file first shows what it would do, and does just that once somebody has said yes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from curricula import drafting, importing
from curricula.errors import Refused
from curricula.importing.previews import is_outdated, retitled, untouched, with_differences
from curricula.models import CurriculumVersion, Discipline, Import, ImportChange, Line, Period
from curricula.tasks import sweep
from institutions.models import Institution, User
from reports import watching
from tests.at_once import beside
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line, xlsx
from tests.curricula.test_drafting import CORE
from tests.factories import make_institution, make_member, make_period, make_programme, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture(autouse=True)
def _uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def home() -> Institution:
    home = make_institution(code="abai")
    for code in ("6B06101", "6B06102", "7M06103"):
        make_programme(home, code=code)
    return home


@pytest.fixture
def period(home: Institution) -> Period:
    return make_period("2025")


@pytest.fixture
def writer(home: Institution) -> User:
    return make_member(home, "editor")


@pytest.fixture
def colleague(home: Institution) -> User:
    return make_member(home, "editor")


def upload(period: Period, by: User, *rows: list[Any], name: str = "lines.csv") -> Import:
    """Handed in and compared."""
    institution = by.memberships.get().institution
    file = SimpleUploadedFile(name, csv_text(HEADINGS, *rows).encode())
    started = importing.start_import(institution=institution, period=period, file=file, by=by)
    importing.run_import(started.pk)
    started.refresh_from_db()
    return started


def say_yes(ready: Import, by: User) -> Import:
    importing.confirm_import(ready=ready, fingerprint=ready.fingerprint, by=by)
    importing.run_import(ready.pk)
    ready.refresh_from_db()
    return ready


def saved(period: Period, by: User, *rows: list[Any]) -> Import:
    done = say_yes(upload(period, by, *rows), by)
    assert done.state == "done"
    return done


def close(period: Period) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Period.objects.filter(pk=period.pk).update(due_on=yesterday, closes_on=yesterday)


def numbers(found: Import) -> tuple[int, int, int]:
    return found.lines_added, found.lines_changed, found.lines_removed


def test_it_shows_programme_by_programme_what_would_happen_and_saves_nothing(
    period: Period, writer: User
) -> None:
    saved(
        period, writer, *(line(n, programme_code=code) for code in ("6B06101", "6B06102") for n in (1, 2, 3))
    )
    before = list(Line.objects.values_list("pk", flat=True))
    rows = [
        *(line(n, programme_code="6B06101") for n in (1, 2, 3)),  # as it is
        line(1, credits=6),  # changed; 2 removed
        line(3, semester=7),  # moved to another semester
        line(4),  # added
        line(1, programme_code="7M06103"),  # begun
    ]
    ready = upload(period, writer, *rows)
    assert ready.state == "ready"
    changes = ready.changes.order_by("programme__code").values_list(
        "programme__code", "kind", "added", "changed", "removed", "same"
    )
    assert list(changes) == [
        ("6B06101", "unchanged", 0, 0, 0, 3),
        ("6B06102", "changed", 1, 2, 1, 0),
        ("7M06103", "added", 1, 0, 0, 0),
    ]
    assert (ready.programmes_added, ready.programmes_changed, ready.programmes_unchanged) == (1, 1, 1)
    assert numbers(ready) == (2, 2, 1)
    assert list(Line.objects.values_list("pk", flat=True)) == before


def test_the_differences_name_each_line_and_both_values(period: Period, writer: User) -> None:
    saved(period, writer, line(1), line(2), line(3))
    ready = upload(period, writer, line(1, credits="4,5"), line(3), line(4, discipline_title="Robots"))
    changes = list(ready.changes.all())
    with_differences(ready, changes)
    found = changes[0].differences  # type: ignore[attr-defined]
    assert [x.discipline.code for x in found.added] == ["AI4"]
    assert found.added[0].discipline.title == "Robots"
    assert [x.discipline.code for x in found.removed] == ["AI2"]
    assert [(c.new.discipline.code, c.fields[0].was, c.fields[0].now) for c in found.changed] == [
        ("AI1", "5", "4.5")
    ]


def test_yes_saves_what_was_shown_in_the_name_of_who_said_it(
    period: Period, writer: User, colleague: User
) -> None:
    done = say_yes(upload(period, writer, line(1), line(2)), colleague)
    assert (done.state, done.confirmed_by) == ("done", colleague)
    draft = CurriculumVersion.objects.get()
    assert (draft.edited_by, draft.edit_number, draft.lines.count()) == (colleague, 1, 2)


def test_drafts_changed_between_look_and_yes_are_compared_and_shown_anew(
    period: Period, writer: User, colleague: User
) -> None:
    saved(period, writer, line(1))
    ready = upload(period, writer, line(1), line(2))
    saved(period, colleague, line(1), line(3))
    say_yes(ready, writer)
    assert (ready.state, ready.planned_anew, ready.confirmed_by) == ("ready", True, None)
    assert set(Line.objects.values_list("discipline__code", flat=True)) == {"AI1", "AI3"}
    assert numbers(ready) == (1, 0, 1)
    say_yes(ready, writer)
    assert ready.state == "done"
    assert set(Line.objects.values_list("discipline__code", flat=True)) == {"AI1", "AI2"}


@contextmanager
def being_saved(draft: CurriculumVersion, by: User) -> Iterator[None]:
    with transaction.atomic():
        drafting.save_draft(version=draft, lines=[CORE], students=1, edit_number=draft.edit_number, by=by)
        yield


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_being_saved_at_the_yes_is_waited_for_and_not_written_over(
    period: Period, writer: User, colleague: User
) -> None:
    saved(period, writer, line(1))
    ready = upload(period, writer, line(1, credits=3))
    form = being_saved(CurriculumVersion.objects.get(), colleague)
    (ended,) = beside(partial(say_yes, ready, writer), meanwhile=form)
    assert isinstance(ended, Import), ended
    assert ended.state == "ready"
    assert [line.discipline.code for line in CurriculumVersion.objects.get().lines.all()] == ["AI101"]


def test_a_discipline_reworded_between_look_and_yes_is_shown_anew(period: Period, writer: User) -> None:
    saved(period, writer, line(1))
    ready = upload(period, writer, line(1, discipline_title="Thinking machines"), line(2))
    Discipline.objects.filter(code="AI1").update(title_en="Machines that think")
    assert say_yes(ready, writer).state == "ready"
    assert retitled(ready) == [("AI1", [("title_en", "Machines that think", "Thinking machines")])]


def test_the_yes_of_somebody_who_saw_something_else_does_not_count(period: Period, writer: User) -> None:
    ready = upload(period, writer, line(1))
    with pytest.raises(Refused) as refusal:
        importing.confirm_import(ready=ready, fingerprint="0" * 64, by=writer)
    assert refusal.value.code == "changed"
    ready.refresh_from_db()
    assert ready.state == "ready"


def test_two_yeses_save_once(period: Period, writer: User, colleague: User) -> None:
    ready = upload(period, writer, line(1))
    seen = ready.fingerprint
    importing.confirm_import(ready=ready, fingerprint=seen, by=writer)
    with pytest.raises(Refused):
        importing.confirm_import(ready=ready, fingerprint=seen, by=colleague)
    importing.run_import(ready.pk)
    importing.run_import(ready.pk)
    draft = CurriculumVersion.objects.get()
    assert (draft.edit_number, draft.edited_by) == (1, writer)


def test_the_page_can_tell_that_a_preview_is_out_of_date(period: Period, writer: User) -> None:
    saved(period, writer, line(1))
    ready = upload(period, writer, line(1), line(2))
    assert not is_outdated(ready)
    CurriculumVersion.objects.update(edit_number=9)
    assert is_outdated(ready)
    importing.compare_again(ready=ready, by=writer)
    importing.run_import(ready.pk)
    ready.refresh_from_db()
    assert (ready.state, ready.planned_anew) == ("ready", False)
    assert not is_outdated(ready)
    CurriculumVersion.objects.all().delete()
    assert is_outdated(ready)


def test_a_draft_handed_in_meanwhile_refuses_the_file_with_its_faults(period: Period, writer: User) -> None:
    saved(period, writer, line(1))
    ready = upload(period, writer, line(1), line(2))
    CurriculumVersion.objects.all().delete()
    make_version(ready.institution.programmes.get(code="6B06102"), period=period, state="submitted")
    say_yes(ready, writer)
    assert (ready.state, {fault["code"] for fault in ready.faults}) == ("refused", {"awaiting_review"})
    assert not ready.changes.exists()


def test_nothing_to_change_needs_no_yes(period: Period, writer: User) -> None:
    saved(period, writer, line(1))
    again = upload(period, writer, line(1))
    assert (again.state, again.confirmed_at, again.programmes_unchanged) == ("done", None, 1)


def test_other_words_alone_are_something_to_confirm(period: Period, writer: User) -> None:
    saved(period, writer, line(1))
    ready = upload(period, writer, line(1, discipline_title="Thinking machines"))
    assert (ready.state, ready.disciplines_changed) == ("ready", 1)
    say_yes(ready, writer)
    assert Discipline.objects.get().title_en == "Thinking machines"


def test_programmes_that_the_file_does_not_name_are_said_to_stay(period: Period, writer: User) -> None:
    assert untouched(upload(period, writer, line(1))) == ["6B06101", "7M06103"]


def test_a_programme_without_a_line_is_blank_and_stays_as_it_is(period: Period, writer: User) -> None:
    saved(period, writer, line(1, programme_code="6B06101"))
    ready = upload(period, writer, ["6B06101", *[""] * 8], line(2), ["7M06103", *[""] * 8])
    assert (ready.state, ready.rows_read, ready.rows_accepted, ready.rows_blank) == ("ready", 3, 1, 2)
    assert ready.passed_over["unfilled"] == ["6B06101", "7M06103"]
    say_yes(ready, writer)
    assert Line.objects.filter(version__programme__code="6B06101").count() == 1
    assert CurriculumVersion.objects.count() == 2


def test_of_sheets_that_were_passed_over_those_of_the_template_are_no_news(
    home: Institution, period: Period, writer: User
) -> None:
    other: list[Any] = [["Anything"], ["at all"]]
    content = xlsx(sheets={"Lines": [HEADINGS, line(1)], "Бағдарламалар": other, "Sheet2": other})
    file = SimpleUploadedFile("lines.xlsx", content)
    started = importing.start_import(institution=home, period=period, file=file, by=writer)
    importing.run_import(started.pk)
    started.refresh_from_db()
    assert (started.passed_over["own"], list(started.passed_over["sheets"])) == (
        ["Бағдарламалар"],
        ["Sheet2"],
    )


def test_a_newer_file_of_the_same_name_takes_the_place_of_ones_own_preview(
    period: Period, writer: User, colleague: User
) -> None:
    first, theirs = upload(period, writer, line(1)), upload(period, colleague, line(3))
    second = upload(period, writer, line(2))  # of the same name
    third = upload(period, writer, line(2), name="other.csv")  # of the same content
    states = [Import.objects.get(pk=found.pk).state for found in (first, theirs, second, third)]
    assert states == ["replaced", "ready", "replaced", "ready"]
    assert not ImportChange.objects.filter(imported=first).exists()
    with pytest.raises(Refused):
        importing.confirm_import(ready=first, fingerprint=first.fingerprint, by=writer)


def test_whoever_works_for_two_universities_has_a_preview_at_each(period: Period, writer: User) -> None:
    here = upload(period, writer, line(1))
    there = make_institution(code="second")
    file = SimpleUploadedFile("lines.csv", csv_text(HEADINGS, line(1)).encode())
    importing.start_import(institution=there, period=period, file=file, by=writer)
    here.refresh_from_db()
    assert here.state == "ready"


def test_another_file_is_taken_in_while_one_waits_and_the_same_is_not(period: Period, writer: User) -> None:
    home = writer.memberships.get().institution
    for number in (1, 2):
        file = SimpleUploadedFile("lines.csv", csv_text(HEADINGS, line(number)).encode())
        importing.start_import(institution=home, period=period, file=file, by=writer)
    file.seek(0)
    with pytest.raises(Refused) as refused:
        importing.start_import(institution=home, period=period, file=file, by=writer)
    assert refused.value.code == "already_running"
    assert Import.objects.outstanding().count() == 2


def test_a_preview_without_an_answer_expires(period: Period, writer: User) -> None:
    old, fresh = upload(period, writer, line(1), name="old.csv"), upload(period, writer, line(2))
    Import.objects.filter(pk=old.pk).update(planned_at=timezone.now() - timedelta(days=8))
    sweep()
    assert [Import.objects.get(pk=found.pk).state for found in (old, fresh)] == ["expired", "ready"]
    close(period)
    sweep()
    assert Import.objects.get(pk=fresh.pk).state == "expired"


def test_a_period_that_closed_meanwhile_saves_nothing(period: Period, writer: User) -> None:
    ready = upload(period, writer, line(1))
    importing.confirm_import(ready=ready, fingerprint=ready.fingerprint, by=writer)
    close(period)
    importing.run_import(ready.pk)
    ready.refresh_from_db()
    assert (ready.state, ready.faults[0]["code"]) == ("refused", "period_closed")
    assert not CurriculumVersion.objects.exists()
    ready.period.refresh_from_db()
    with pytest.raises(Refused):
        importing.confirm_import(ready=ready, fingerprint=ready.fingerprint, by=writer)


def test_no_drops_the_preview(period: Period, writer: User) -> None:
    ready = upload(period, writer, line(1))
    importing.cancel_import(running=ready, by=writer)
    ready.refresh_from_db()
    assert (ready.state, ready.changes.count()) == ("cancelled", 0)


def test_a_title_may_be_left_out_where_the_institution_has_the_discipline(
    period: Period, writer: User
) -> None:
    saved(period, writer, line(1))
    ready = upload(period, writer, line(1, discipline_title="", credits=4))
    assert (ready.state, ready.disciplines_changed) == ("ready", 0)
    refused = upload(period, writer, line(1, discipline_title=""), line(7, discipline_title=""))
    assert [(fault["code"], fault["cell"]) for fault in refused.faults] == [("title_needed", "C3")]


def test_of_a_title_given_once_all_rows_of_the_discipline_live(period: Period, writer: User) -> None:
    ready = upload(period, writer, line(1, discipline_title="", semester=1), line(1))
    say_yes(ready, writer)
    assert Discipline.objects.get().title_en == "Introduction to AI, part 1"
    assert Line.objects.count() == 2


def test_a_begun_draft_is_compared_with_what_was_approved(
    home: Institution, period: Period, writer: User
) -> None:
    programme = home.programmes.get(code="6B06102")
    version = make_version(programme, period=period, state="approved")
    ready = upload(period, writer, line(1))
    change = ready.changes.get()
    assert (change.kind, change.added, change.removed, change.base_version) == ("added", 1, 2, version.pk)
    assert Decimal(change.lines_before[0][1]) == 5


@pytest.mark.parametrize("size", [2, 40])
def test_the_number_of_queries_of_a_preview_does_not_grow(
    home: Institution, period: Period, writer: User, size: int, django_assert_max_num_queries: Any
) -> None:
    codes = [f"6B041{n:02}" for n in range(size)]
    for code in codes:
        make_programme(home, code=code)
    file = SimpleUploadedFile(
        "a.csv", csv_text(HEADINGS, *(line(1, programme_code=c) for c in codes)).encode()
    )
    started = importing.start_import(institution=home, period=period, file=file, by=writer)
    with django_assert_max_num_queries(36):
        importing.run_import(started.pk)
    started.refresh_from_db()
    assert started.programmes_added == size
    with django_assert_max_num_queries(36):
        say_yes(started, writer)
    assert started.state == "done"


def test_a_confirmed_file_waits_since_its_yes_and_not_since_its_upload(period: Period, writer: User) -> None:
    ready = upload(period, writer, line(1))
    old = timezone.now() - timedelta(days=3)
    Import.objects.filter(pk=ready.pk).update(uploaded_at=old, planned_at=old)
    assert watching.look().asked_for() is None
    importing.compare_again(ready=ready, by=writer)
    waited = watching.look().asked_for()
    assert waited is not None
    assert waited < 60
