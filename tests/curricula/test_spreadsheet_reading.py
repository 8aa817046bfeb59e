"""A file is read as its user sees it: every row counted, every cell in its place."""

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.utils import translation

from curricula.spreadsheets.faults import Fault
from curricula.spreadsheets.rows import Reading, read_file
from tests.curricula.spreadsheet_files import (
    HEADINGS,
    KAZAKH,
    RUSSIAN,
    csv_text,
    line,
    ods,
    ods_row,
    raw_ods,
    raw_row,
    raw_xlsx,
    xlsx,
)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def read(content: bytes, name: str = "lines.xlsx") -> Reading:
    reading = read_file(content, name)
    assert reading.read == reading.accepted + reading.rejected + reading.blank
    return reading


def codes(reading: Reading) -> list[tuple[str, str]]:
    return [(fault.cell, fault.code) for fault in reading.faults]


@pytest.mark.parametrize("headings", [HEADINGS, RUSSIAN, KAZAKH])
@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_a_good_file_is_read_in_every_format_and_language(headings: list[str], kind: str) -> None:
    rows = [headings, line(1, credits=4.5), line(2)]
    content = {"xlsx": xlsx(*rows), "ods": ods(*rows), "csv": csv_text(*rows).encode()}[kind]
    reading = read(content, f"lines.{kind}")
    assert reading.faults == []
    assert [(row.row, row.discipline_code, row.credits) for row in reading.rows] == [
        (2, "AI1", Decimal("4.5")),
        (3, "AI2", Decimal(5)),
    ]
    assert reading.rows[0].semester == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_of_any_usual_encoding_and_separator(encoding: str, separator: str) -> None:
    rows = [
        RUSSIAN,
        line(1, discipline_title="Основы; ИИ, часть 1", credits="4,5", cycle="БД", component="КВ"),
    ]
    reading = read(csv_text(*rows, separator=separator).encode(encoding), "строки.csv")
    assert reading.faults == []
    assert reading.rows[0].discipline_title == "Основы; ИИ, часть 1"
    assert reading.rows[0].credits == Decimal("4.5")
    assert (reading.rows[0].cycle, reading.rows[0].component) == ("basic", "elective")


def test_excels_own_separator_line_is_understood() -> None:
    content = "sep=;\r\n" + csv_text(HEADINGS, line(), separator=";")
    assert read(content.encode(), "a.csv").accepted == 1


def test_kazakh_letters_lost_in_windows_1251_are_noticed() -> None:
    content = csv_text(
        RUSSIAN, line(discipline_title="Жасанды ?мірдегі әдіс".replace("ә", "?").replace("і", "i"))
    )
    reading = read((content + csv_text(line(2, discipline_title="Основы"))).encode("cp1251"), "a.csv")
    assert codes(reading) == [("C2", "lost_letters")]


def test_rows_are_numbered_as_in_the_spreadsheet_program() -> None:
    rows = [
        [],
        ["Curricula of the institute"],
        [],
        HEADINGS,
        line(1),
        [],
        [" ", "\u00a0"],
        line(2, credits="many"),
    ]
    for content, name in [
        (xlsx(*rows), "a.xlsx"),
        (ods(*rows), "a.ods"),
        (csv_text(*rows).encode(), "a.csv"),
    ]:
        reading = read(content, name)
        assert (reading.read, reading.accepted, reading.rejected, reading.blank) == (4, 1, 1, 2)
        assert reading.header_row == 4
        assert [(fault.row, fault.cell, fault.header) for fault in reading.faults] == [(8, "D8", "credits")]


def test_a_table_that_begins_further_right_keeps_its_letters() -> None:
    reading = read(xlsx(["", "", *HEADINGS], ["", "", *line(credits=0)]))
    assert codes(reading) == [("F2", "credits_range")]


def test_a_lying_dimension_hides_no_row() -> None:
    data = raw_row(1, HEADINGS) + "".join(raw_row(number, line(number)) for number in range(2, 9))
    reading = read(raw_xlsx(data, before='<dimension ref="A1:A2"/>'))
    assert (reading.read, reading.accepted) == (7, 7)


def test_hidden_rows_and_columns_are_read_like_the_others() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx(HEADINGS, line(1), line(2))))
    book["Lines"].row_dimensions[3].hidden = True
    book["Lines"].column_dimensions["D"].hidden = True
    target = io.BytesIO()
    book.save(target)
    assert read(target.getvalue()).accepted == 2


