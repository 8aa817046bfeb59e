"""A university's program reads a curriculum as a document and puts another in its place, losing nothing of others'."""

from typing import Any

import pytest

from curricula.importing import import_file
from curricula.models import CurriculumVersion, Discipline, Line, Period, Programme
from institutions.models import Institution
from tests.curricula.api_events import contexts_of
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line
from tests.curricula.test_documents import as_line
from tests.curricula.university_programs import University, address, everything
from tests.factories import (
    hand_in,
    make_discipline,
    make_institution,
    make_programme,
    make_submission,
    make_version,
)

pytestmark = pytest.mark.django_db


def lines_of(programme: Programme) -> list[tuple[Any, ...]]:
    return list(
        Line.objects.filter(version__programme=programme)
        .order_by("version", "position")
        .values_list("version__number", "discipline__code", "credits", "semester", "ai_category")
    )


def test_a_first_document_begins_a_draft(program: University, programme: Programme, there: str) -> None:
    assert program.get(there).status_code == 404
    answer = program.put(there, {"students": 30, "lines": [as_line(1), as_line(2)]})
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["version"], body["state"], body["students"]) == (1, "draft", 30)
    assert [one["discipline_code"] for one in body["lines"]] == ["AI1", "AI2"]
    read = program.get(there)
    assert (read.json(), read["ETag"]) == (body, answer["ETag"])
    assert read["Cache-Control"] == "private, no-cache"
    draft = CurriculumVersion.objects.get(programme=programme)
    assert draft.edited_by is not None


def test_what_was_read_and_is_put_back_changes_nothing(
    program: University, programme: Programme, period: Period, there: str
) -> None:
    odd = {
        "title_kk": "Екі  бос\u00a0орын ",
        "title_ru": "",
        "title_en": "=1+1",
        "description": "\x0bA\r\nB ",
    }
    lines = [
        {"discipline": make_discipline(programme.institution, **odd), "credits": 4.5},
        {"ai_category": "core", "semester": 7},
    ]
    make_version(programme, period=period, lines=lines)
    before = everything()
    read = program.get(there)
    answer = program.put(there, read.content, read["ETag"])
    assert (answer.status_code, answer.content) == (200, read.content)
    assert everything() == before


@pytest.mark.parametrize("state", ["draft", "submitted", "approved"])
def test_a_curriculum_of_any_state_can_be_put_back(
    program: University, programme: Programme, period: Period, there: str, state: str
) -> None:
    make_version(programme, period=period, state=state)
    before = everything()
    read = program.get(there)
    assert program.put(there, read.content, read["ETag"]).status_code == 200
    assert everything() == before


def test_a_draft_without_lines_can_be_put_back_and_filled_and_emptied(
    program: University, programme: Programme, period: Period, there: str
) -> None:
    make_version(programme, period=period, lines=[])
    read = program.get(there)
    assert program.put(there, read.content, read["ETag"]).status_code == 200
    filled = program.put(there, {"lines": [as_line()]}, read["ETag"])
    assert len(filled.json()["lines"]) == 1
    assert program.put(there, {"lines": []}, filled["ETag"]).json()["lines"] == []


def test_the_draft_is_replaced_whole(program: University, programme: Programme, there: str) -> None:
    first = program.put(there, {"lines": [as_line(1), as_line(2), as_line(3)]})
    second = program.put(there, {"lines": [as_line(3), as_line(1, credits="2.5")]}, first["ETag"])
    assert second.status_code == 200
    assert [(code, float(ects)) for _n, code, ects, *_rest in lines_of(programme)] == [
        ("AI3", 5),
        ("AI1", 2.5),
    ]
    assert second["ETag"] != first["ETag"]


def test_the_same_document_again_changes_nothing_even_with_the_tag_of_before(
    program: University, there: str
) -> None:
    first = program.put(there, {"lines": [as_line(1)]})
    changed = {"lines": [as_line(1), as_line(2)]}
    second = program.put(there, changed, first["ETag"])
    before = everything()
    for tag in (second["ETag"], first["ETag"]):  # the second as of one who has not got the answer
        again = program.put(there, changed, tag)
        assert (again.status_code, again.content, again["ETag"]) == (200, second.content, second["ETag"])
    assert everything() == before


def test_who_has_read_an_older_state_is_shown_the_present_one(program: University, there: str) -> None:
    first = program.put(there, {"lines": [as_line(1)]})
    theirs = program.put(there, {"lines": [as_line(1), as_line(2)]}, first["ETag"])
    before = everything()
    mine = program.put(there, {"lines": [as_line(3)]}, first["ETag"])
    assert (mine.status_code, mine["Content-Type"]) == (412, "application/problem+json")
    assert (mine.json()["current"], mine.json()["etag"]) == (theirs.json(), theirs["ETag"])
    assert mine["ETag"] == theirs["ETag"]
    assert everything() == before
    assert program.put(there, {"lines": [as_line(3)]}, mine["ETag"]).status_code == 200


