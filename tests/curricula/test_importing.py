"""A spreadsheet becomes drafts: all of it or nothing, and the same file again changes nothing."""

import json
from contextlib import nullcontext
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection

from curricula.importing import Outcome, import_file, whole
from curricula.importing.plans import language_of
from curricula.models import CurriculumVersion, Discipline, Line, Period
from institutions.models import Institution, User
from tests.at_once import at_once
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line, xlsx
from tests.factories import (
    make_discipline,
    make_institution,
    make_member,
    make_period,
    make_programme,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def institution() -> Institution:
    institution = make_institution(code="kaznu")
    for code in ("6B06102", "7M06103"):
        make_programme(institution, code=code)
    return institution


@pytest.fixture
def period(institution: Institution) -> Period:
    return make_period("2025")


@pytest.fixture
def editor(institution: Institution) -> User:
    return make_member(institution, "editor")


def bring(institution: Institution, period: Period, *rows: list[Any], **over: Any) -> Outcome:
    headings = over.pop("headings", HEADINGS)
    content = over.pop("content", None) or csv_text(headings, *rows).encode()
    outcome = import_file(
        **{
            "institution": institution, "period": period, "content": content, "file_name": "a.csv", "by": None, **over,
        }
    )  # fmt: skip
    assert outcome.read == outcome.accepted + outcome.rejected + outcome.blank
    return outcome


def codes(outcome: Outcome) -> list[tuple[str, str]]:
    return [(fault.cell, fault.code) for fault in outcome.faults]


def test_a_file_brings_no_more_lines_of_a_programme_than_the_form_can_hold(
    institution: Institution, period: Period
) -> None:
    outcome = bring(institution, period, *(line(number) for number in range(1, 304)))
    assert not outcome.saved
    assert codes(outcome) == [("A302", "too_many_lines")]
    assert outcome.faults[0].params == {"limit": 300, "count": 303}
    assert bring(institution, period, *(line(number) for number in range(1, 301))).saved


def test_a_file_becomes_a_draft_for_each_programme(
    institution: Institution, period: Period, editor: User
) -> None:
    rows = [line(1), line(2, credits="4,5", ai_category="core"), line(1, programme_code="7M06103")]
    outcome = bring(institution, period, *rows, by=editor)
    assert (outcome.saved, outcome.added, outcome.changed) == (True, ["6B06102", "7M06103"], [])
    bachelor, master = CurriculumVersion.objects.order_by("programme__code")
    assert (bachelor.number, bachelor.state, bachelor.edit_number) == (1, "draft", 1)
    assert bachelor.edited_by == editor
    assert bachelor.edited_at is not None
    assert [(x.discipline.code, x.credits, x.ai_category, x.position) for x in bachelor.lines.all()] == [
        ("AI1", Decimal(5), "foundations", 1),
        ("AI2", Decimal("4.5"), "core", 2),
    ]
    assert master.lines.get().discipline == bachelor.lines.first().discipline


def test_the_same_file_again_changes_nothing(institution: Institution, period: Period) -> None:
    rows = [line(1), line(2), line(1, programme_code="7M06103")]
    bring(institution, period, *rows)
    before = _everything()
    for _again in range(2):
        outcome = bring(institution, period, *rows)
        assert (outcome.added, outcome.changed, outcome.unchanged) == ([], [], ["6B06102", "7M06103"])
        assert outcome.saved
        assert _everything() == before


def test_disciplines_of_another_university_are_not_known_here(
    institution: Institution, period: Period
) -> None:
    elsewhere = make_institution(code="satbayev")
    make_programme(elsewhere, code="6B06102")
    for university in (elsewhere, institution):
        assert bring(university, period, line(1)).saved
    assert {one.institution for one in Discipline.objects.filter(code="AI1")} == {elsewhere, institution}


def test_a_programme_whose_every_row_is_faulty_is_not_said_to_change(
    institution: Institution, period: Period
) -> None:
    outcome = bring(institution, period, line(1, credits="many"), line(1, programme_code="7M06103"))
    assert (outcome.saved, outcome.added, outcome.changed) == (False, ["7M06103"], [])


def test_how_far_it_is_is_told_from_the_first_byte_to_the_last_line(
    institution: Institution, period: Period
) -> None:
    told: list[tuple[str, int, int]] = []
    bring(institution, period, line(1), line(2), tell=lambda *said: told.append(said))
    assert told == [("reading", 0, 0), ("checking", 0, 2), ("saving", 0, 2), ("saving", 2, 2)]


def _everything() -> list[Any]:
    """All rows of the tables that an import writes, their histories included."""
    tables = (
        "line",
        "lineevent",
        "discipline",
        "disciplineevent",
        "curriculumversion",
        "curriculumversionevent",
    )
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM curricula_{table} ORDER BY 1")
            found.append(cursor.fetchall())
    return found


def test_a_changed_programme_has_its_lines_replaced_and_its_edit_counted(
    institution: Institution, period: Period
) -> None:
    bring(institution, period, line(1), line(2), line(1, programme_code="7M06103"))
    outcome = bring(institution, period, line(2, credits=6), line(3), line(1, programme_code="7M06103"))
    assert (outcome.changed, outcome.unchanged) == (["6B06102"], ["7M06103"])
    draft = CurriculumVersion.objects.get(programme__code="6B06102")
    assert draft.edit_number == 2
    assert [(x.discipline.code, x.credits) for x in draft.lines.all()] == [
        ("AI2", Decimal(6)),
        ("AI3", Decimal(5)),
    ]


def test_programmes_that_the_file_does_not_name_are_left_alone(
    institution: Institution, period: Period
) -> None:
    bring(institution, period, line(1), line(1, programme_code="7M06103"))
    bring(institution, period, line(2))
    assert Line.objects.filter(version__programme__code="7M06103").count() == 1


def test_one_bad_row_saves_nothing_and_every_fault_is_told(institution: Institution, period: Period) -> None:
    rows = [line(1), line(2, credits="many"), [], line(3, programme_code="6B06199"), line(4, semester=0)]
    outcome = bring(institution, period, *rows)
    assert codes(outcome) == [("D3", "not_number"), ("A5", "programme_nearest"), ("G6", "semester_range")]
    assert (outcome.read, outcome.accepted, outcome.rejected, outcome.blank) == (5, 1, 3, 1)
    assert not outcome.saved
    assert not CurriculumVersion.objects.exists()
    assert not Discipline.objects.exists()
    assert "6B06102" in outcome.faults[1].message


def test_a_programme_that_is_no_longer_taught_is_a_fault(institution: Institution, period: Period) -> None:
    make_programme(institution, code="6B06190", active_to=period.starts_on - timedelta(days=1))
    outcome = bring(institution, period, line(1, programme_code="6B06190"))
    assert codes(outcome) == [("A2", "programme_inactive")]


def test_another_institutions_programme_is_unknown(institution: Institution, period: Period) -> None:
    make_programme(make_institution(), code="8D04101")
    outcome = bring(institution, period, line(1, programme_code="8D04101"))
    assert codes(outcome) == [("A2", "programme_unknown")]


def test_of_names_that_are_nearest_three_are_told(institution: Institution, period: Period) -> None:
    for number in range(3, 8):
        make_programme(institution, code=f"6B0610{number}")
    (fault,) = bring(institution, period, line(1, programme_code="6B06109")).faults
    assert len(str(fault.params["nearest"]).split(", ")) == 3


def test_of_a_file_of_another_university_names_are_guessed_for_the_first_hundred(
    institution: Institution, period: Period
) -> None:
    wrong = [line(number, programme_code=f"6B06{number + 102}") for number in range(1, 103)]
    guessed = [fault.code for fault in bring(institution, period, *wrong).faults]
    assert guessed == ["programme_nearest"] * 100 + ["programme_unknown"] * 2


def test_a_document_that_says_the_students_too_is_compared_by_them(
    institution: Institution, period: Period
) -> None:
    said = dict(zip(HEADINGS, line(1), strict=True))
    code = said.pop("programme_code")

    def brought(students: int) -> Outcome:
        content = json.dumps([{"programme": code, "students": students, "lines": [said]}]).encode()
        return bring(institution, period, content=content, file_name="curricula.json")

    assert brought(25).added == [code]
    assert brought(25).unchanged == [code]
    assert brought(26).changed == [code]
    assert CurriculumVersion.objects.get().students == 26


def test_what_awaits_review_is_not_changed(institution: Institution, period: Period) -> None:
    programme = institution.programmes.get(code="6B06102")
    make_version(programme, period=period, state="submitted")
    outcome = bring(institution, period, line(1), line(2))
    assert codes(outcome) == [("A2", "awaiting_review"), ("A3", "awaiting_review")]
    assert programme.versions.count() == 1


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_a_file_equal_to_what_was_handed_in_changes_nothing(
    institution: Institution, period: Period, state: str
) -> None:
    bring(institution, period, line(1))
    content = csv_text(HEADINGS, line(1)).encode()
    programme = institution.programmes.get(code="6B06102")
    programme.versions.all().delete()
    ai = Discipline.objects.get(code="AI1")
    same = {
        "discipline": ai, "credits": 5, "cycle": "basic", "component": "university", "semester": 3,
        "ai_category": "foundations", "evidence_url": "https://example.kz/syllabus.pdf",
    }  # fmt: skip
    make_version(programme, period=period, state=state, lines=[same])
    assert bring(institution, period, content=content).unchanged == ["6B06102"]
    assert programme.versions.count() == 1


def test_words_that_differ_only_in_what_no_cell_can_hold_stay_as_they_were(
    institution: Institution, period: Period
) -> None:
    kept = "One\x0b part\nof two"
    make_discipline(institution, code="AI1", title_en="Introduction to AI, part 1", description=kept)
    headings, row = [*HEADINGS, "description"], [*line(1), "One part\nof two"]
    assert bring(institution, period, row, headings=headings).saved
    assert Discipline.objects.get().description == kept


def test_an_approved_curriculum_gets_a_new_draft_with_its_students(
    institution: Institution, period: Period
) -> None:
    programme = institution.programmes.get(code="6B06102")
    make_version(programme, period=period, state="approved", students=31)
    outcome = bring(institution, period, line(1))
    assert outcome.added == ["6B06102"]
    draft = programme.versions.drafts().get()
    assert (draft.number, draft.students) == (2, 31)


def test_a_returned_curriculum_can_be_handed_in_anew_unchanged(
    institution: Institution, period: Period
) -> None:
    programme = institution.programmes.get(code="6B06102")
    make_version(programme, period=period, state="returned")
    assert bring(institution, period, line(1)).added == ["6B06102"]


def test_titles_go_to_the_language_they_are_in_and_empty_cells_erase_nothing(
    institution: Institution, period: Period
) -> None:
    headings = [*HEADINGS, "title_en", "description"]
    bring(
        institution,
        period,
        [*line(1, discipline_title="Жасанды интеллект негіздері"), "AI", "What it is"],
        headings=headings,
    )
    bring(institution, period, line(1, discipline_title="Искусственный интеллект"))
    found = Discipline.objects.get()
    assert (found.title_kk, found.title_ru, found.title_en) == (
        "Жасанды интеллект негіздері",
        "Искусственный интеллект",
        "AI",
    )
    assert found.description == "What it is"


@pytest.mark.parametrize(("title", "headings", "language"), [
    ("Машиналық оқыту", "", "kk"), ("Жасанды интеллект", "kk", "kk"), ("Жасанды интеллект", "", "ru"),
    ("Машинное обучение", "ru", "ru"), ("Machine learning", "kk", "en"), ("Python тілі", "ru", "kk"),
])  # fmt: skip
def test_the_language_of_a_title_is_told_by_its_letters(title: str, headings: str, language: str) -> None:
    assert language_of(title, headings=headings) == language


def test_a_dry_run_says_what_would_be_and_saves_nothing(institution: Institution, period: Period) -> None:
    outcome = bring(institution, period, line(1), dry_run=True)
    assert (outcome.added, outcome.saved) == (["6B06102"], False)
    assert not CurriculumVersion.objects.exists()


def test_history_says_who_imported_which_file(institution: Institution, period: Period, editor: User) -> None:
    bring(institution, period, line(1), by=editor)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT c.metadata->>'file', (c.metadata->>'user')::int FROM curricula_lineevent e "
            "JOIN pghistory_context c ON c.id = e.pgh_context_id"
        )
        assert cursor.fetchall() == [("a.csv", editor.pk)]


