"""A curriculum as a JSON document is read by the checks of a spreadsheet, and says what the same spreadsheet says."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curricula.documents.files import read_json_file
from curricula.documents.reading import located, read_document, read_documents
from curricula.spreadsheets.faults import Fault
from curricula.spreadsheets.rows import Reading, read_file
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line

pytestmark = pytest.mark.usefixtures("english")

PLACE = {"institution": "kaznu", "period": "2025"}


def as_line(number: int = 1, **over: Any) -> dict[str, Any]:
    """One good line of a document."""
    said = dict(zip(HEADINGS, line(number), strict=True))
    del said["programme_code"]
    return {**said, **over}


def read(document: Any) -> Reading:
    return read_document(document, **PLACE, programme="6B06102")


def told(reading: Reading) -> list[tuple[str | None, str]]:
    return [(fault.path, fault.code) for fault in located(reading)]


def test_a_document_has_the_rows_of_the_spreadsheet_that_says_the_same() -> None:
    rows = [line(1), line(2, credits="4,5", cycle="БД", semester="3")]
    sheet = read_file(csv_text(HEADINGS, *rows).encode(), "lines.csv")
    lines = [as_line(1), as_line(2, credits="4,5", cycle="БД", semester="3")]
    found = read({"lines": lines})
    assert [row[1:] for row in found.rows] == [row[1:] for row in sheet.rows]
    assert (found.read, found.accepted, found.rejected, found.blank) == (2, 2, 0, 0)
    assert located(found) == []


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"credits": "5,5 ects"}, "not_number"),
        ({"credits": Decimal("5.55")}, "credits_places"),
        ({"credits": 31}, "credits_range"),
        ({"credits": True}, "truth"),
        ({"credits": None}, "required"),
        ({"credits": [5]}, "nested"),
        ({"semester": Decimal("1.5")}, "not_whole"),
        ({"semester": 13}, "semester_range"),
        ({"cycle": "basics"}, "not_choice"),
        ({"ai_category": ""}, "required"),
        ({"evidence_url": "javascript:alert(1)"}, "url"),
        ({"discipline_code": "=1+1"}, "discipline_code"),
        ({"discipline_title": "Two\nlines"}, "line_break"),
        ({"title_kk": "Bell\x07"}, "control"),
        ({"description": {"text": "nested"}}, "nested"),
    ],
)
def test_a_wrong_value_is_named_by_its_pointer(over: dict[str, Any], code: str) -> None:
    found = read({"lines": [as_line(1), as_line(2, **over)]})
    [name] = over
    assert told(found) == [(f"/lines/1/{name}", code)]
    assert (found.accepted, found.rejected) == (1, 1)


def test_its_sentences_speak_of_lines_and_pointers() -> None:
    lines = [as_line(1), as_line(1), as_line(2, discipline_code="AI1", semester=4, discipline_title="Other")]
    found = {fault.path: fault.message for fault in located(read({"lines": lines}))}
    assert found == {
        "/lines/1/discipline_code": "The line at /lines/0 has the same discipline in the same semester. "
        "Delete one of the two.",
        "/lines/2/discipline_title": "The line at /lines/0 gives discipline AI1 another text here: “Introduction "
        "to AI, part 1”. Write the same in every line.",
    }


@pytest.mark.parametrize(
    ("document", "faults"),
    [
        (None, [("", "not_object")]),
        ([], [("", "not_object")]),
        ({}, [("/lines", "required")]),
        ({"lines": "all"}, [("/lines", "not_list")]),
        ({"lines": [7]}, [("/lines/0", "not_object")]),
        ({"lines": [], "student": 7}, [("/student", "unknown_member")]),
        ({"lines": [], "a/b~c": 7}, [("/a~1b~0c", "unknown_member")]),
        ({"lines": [], "programme": "7M06102"}, [("/programme", "elsewhere")]),
        ({"lines": [], "institution": "enu"}, [("/institution", "elsewhere")]),
        ({"lines": [], "period": 2024}, [("/period", "elsewhere")]),
        ({"lines": [], "students": -1}, [("/students", "students")]),
        ({"lines": [], "students": True}, [("/students", "students")]),
        ({"lines": [], "students": "25"}, [("/students", "students")]),
        ({"lines": [as_line(programme_code="6B06102")]}, [("/lines/0/programme_code", "unknown_member")]),
    ],
)
def test_a_wrong_structure_is_named_by_its_pointer(document: Any, faults: list[tuple[str, str]]) -> None:
    assert told(read(document)) == faults


def test_a_line_that_says_nothing_is_a_fault_and_never_passed_over() -> None:
    found = read({"lines": [as_line(1), {}]})
    assert ("/lines/1/discipline_code", "required") in told(found)
    assert (found.read, found.accepted, found.rejected) == (2, 1, 1)


def test_a_list_takes_documents_and_lines_that_name_their_programme() -> None:
    row = {**as_line(2), "programme_code": "7M06103"}
    found = read_documents([{"programme": "6B06102", "lines": [as_line(1)]}, row], **PLACE)
    assert [(one.row, one.programme_code) for one in found.rows] == [(1, "6B06102"), (2, "7M06103")]
    assert told(found) == []


def test_a_programme_that_is_wrong_is_one_fault_of_its_document() -> None:
    found = read_documents([{"programme": "061", "lines": [as_line(1), as_line(2)]}], **PLACE)
    assert told(found) == [("/0/programme", "programme_code")]
    assert (found.read, found.rejected) == (2, 2)


def test_two_documents_of_one_programme_are_refused() -> None:
    documents = [{"programme": "6B06102", "lines": [as_line(number)]} for number in (1, 2)]
    assert told(read_documents(documents, **PLACE)) == [("/1/programme", "duplicate_programme")]


def test_lines_of_text_are_checked_each_for_itself() -> None:
    lines = [
        json.dumps({**as_line(1), "programme_code": "6B06102"}),
        "",
        "{broken",
        json.dumps({"programme": "6B06103", "lines": [as_line(2, credits=0)]}),
        '{"programme": "6B06104", "lines": [], "lines": []}',
        '{"programme": "6B06105\\u0000", "lines": []}',
    ]
    found = read_json_file("\n".join(lines).encode(), "many.jsonl", **PLACE)
    assert told(found) == [
        ("/1", "json_broken"),
        ("/3", "json_refused"),
        ("/4/programme", "json_refused"),
        ("/2/lines/0/credits", "credits_range"),
    ]
    assert found.read == found.accepted + found.rejected + found.blank == 5


def test_more_lines_than_are_taken_at_once_are_refused_before_any_is_looked_at() -> None:
    found = read_documents([{"programme": "6B06102", "lines": [{}] * 50_001}], **PLACE)
    assert told(found) == [("", "too_many_at_once")]
    assert (found.read, found.rejected) == (50_001, 50_001)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**14), 10**14) | st.text(max_size=20)
    | st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000, places=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
LINES = st.fixed_dictionaries(
    {},
    optional={name: VALUES | st.just(as_line()[name]) for name in as_line()} | {"programme_code": VALUES},
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "programme": VALUES,
        "students": VALUES,
        "lines": st.lists(LINES | VALUES, max_size=4) | VALUES,
    },
)


@settings(max_examples=200)
@given(found=st.lists(DOCUMENTS | LINES | VALUES, max_size=4) | VALUES)
def test_whatever_is_sent_is_read_and_every_line_accounted_for(found: Any) -> None:
    reading = read_documents(found, **PLACE)
    faults = located(reading)
    assert reading.read == reading.accepted + reading.rejected + reading.blank
    assert bool(reading.rejected) <= bool(faults)
    for fault in faults:
        assert fault.message
        assert fault.path is not None
        assert Fault.from_json(json.loads(json.dumps(fault.as_json()))) == fault
        assert leads_into(found, fault)
    assert read_document(found, **PLACE, programme="6B06102").faults or isinstance(found, Mapping)


def leads_into(found: Any, fault: Fault) -> bool:
    """Each pointer leads to what is there, or to a member that is missing from an object that is there."""
    parts = (fault.path or "").split("/")[1:]
    for place, part in enumerate(parts):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list):
            found = found[int(name)]
        elif name in found:
            found = found[name]
        else:
            return place == len(parts) - 1 and fault.code == "required"
    return True
