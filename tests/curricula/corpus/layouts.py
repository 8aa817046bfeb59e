"""Where rows may hide: sheets, headings, blank lines, hidden and merged parts. None is ever dropped silently."""

import io
from typing import Any

import openpyxl

from tests.curricula.corpus.case import Case, refused
from tests.curricula.corpus.containers import GOOD
from tests.curricula.spreadsheet_files import (
    HEADINGS,
    RUSSIAN,
    line,
    ods_row,
    raw_ods,
    raw_row,
    raw_xlsx,
    xlsx,
)


def book(*rows: list[Any], **changes: Any) -> bytes:
    """A workbook with something done to its one sheet: hidden parts, merged cells, values of cells."""
    found = openpyxl.load_workbook(io.BytesIO(xlsx(*rows)))
    sheet = found["Lines"]
    for row in changes.get("hidden_rows", ()):
        sheet.row_dimensions[row].hidden = True
    for column in changes.get("hidden_columns", ()):
        sheet.column_dimensions[column].hidden = True
    for cell, value in changes.get("cells", {}).items():
        sheet[cell] = value
    for area in changes.get("merged", ()):
        sheet.merge_cells(area)
    if changes.get("filtered"):
        sheet.auto_filter.ref = "A1:I9"
    target = io.BytesIO()
    found.save(target)
    return target.getvalue()


def sheets(hidden: str = "", **content: Any) -> bytes:
    return xlsx(sheets=content, hidden=hidden)


def rows_of(*rows: list[Any]) -> str:
    return "".join(raw_row(number, row) for number, row in enumerate(rows, start=1))


def ods_sheet(name: str, *rows: list[Any], style: str = "") -> str:
    hidden = f' table:style-name="{style}"' if style else ""
    return f'<table:table table:name="{name}"{hidden}>{"".join(map(ods_row, rows))}</table:table>'


LINES = [HEADINGS, line(1)]
MORE = [HEADINGS, line(2)]
REPEATED = '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'