def test_a_discipline_that_somebody_has_reworded_is_another_state(
    program: University, institution: Institution, there: str
) -> None:
    first = program.put(there, {"lines": [as_line(1)]})
    Discipline.objects.filter(institution=institution).update(title_en="Renamed meanwhile")
    assert program.put(there, {"lines": [as_line(1, credits=3)]}, first["ETag"]).status_code == 412


def test_who_does_not_say_what_was_read_is_asked_to_where_there_is_a_draft(
    program: University, there: str
) -> None:
    program.put(there, {"lines": [as_line(1)]})
    before = everything()
    answer = program.put(there, {"lines": []})
    assert (answer.status_code, answer.json()["code"]) == (428, "if_match_missing")
    assert everything() == before


@pytest.mark.parametrize(("tag", "status"), [("*", 200), ('W/"{}"', 200), ('"x", "{}"', 200), ('"x"', 412)])
def test_tags_are_read_as_http_says_and_as_proxies_weaken_them(
    program: University, there: str, tag: str, status: int
) -> None:
    first = program.put(there, {"lines": [as_line(1)]})
    said = tag.replace("{}", first["ETag"].strip('"'))
    assert program.put(there, {"lines": []}, said).status_code == status


def test_a_condition_that_can_not_be_read_is_refused(program: University, there: str) -> None:
    answer = program.put(there, {"lines": []}, "abc")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "If-Match")


def test_one_may_ask_for_nothing_to_be_there(program: University, there: str) -> None:
    assert program.put(there, {"lines": [as_line(1)]}, '"x"').status_code == 412
    assert program.put(there, {"lines": [as_line(1)]}, if_none_match="*").status_code == 201
    for tag in ("", "*"):
        assert program.put(there, {"lines": [as_line(2)]}, tag, if_none_match="*").status_code == 412


def test_who_holds_the_present_state_is_not_sent_it_again(program: University, there: str) -> None:
    tag = program.put(there, {"lines": [as_line(1)]})["ETag"]
    answer = program.get(there, if_none_match=tag)
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)


def test_what_awaits_review_is_never_changed(
    program: University, programme: Programme, period: Period, there: str
) -> None:
    make_version(programme, period=period, state="submitted")
    before = everything()
    for query in ("", "?dry_run=true"):
        answer = program.put(there + query, {"lines": [as_line(1)]}, "*")
        assert (answer.status_code, answer.json()["code"]) == (409, "awaiting_review")
        assert "wait until it is returned or approved" in answer.json()["detail"]
    assert program.put(there, {"lines": []}, "*").status_code == 409
    assert everything() == before


def test_beside_what_is_approved_a_new_draft_begins(
    program: University, programme: Programme, period: Period, there: str
) -> None:
    approved = make_version(programme, period=period, state="approved")
    before = CurriculumVersion.objects.filter(pk=approved.pk).values().get()
    answer = program.put(there, {"lines": [as_line(1)]}, program.get(there)["ETag"])
    assert (answer.status_code, answer.json()["version"], answer.json()["students"]) == (201, 2, 25)
    assert CurriculumVersion.objects.filter(pk=approved.pk).values().get() == before


def test_students_stay_unless_the_document_speaks_of_them(program: University, there: str) -> None:
    tag = program.put(there, {"students": 30, "lines": [as_line(1)]})["ETag"]
    kept = program.put(there, {"lines": [as_line(2)]}, tag)
    assert kept.json()["students"] == 30
    other = program.put(there, {"students": 31, "lines": [as_line(2)]}, kept["ETag"])
    assert other.json()["students"] == 31
    assert (
        program.put(there, {"students": None, "lines": [as_line(2)]}, other["ETag"]).json()["students"]
        is None
    )


def test_a_dry_run_says_what_would_happen_and_saves_nothing(program: University, there: str) -> None:
    lines = [as_line(1), as_line(2), as_line(3)]
    dry = there + "?dry_run=true"
    assert program.put(dry, {"lines": lines}).json() == {
        "dry_run": True,
        "outcome": "added",
        "lines": {"added": 3, "changed": 0, "removed": 0, "unchanged": 0},
        "disciplines": {"added": ["AI1", "AI2", "AI3"], "changed": []},
    }
    assert everything() == [[], [], []]
    tag = program.put(there, {"lines": lines})["ETag"]
    before = everything()
    changed = [as_line(1), as_line(2, credits=6, title_en="Anew"), as_line(4)]
    answer = program.put(dry, {"lines": changed}, tag)
    assert (answer.status_code, answer.json()["outcome"]) == (200, "changed")
    assert answer.json()["lines"] == {"added": 1, "changed": 1, "removed": 1, "unchanged": 1}
    assert answer.json()["disciplines"]["added"] == ["AI4"]
    assert program.put(dry, {"lines": lines}).json()["outcome"] == "unchanged"
    assert program.put(dry, {"lines": changed}, '"old"').status_code == 412
    assert everything() == before


