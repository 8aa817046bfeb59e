"""The marked copy and the template: what goes out can be opened, and come in again."""

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.utils import translation

from curricula.spreadsheets.marking import mark_copy
from curricula.spreadsheets.rows import LineRow, read_file
from curricula.spreadsheets.template import write_template
from curricula.spreadsheets.vocabulary import HEADINGS as ALL_HEADINGS
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line, ods, xlsx

PAYLOADS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "=cmd|'/C calc'!A0",
    '=HYPERLINK("http://x","y")',
    "https://x.kz",
]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def marked(content: bytes, name: str) -> Any:
    faults = read_file(content, name).faults
    copy = mark_copy(content=content, file_name=name, faults=faults)
    return openpyxl.load_workbook(io.BytesIO(copy)).worksheets[0]


@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_faults_are_marked_where_they_stand(kind: str) -> None:
    rows = [["Title"], [], HEADINGS, line(1), line(2, credits="many", cycle="")]
    content = {"xlsx": xlsx(*rows), "ods": ods(*rows), "csv": csv_text(*rows).encode()}[kind]
    sheet = marked(content, f"a.{kind}")
    assert sheet["D5"].value == "many"
    assert sheet["D5"].fill.fgColor.rgb == "FFFFD7D0"
    assert "is not a number" in sheet["D5"].comment.text
    assert sheet["E5"].comment.text == "The cell is empty. Fill it in."
    assert sheet["D4"].comment is None
    assert sheet["J3"].value == "Faults"
    assert sheet["J5"].value.startswith("credits: “many”")


def test_the_marked_copy_can_be_mended_and_uploaded() -> None:
    content = xlsx(HEADINGS, line(1), line(2, credits="many"))
    sheet = marked(content, "a.xlsx")
    sheet["D3"] = 4
    target = io.BytesIO()
    sheet.parent.save(target)
    reading = read_file(target.getvalue(), "a.xlsx")
    assert (reading.faults, reading.accepted) == ([], 2)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_becomes_a_formula_or_a_link(payload: str) -> None:
    content = csv_text(HEADINGS, line(discipline_title=payload, credits=payload)).encode()
    sheet = marked(content, "a.csv")
    for row in sheet.iter_rows():
        assert all(cell.data_type in {"s", "n"} and cell.hyperlink is None for cell in row)


def test_a_date_stays_a_date_in_the_copy() -> None:
    sheet = marked(xlsx(HEADINGS, line(credits=dt.date(2025, 5, 5))), "a.xlsx")
    assert sheet["D2"].value == dt.datetime(2025, 5, 5)  # noqa: DTZ001 - a cell has no zone


def test_missing_columns_are_told_beside_the_headings() -> None:
    sheet = marked(xlsx(HEADINGS[:5], line()[:5]), "a.xlsx")
    assert "These columns are missing" in sheet["F1"].value


ROW = LineRow(
    2, "6B06102", "AI1", "=Machine learning", Decimal("4.5"), "basic", "elective", 3, "core", "https://x.kz/a"
)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_filled_template_comes_back_unchanged(language: str) -> None:
    content = write_template(language=language, programmes=[("6B06102", "Informatics")], rows=[ROW])
    reading = read_file(content, "template.xlsx")
    assert reading.faults == []
    assert reading.rows == [ROW]
    assert len(reading.ignored_sheets) == 2


def template(language: str = "ru", **over: Any) -> Any:
    content = write_template(
        language=language,
        programmes=[("6B06102", "Информатика"), ("7M06103", "Data")],
        disciplines=[("AI1", "Основы ИИ"), ("AI2", "Этика"), ("AI3", "=1+1")],
        **over,
    )
    return openpyxl.load_workbook(io.BytesIO(content))


def test_the_template_offers_lists_and_keeps_its_headings_in_place() -> None:
    sheet = template().worksheets[0]
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].value == "Код программы"
    rules = {str(rule.sqref).partition(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    assert rules["A2"].formula1.endswith("!$A$2:$A$3")  # the programmes, on their own sheet
    assert rules["B2"].formula1.endswith("!$A$2:$A$4")  # the disciplines; another may be written
    assert not rules["B2"].showErrorMessage
    assert rules["E2"].formula1 == '"ООД,БД,ПД"'
    assert (rules["G2"].type, rules["G2"].formula1, rules["G2"].formula2) == ("whole", "1", "12")
    assert len(sheet[1]) == len(ALL_HEADINGS)


def test_headings_are_protected_and_everything_else_may_be_written() -> None:
    sheet = template(rows=[ROW]).worksheets[0]
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    assert all(cell.protection.locked for cell in sheet[1])
    assert not any(cell.protection.locked for row in sheet["A2:N3"] for cell in row if cell.value)
    columns = sheet.column_dimensions.values()
    assert max(column.max for column in columns) == 16_384
    assert not any(column.protection.locked for column in columns)
    assert not sheet.protection.deleteRows  # false: it is not forbidden


def test_programmes_without_a_line_stand_in_it_to_be_filled_in() -> None:
    sheet = template(rows=[ROW]).worksheets[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["6B06102", "7M06103"]
    assert sheet["J3"].value == "Data"


def test_what_the_institution_calls_a_discipline_is_never_a_formula() -> None:
    cells = [cell for sheet in template(rows=[ROW]) for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
