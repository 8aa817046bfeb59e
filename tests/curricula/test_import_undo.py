"""What an import saved is taken back with one click, as long as it is still a draft that nobody has worked on."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from curricula import undoing
from curricula.errors import Refused
from curricula.models import (
    Batch,
    CurriculumVersion,
    Discipline,
    EvidenceFile,
    Import,
    Line,
    Period,
    WarningReason,
)
from institutions.models import Institution, User
from tests.curricula.spreadsheet_files import line
from tests.curricula.test_import_previews import _uploads, colleague, home, period, saved, upload, writer
from tests.factories import hand_in, make_submission

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

__all__ = ["_uploads", "colleague", "home", "period", "writer"]  # the same scene


def said() -> dict[str, list[tuple[str, Decimal]]]:
    drafts: dict[str, list[tuple[str, Decimal]]] = {}
    for found in Line.objects.select_related("discipline", "version__programme").order_by(
        "version", "position"
    ):
        drafts.setdefault(found.version.programme.code, []).append((found.discipline.code, found.credits))
    return drafts


def titles() -> dict[str, str]:
    return dict(Discipline.objects.values_list("code", "title_en"))


def test_everything_is_as_it_was_before(period: Period, writer: User) -> None:
    saved(period, writer, line(1), line(2))
    before = said(), titles()
    rows = [line(1, credits=3, discipline_title="Other words"), line(9), line(8, programme_code="7M06103")]
    done = saved(period, writer, *rows)
    assert said() != before[0]
    result = undoing.undo(batch=done.batch, by=writer)
    assert (result.restored, result.kept) == (2, [])
    assert (said(), titles()) == before
    assert CurriculumVersion.objects.count() == 1
    with pytest.raises(Refused):
        undoing.undo(batch=done.batch, by=writer)


def test_later_work_and_the_words_it_was_made_with_stay(
    period: Period, writer: User, colleague: User
) -> None:
    done = saved(period, writer, line(1), line(2), line(3, programme_code="7M06103"))
    CurriculumVersion.objects.filter(programme__code="6B06102").update(edit_number=5, edited_by=colleague)
    result = undoing.undo(batch=done.batch, by=writer)
    assert (result.restored, [programme.code for programme in result.kept]) == (1, ["6B06102"])
    assert list(said()) == ["6B06102"]
    assert set(titles()) == {"AI1", "AI2", "AI3"}


def test_a_discipline_that_got_other_words_since_keeps_them(period: Period, writer: User) -> None:
    saved(period, writer, line(1))
    done = saved(period, writer, line(1, discipline_title="Thinking machines"))
    Discipline.objects.update(title_en="Machines that think")
    undoing.undo(batch=done.batch, by=writer)
    assert titles() == {"AI1": "Machines that think"}


def test_an_import_of_words_alone_can_be_undone(period: Period, writer: User) -> None:
    saved(period, writer, line(1))
    done = saved(period, writer, line(1, discipline_title="Thinking machines"))
    assert undoing.undoable(done.batch)
    undoing.undo(batch=done.batch, by=writer)
    assert titles() == {"AI1": "Introduction to AI, part 1"}
    done.batch.refresh_from_db()
    assert not undoing.undoable(done.batch)


def test_a_new_discipline_that_something_was_added_to_stays(
    home: Institution, period: Period, writer: User
) -> None:
    done = saved(period, writer, line(1), line(2), line(3))
    document = EvidenceFile.objects.create(
        institution=home, uploaded_by=writer, file="evidence/x", file_name="a.pdf", size=1
    )
    Discipline.objects.filter(code="AI2").update(credits=4)
    Discipline.objects.filter(code="AI3").update(evidence_file=document)
    undoing.undo(batch=done.batch, by=writer)
    assert set(titles()) == {"AI2", "AI3"}


def test_what_others_have_signed_keeps_no_new_discipline(
    home: Institution, period: Period, writer: User
) -> None:
    saved(period, writer, line(7, programme_code="7M06103"))
    hand_in(CurriculumVersion.objects.get(), make_submission(home, period=period))
    done = saved(period, writer, line(1))
    undoing.undo(batch=done.batch, by=writer)
    assert set(titles()) == {"AI7"}


def test_a_reason_that_was_given_for_another_discipline_keeps_none(
    home: Institution, period: Period, writer: User
) -> None:
    saved(period, writer, line(7, programme_code="7M06103"))
    draft = CurriculumVersion.objects.get()
    WarningReason.objects.create(
        institution=home,
        version=draft,
        discipline=draft.lines.get().discipline,
        code="unmarked",
        reason="So it is.",
        given_by=writer,
    )
    done = saved(period, writer, line(1))
    undoing.undo(batch=done.batch, by=writer)
    assert set(titles()) == {"AI7"}


def test_what_was_handed_in_is_not_undone(home: Institution, period: Period, writer: User) -> None:
    done = saved(period, writer, line(1))
    hand_in(CurriculumVersion.objects.get(), make_submission(home, period=period))
    assert not undoing.undoable(done.batch)
    result = undoing.undo(batch=done.batch, by=writer)
    assert (result.restored, len(result.kept)) == (0, 1)
    assert CurriculumVersion.objects.get().state == "submitted"


def test_a_file_that_changed_nothing_leaves_nothing_to_undo(period: Period, writer: User) -> None:
    saved(period, writer, line(1))
    upload(period, writer, line(1))
    assert Batch.objects.count() == 1


def address(name: str, *arguments: Any) -> str:
    with translation.override("en"):
        return reverse(name, args=["abai", *arguments])


def test_the_list_says_who_did_what_and_offers_to_undo_it(period: Period, writer: User) -> None:
    done = saved(period, writer, line(1))
    upload(period, writer, line(2, credits="many"), name="bad.csv")
    client = Client()
    client.force_login(writer)
    page = client.get(address("import-list")).content.decode()
    assert "Curricula: 1 begun, 0 changed, 0 unchanged." in page
    assert "1 of 1 rows has a fault." in page
    undo = address("batch-undo", period.code, done.batch.pk)
    assert page.count(undo) == 1
    answer = client.post(undo, {"next": address("import-list")}, follow=True)
    page = answer.content.decode()
    assert "Undone: 1 curriculum is as it was before." in page
    assert ">undone<" in page
    assert undo not in page
    detail = client.get(address("import-detail", done.pk)).content.decode()
    assert "Undone on" in detail
    assert not Line.objects.exists()


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_costs_the_same_however_many_can_be_undone(
    period: Period, writer: User, count: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        saved(period, writer, line(number))
    client = Client()
    client.force_login(writer)
    with django_assert_max_num_queries(9):
        client.get(address("import-list"))
    assert Import.objects.count() == count