def test_every_fault_is_told_with_pointer_value_and_what_would_be_right(
    program: University, there: str
) -> None:
    answer = program.put(there, {"lines": [as_line(1, credits="5,5 ects"), as_line(2, cycle="basics")]})
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    number, choice = answer.json()["errors"]
    assert number == {
        "pointer": "/lines/0/credits", "message": "“5,5 ects” is not a number. Write 5.5.", "code": "not_number",
        "row": 1, "column": "credits", "value": "5,5 ects",
    }  # fmt: skip
    assert (choice["pointer"], choice["allowed"]) == ("/lines/1/cycle", ["general", "basic", "major"])
    assert everything() == [[], [], []]


def test_a_new_discipline_needs_a_title(program: University, there: str) -> None:
    answer = program.put(there, {"lines": [as_line(1, discipline_title="")]})
    [fault] = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/lines/0/discipline_title", "title_needed")


def test_what_is_another_institutions_is_not_there(program: University, period: Period) -> None:
    theirs = make_programme(make_institution(code="enu"), code="6B06109")
    make_version(theirs, period=period)
    before = everything()
    missing = program.get(f"curricula/{period.code}/6B06199/")
    for answer in (
        program.get(address(theirs, period)),
        program.put(address(theirs, period), {"lines": [as_line(1)]}, "*"),
    ):
        assert (answer.status_code, answer.json()) == (404, missing.json())
    assert everything() == before


def test_a_code_that_both_have_is_each_ones_own(
    program: University, programme: Programme, period: Period, there: str
) -> None:
    theirs = make_programme(make_institution(code="enu"), code=programme.code)
    make_version(theirs, period=period)
    before = lines_of(theirs)
    assert program.get(there).status_code == 404
    assert program.put(there, {"lines": [as_line(1)]}).status_code == 201
    assert lines_of(theirs) == before


def test_a_period_that_is_closed_takes_nothing(
    program: University, programme: Programme, period: Period, there: str
) -> None:
    make_version(programme, period=period)
    Period.objects.filter(pk=period.pk).update(closes_on=period.due_on.replace(year=2020), due_on="2020-01-02",
                                               opens_on="2020-01-01")  # fmt: skip
    answer = program.put(there, {"lines": [as_line(1)]}, "*")
    assert (answer.status_code, answer.json()["code"]) == (409, "period_closed")


def test_a_key_that_only_reads_writes_nothing(institution: Institution, there: str) -> None:
    assert University(institution, "read").put(there, {"lines": [as_line(1)]}).status_code == 403
    assert everything() == [[], [], []]


def test_the_trail_names_the_key_with_every_version_and_line(program: University, there: str) -> None:
    saved = program.put(there, {"lines": [as_line(1)]})
    program.put(there, {"lines": [as_line(1, credits="7"), as_line(2)]}, saved["ETag"])
    models: tuple[Any, ...] = (CurriculumVersion, Line, Discipline)
    for model in models:
        said = contexts_of(model)
        assert {(one["key"], one["user"]) for one in said} == {(program.key.label, program.key.made_by_id)}
        assert len(said) == model.pgh_event_model.objects.count()


@pytest.mark.parametrize("query", ["?dry_run=1", "?dry_run=", "?dry_run=true&dry_run=true", "?dryrun=true"])
def test_a_parameter_that_can_not_be_read_saves_nothing(program: University, there: str, query: str) -> None:
    assert program.put(there + query, {"lines": [as_line(1)]}).status_code == 400
    assert everything() == [[], [], []]


def test_the_document_and_the_spreadsheet_of_the_same_content_have_one_hash(
    program: University, programme: Programme, period: Period, there: str
) -> None:
    cells = [line(1), line(2, credits="4,5", cycle="БД", ai_category="core"), line(3, evidence_url="")]
    lines = [dict(zip(HEADINGS[1:], row[1:], strict=True)) for row in cells]
    assert program.put(there, {"lines": lines}).status_code == 201
    enu = make_institution(code="enu")
    make_programme(enu, code=programme.code)
    sheet = csv_text(HEADINGS, *cells).encode()
    import_file(institution=enu, period=period, content=sheet, file_name="lines.csv", by=None)
    for draft in CurriculumVersion.objects.drafts():
        hand_in(draft, make_submission(draft.institution, period=period))
    [first, second] = CurriculumVersion.objects.values_list("content_hash", flat=True)
    assert first == second != ""
    assert program.get(there).json()["content_hash"] == first


@pytest.mark.parametrize("count", [1, 40])
def test_it_costs_the_same_queries_for_many_lines(
    program: University, programme: Programme, there: str, count: int, django_assert_max_num_queries: Any
) -> None:
    tag = program.put(there, {"lines": [as_line(number) for number in range(count)]})["ETag"]
    with django_assert_max_num_queries(6):
        program.get(there)
    with django_assert_max_num_queries(26):
        changed = [as_line(number, credits=7) for number in range(count + 1)]
        assert program.put(there, {"lines": changed}, tag).status_code == 200