def test_the_sheet_with_the_headings_is_found_and_the_others_are_named() -> None:
    content = xlsx(sheets={"Read me": [["How to fill in"]], "Lines": [HEADINGS, line()], "Notes": [["x"]]})
    reading = read(content)
    assert (reading.sheet, reading.accepted, reading.ignored_sheets) == (
        "Lines",
        1,
        {"Read me": 1, "Notes": 1},
    )


@pytest.mark.parametrize("hidden", ["", "More"])
def test_a_second_sheet_of_lines_is_refused_rather_than_dropped(hidden: str) -> None:
    content = xlsx(sheets={"Lines": [HEADINGS, line()], "More": [HEADINGS, line(2)]}, hidden=hidden)
    reading = read(content)
    assert [fault.code for fault in reading.faults] == ["several_sheets"]
    assert "More" in reading.faults[0].message


def test_a_second_ods_sheet_of_lines_is_refused_too() -> None:
    rows = ods_row(HEADINGS) + ods_row(line())
    hidden = f'<table:table table:name="More" table:style-name="hidden">{rows}</table:table>'
    assert [fault.code for fault in read(raw_ods(rows, hidden), "a.ods").faults] == ["several_sheets"]


def test_an_empty_second_sheet_with_headings_does_no_harm() -> None:
    for first, second in (("Lines", "Blank"), ("Blank", "Lines")):
        sheets: dict[str, list[Any]] = {
            name: [HEADINGS, line()] if name == "Lines" else [HEADINGS] for name in (first, second)
        }
        reading = read(xlsx(sheets=sheets))
        assert (reading.accepted, reading.ignored_sheets) == (1, {"Blank": 0})


def with_cells(changes: dict[str, Any], *, merge: str = "") -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(xlsx(HEADINGS, line(1), line(2))))
    for cell, value in changes.items():
        book["Lines"][cell] = value
    if merge:
        book["Lines"].merge_cells(merge)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_formula_counts_by_its_value_and_is_refused_without_one() -> None:
    assert codes(read(with_cells({"D2": "=2+3"}))) == [("D2", "formula_uncalculated")]
    calculated = raw_row(2, line()).replace("<v>5</v>", "<f>2+3</f><v>5</v>")
    assert read(raw_xlsx(raw_row(1, HEADINGS) + calculated)).rows[0].credits == 5
    failed = raw_row(2, line()).replace('D2"><v>5</v>', 'D2" t="e"><f>NA()</f><v>#N/A</v>')
    assert codes(read(raw_xlsx(raw_row(1, HEADINGS) + failed))) == [("D2", "formula_error")]


def test_an_error_in_a_cell_that_may_be_empty_is_not_taken_for_empty() -> None:
    assert codes(read(with_cells({"I2": "#N/A"}))) == [("I2", "formula_error")]


def test_errors_and_formulas_of_ods() -> None:
    error = (
        '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="" '
        'calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
    )
    good = '<table:table-cell table:formula="of:=2+3" office:value-type="float" office:value="5"/>'
    rows = (
        ods_row(HEADINGS)
        + ods_row(line(1)).replace(_credits(), error)
        + ods_row(line(2)).replace(_credits(), good)
    )
    assert codes(read(raw_ods(rows), "a.ods")) == [("D2", "formula_error")]


def _credits() -> str:
    return (
        '<table:table-cell office:value-type="float" office:value="5"><text:p>5</text:p></table:table-cell>'
    )


def test_repeated_cells_and_rows_of_ods_are_data() -> None:
    blank = '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
    tail = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    rows = ods_row(HEADINGS) + ods_row(line(1)) + blank + ods_row(line(2, semester=99)) + tail
    reading = read(raw_ods(rows), "a.ods")
    assert (reading.read, reading.blank) == (5, 3)
    assert codes(reading) == [("G6", "semester_range")]


def test_cells_under_a_merged_one_are_named() -> None:
    content = with_cells({"A3": None}, merge="A2:A3")
    assert codes(read(content)) == [("A3", "merged")]


def test_excel_dates_booleans_and_whole_floats() -> None:
    reading = read(xlsx(HEADINGS, line(1, discipline_code=1101.0, semester=3.0, credits="5.0")))
    assert (reading.rows[0].discipline_code, reading.rows[0].semester) == ("1101", 3)
    reading = read(
        xlsx(HEADINGS, line(credits=dt.date(2025, 5, 5), semester=True, discipline_title=dt.date(2025, 1, 1)))
    )
    assert codes(reading) == [("C2", "date"), ("D2", "date"), ("G2", "truth")]