LAYOUTS: dict[str, Case] = {
    "a dimension that hides rows": Case(
        "a.xlsx",
        lambda: raw_xlsx(rows_of(HEADINGS, *map(line, range(7))), before='<dimension ref="A1:A2"/>'),
        (7, 7, 0, 0),
    ),
    "a dimension without sense": Case(
        "a.xlsx", lambda: raw_xlsx(rows_of(*LINES), before='<dimension ref="ZZ9:A1"/>'), GOOD
    ),
    "hidden rows": Case("a.xlsx", lambda: book(*LINES, line(2), line(3), hidden_rows=[3, 4]), (3, 3, 0, 0)),
    "a hidden row with a fault": Case(
        "a.xlsx", lambda: book(*LINES, line(2, credits="x"), hidden_rows=[3]), (2, 1, 1, 0), ["not_number"]
    ),
    "rows that a filter hides": Case(
        "a.xlsx", lambda: book(*LINES, line(2), filtered=True, hidden_rows=[3]), (2, 2, 0, 0)
    ),
    "hidden columns": Case("a.xlsx", lambda: book(*LINES, hidden_columns=["D", "H"]), GOOD),
    "a hidden column with values but no heading": Case(
        "a.xlsx", lambda: book(HEADINGS, [*line(), "x"], hidden_columns=["J"]), (1, 0, 1, 0), ["no_heading"]
    ),
    "a second sheet of lines": refused("a.xlsx", lambda: sheets(Lines=LINES, More=MORE), "several_sheets"),
    "a hidden second sheet of lines": refused(
        "a.xlsx", lambda: sheets(Lines=LINES, More=MORE, hidden="More"), "several_sheets"
    ),
    "a hidden second sheet of lines in ods": refused(
        "a.ods",
        lambda: raw_ods(ods_sheet("Lines", *LINES), ods_sheet("More", *MORE, style="hidden")),
        "several_sheets",
    ),
    "a second sheet without headings": Case(
        "a.xlsx", lambda: sheets(Lines=LINES, More=[line(2), line(3)]), GOOD, ignored_sheets={"More": 2}
    ),
    "a second sheet without headings in ods": Case(
        "a.ods",
        lambda: raw_ods(ods_sheet("Lines", *LINES), ods_sheet("More", line(2), [], line(3))),
        GOOD,
        ignored_sheets={"More": 2},
    ),
    "only a hidden sheet of lines": Case(
        "a.xlsx",
        lambda: sheets(Note=[["Read me"]], Lines=LINES, hidden="Lines"),
        GOOD,
        ignored_sheets={"Note": 1},
    ),
    "a second sheet with headings alone": Case(
        "a.xlsx", lambda: sheets(Blank=[HEADINGS], Lines=LINES), GOOD, ignored_sheets={"Blank": 0}
    ),
    "no sheet with headings": refused("a.xlsx", lambda: xlsx(["a", "b"], [1, 2]), "no_headings"),
    "an empty workbook": refused("a.xlsx", lambda: xlsx([]), "no_headings"),
    "headings below the twentieth row": refused("a.xlsx", lambda: xlsx(*[["x"]] * 25, *LINES), "no_headings"),
    "headings alone": refused("a.xlsx", lambda: xlsx(HEADINGS), "no_rows"),
    "headings and blank rows": refused("a.xlsx", lambda: xlsx(HEADINGS, [" "], ["\u00a0"]), "no_rows"),
    "a blank line in the middle": Case("a.xlsx", lambda: xlsx(*LINES, [], line(2)), (3, 2, 0, 1)),
    "a thousand blank lines in the middle": Case(
        "a.xlsx", lambda: xlsx(*LINES, *[[]] * 1000, line(2)), (1002, 2, 0, 1000)
    ),
    "lines of spaces in the middle": Case(
        "a.xlsx", lambda: xlsx(*LINES, [" ", "\u00a0", "\t"], ["\u2003"], line(2)), (4, 2, 0, 2)
    ),
    "repeated blank lines of ods": Case(
        "a.ods",
        lambda: raw_ods(ods_row(HEADINGS) + ods_row(line(1)) + REPEATED + ods_row(line(2))),
        (5, 2, 0, 3),
    ),
    "a repeated line of ods": Case(
        "a.ods",
        lambda: raw_ods(
            ods_row(HEADINGS)
            + ods_row(line(1)).replace(
                "<table:table-row>", '<table:table-row table:number-rows-repeated="3">'
            )
        ),
        (3, 1, 2, 0),
        ["duplicate_line"],
    ),
    "titles above the headings": Case(
        "a.xlsx", lambda: xlsx(["University"], [], ["Lines", "", 2025], *LINES), GOOD
    ),
    "a table that begins further right": Case(
        "a.xlsx", lambda: xlsx(["", "", *HEADINGS], ["", "", *line()]), GOOD
    ),
    "a merged title above the headings": Case(
        "a.xlsx", lambda: book(["Curricula", *[""] * 8], *LINES, merged=["A1:I1"]), GOOD
    ),
    "merged headings over two rows": Case(
        "a.xlsx", lambda: book(HEADINGS, [""] * 9, line(), merged=["A1:A2", "B1:B2", "C1:C2"]), (2, 1, 0, 1)
    ),
    "a heading merged over two columns": Case(
        "a.xlsx", lambda: book([*HEADINGS, ""], [*line(), ""], merged=["I1:J1"]), GOOD
    ),
    "a value below a merged heading": Case(
        "a.xlsx",
        lambda: book([*HEADINGS, ""], [*line(), "x"], merged=["I1:J1"]),
        (1, 0, 1, 0),
        ["no_heading"],
    ),
    "merged codes": Case(
        "a.xlsx",
        lambda: book(HEADINGS, line(1), line(2, programme_code=None), merged=["A2:A3"]),
        (2, 1, 1, 0),
        ["merged"],
    ),
    "headings twice": Case(
        "a.xlsx", lambda: xlsx([*HEADINGS, "credits"], [*line(), 9]), (1, 1, 0, 0), ["duplicate_column"]
    ),
    "the same heading in two languages": Case(
        "a.xlsx", lambda: xlsx([*HEADINGS, "Семестр"], [*line(), 9]), (1, 1, 0, 0), ["duplicate_column"]
    ),
    "an unknown heading with values": Case(
        "a.xlsx", lambda: xlsx([*HEADINGS, "discription"], [*line(), "x"]), (1, 1, 0, 0), ["unknown_column"]
    ),
    "an unknown heading without values": Case("a.xlsx", lambda: xlsx([*HEADINGS, "remarks"], line()), GOOD),
    "headings that lack columns": Case(
        "a.xlsx", lambda: xlsx(HEADINGS[:4], line()[:4], line(2)[:4]), (2, 0, 2, 0), ["missing_columns"]
    ),
    "headings in two languages, capitals and stars": Case(
        "a.xlsx", lambda: xlsx([*[f" {word.upper()}* " for word in RUSSIAN[:5]], *HEADINGS[5:]], line()), GOOD
    ),
    "the headings again in the middle": Case(
        "a.xlsx",
        lambda: xlsx(*LINES, HEADINGS, line(2)),
        (3, 2, 1, 0),
        ["programme_code", "not_number", "not_choice", "not_whole", "url"],
    ),
    "rows and cells that do not say where they are": Case(
        "a.xlsx",
        lambda: raw_xlsx(rows_of(*LINES, line(2)).replace(' r="', ' x="')),
        (2, 2, 0, 0),
    ),
    "a sheet name of marks": Case("a.xlsx", lambda: xlsx(sheets={"<b>&\"'": [HEADINGS, line(1)]}), GOOD),
    "only programmes, nothing filled in": Case(
        "a.xlsx", lambda: xlsx(HEADINGS, ["6B06102"], ["6B06103"]), (2, 0, 0, 2)
    ),
    "numbered rows, nothing filled in": Case(
        "a.xlsx", lambda: xlsx(["№", *HEADINGS], [1, *line()], [2], [3, *line(2)], [4]), (4, 2, 0, 2)
    ),
}