@pytest.mark.parametrize("size", [2, 60])
def test_the_number_of_queries_does_not_grow_with_the_file(
    institution: Institution, period: Period, size: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(size):
        make_programme(institution, code=f"6B0620{number}"[:7] if number < 10 else f"6B062{number}")
    rows = [line(2, programme_code=f"6B0620{n}"[:7] if n < 10 else f"6B062{n}") for n in range(size)]
    content = xlsx(HEADINGS, *rows)
    with django_assert_max_num_queries(14):
        assert bring(institution, period, content=content, file_name="a.xlsx").saved


def four_at_once(institution: Institution, period: Period) -> list[Any]:
    """Two files, each brought twice at the same moment."""
    files = [partial(bring, institution, period, line(1, credits=points), line(2)) for points in (3, 4, 3, 4)]
    return at_once(*files)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_are_done_one_after_the_other(institution: Institution, period: Period) -> None:
    outcomes = four_at_once(institution, period)
    draft = CurriculumVersion.objects.get()
    assert draft.lines.count() == 2
    assert [outcome.saved for outcome in outcomes] == [True] * 4
    changes = sum(bool(outcome.added or outcome.changed) for outcome in outcomes)
    assert draft.edit_number == changes
    assert sum(len(outcome.added) for outcome in outcomes) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_one_of_them_would_fail(
    institution: Institution, period: Period, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: they meet, and the keys of the database refuse what the lock had put in order."""
    monkeypatch.setattr(whole, "one_at_a_time", lambda *_subject: nullcontext())
    for _turn in range(10):
        if any(isinstance(outcome, Exception) for outcome in four_at_once(institution, period)):
            return
        CurriculumVersion.objects.all().delete()
    pytest.fail("four at once never met, so the test above proves nothing")


def test_every_fault_is_told_in_one_go_also_of_rows_that_have_another(
    institution: Institution, period: Period
) -> None:
    outcome = bring(
        institution,
        period,
        line(1, programme_code="8D04101", semester="soon"),
        line(2),
        line(2),
    )
    assert codes(outcome) == [("A2", "programme_unknown"), ("G2", "not_whole"), ("B4", "duplicate_line")]
    assert (outcome.accepted, outcome.rejected) == (1, 2)