def test_binary_fractions_are_read_as_they_are_shown() -> None:
    assert read(xlsx(HEADINGS, line(credits=1.1 + 2.2))).rows[0].credits == Decimal("3.3")


def test_all_missing_columns_are_named_at_once() -> None:
    reading = read(xlsx(HEADINGS[:3], line()[:3], line(2)[:3]))
    assert [fault.code for fault in reading.faults] == ["missing_columns"]
    assert (reading.rows, reading.rejected) == ([], 2)
    for name in HEADINGS[3:]:
        assert name in reading.faults[0].message


def test_a_file_without_headings_is_told_which_ones_it_needs() -> None:
    reading = read(xlsx(["a", "b"], [1, 2]))
    assert [fault.code for fault in reading.faults] == ["no_headings"]
    assert "programme_code" in reading.faults[0].message


def test_headings_without_rows_are_refused() -> None:
    assert [fault.code for fault in read(xlsx(HEADINGS)).faults] == ["no_rows"]


def test_unknown_and_double_columns_are_refused_with_the_nearest_name() -> None:
    reading = read(xlsx([*HEADINGS, "discription", "Кредиты", "Empty one"], [*line(), "text", 5]))
    assert codes(reading) == [("J1", "unknown_column"), ("K1", "duplicate_column")]
    assert "“description”" in reading.faults[0].message
    assert "D1" in reading.faults[1].message


def test_an_unknown_column_with_one_value_is_never_passed_over() -> None:
    reading = read(xlsx([*HEADINGS, "Hours"], [*line(1), ""], [*line(2), 90]))
    assert codes(reading) == [("J1", "unknown_column")]


def test_numbering_and_fault_columns_are_passed_over_by_name() -> None:
    reading = read(xlsx(["№", *HEADINGS, "Ошибки"], [1, *line(), "something"]))
    assert (reading.accepted, reading.ignored_columns) == (1, ["№", "Ошибки"])


def test_a_value_without_a_heading_is_never_passed_over() -> None:
    reading = read(xlsx(HEADINGS, [*line(), "", "stray"], line(2)))
    assert codes(reading) == [("K2", "no_heading")]
    assert (reading.accepted, reading.rejected) == (1, 1)


def test_headings_are_known_however_they_are_typed() -> None:
    odd = [
        "  PROGRAMME CODE*",
        "Discipline-Code",
        "Discipline\ntitle",
        "Credits (ECTS)",
        "ЦИКЛ",
        "component:",
    ]
    reading = read(xlsx([*odd, "Ceместр", "Категория\u00a0ИИ", "Evidence URL"], line()))
    assert reading.faults == []
    assert reading.accepted == 1


def test_optional_columns_are_read() -> None:
    more = ["programme_title", "title_kk", "title_ru", "title_en", "description"]
    reading = read(
        xlsx([*HEADINGS, *more], [*line(), "Informatics", "ЖИ негіздері", "Основы ИИ", "AI", "One.\nTwo."])
    )
    row = reading.rows[0]
    assert (row.title_kk, row.title_ru, row.title_en) == ("ЖИ негіздері", "Основы ИИ", "AI")
    assert (row.programme_title, row.description) == ("Informatics", "One.\nTwo.")


def test_rows_that_contradict_each_other_are_both_named() -> None:
    rows = [line(1), line(1), line(1, semester=4, discipline_title="Another title")]
    reading = read(xlsx(HEADINGS, *rows))
    assert codes(reading) == [("B3", "duplicate_line"), ("C4", "title_conflict")]
    assert "2" in reading.faults[0].message
    assert (reading.accepted, reading.rejected) == (1, 2)


def test_a_fault_survives_storage_as_json() -> None:
    for fault in read(xlsx(HEADINGS, line(credits="5,5 ects", cycle="?"))).faults:
        assert Fault.from_json(fault.as_json()) == fault


def test_a_fault_says_what_would_be_right() -> None:
    faults = read(xlsx(HEADINGS, line(credits="5,5 ects", cycle="main"))).faults
    assert faults[0].sentence == "Row 2, credits: “5,5 ects” is not a number. Write 5.5."
    assert (
        faults[1].message
        == "“main” is not among the values of this column. Write one of: general, basic, major."
    )
    assert faults[0].as_error() == {
        "sheet": "Lines", "row": 2, "column": "credits", "cell": "D2", "value": "5,5 ects", "code": "not_number",
        "message": faults[0].sentence,
    }  # fmt: skip
