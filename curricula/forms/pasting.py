"""Rows copied from a spreadsheet and pasted into the form of one curriculum.

Words and headings are those that files may use (`spreadsheets.vocabulary`), in any of the three languages. Either all
of it is put into the form, or nothing and every fault is named by its row and column.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import get_language

from curricula.forms.cells import typed_number
from curricula.forms.rows import COLUMNS, Row
from curricula.spreadsheets.columns import Wrong, parse_cell, shown
from curricula.spreadsheets.faults import Fault
from curricula.spreadsheets.vocabulary import is_ignored, nearest_column, recognise

LENGTH_LIMIT = 200_000
HEADINGS_NEEDED = 3
# Columns of the spreadsheet format that a curriculum has no place for; they may be copied along.
ELSEWHERE = frozenset({"programme_title", "description"})
TITLES = ("title_kk", "title_ru", "title_en")
NAMES = {column: name for name, column in COLUMNS.items()}


@dataclass
class Pasted:
    """The rows by the form's names, or the faults."""

    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass
class Layout:
    """What each column of the block is: a column of the format, or "" for one that is passed over."""

    columns: list[str]
    headers: list[str] = field(default_factory=list)

    def header(self, index: int) -> str:
        return self.headers[index] if index < len(self.headers) else ""


def read_pasted(text: str, *, programme_code: str, first_column: str = "code") -> Pasted:
    """Without headings the columns are those of the form, from `first_column` on."""
    if len(text) > LENGTH_LIMIT:
        return Pasted(faults=[Fault("too_long", params={"length": len(text), "limit": LENGTH_LIMIT})])
    lines = [[cell.strip() for cell in row] for row in _split(text)]
    numbered = [(number, row) for number, row in enumerate(lines, start=1) if any(row)]
    if not numbered:
        return Pasted()
    layout = _by_headings(numbered[0][1])
    body = numbered[1:] if layout else numbered
    layout = layout or _by_order(body, programme_code, first_column)
    pasted = Pasted(faults=_unknown_headings(layout, numbered[0][0], body))
    for number, cells in body:
        pasted.rows.append(_row(layout, number, cells, programme_code, pasted.faults))
    pasted.faults.sort(key=lambda fault: fault.row or 0)
    return pasted


def _split(text: str) -> list[list[str]]:
    """Cells as a spreadsheet program copies them: tabs between, quotation marks around those with line breaks."""
    separator = "\t" if "\t" in text or ";" not in text else ";"
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:  # a quotation mark that is meant as such
        return [line.split(separator) for line in text.split("\n")]


def _by_headings(first: Sequence[str]) -> Layout | None:
    """The layout, if the first row holds headings."""
    named = [cell for cell in first if cell]
    known = [cell for cell in named if recognise(cell)]
    all_known = bool(known) and all(recognise(cell) or is_ignored(cell) for cell in named)
    if not all_known and len(known) < HEADINGS_NEEDED:
        return None
    columns = [recognise(cell) for cell in first]
    if "discipline_title" not in columns:
        mine = f"title_{(get_language() or 'kk')[:2]}"
        best = next((title for title in (mine, *TITLES) if title in columns), None)
        columns = ["discipline_title" if column == best else column for column in columns]
    return Layout(columns, list(first))


def _by_order(body: Sequence[tuple[int, list[str]]], programme_code: str, first_column: str) -> Layout:
    """The columns of the form; of a copy from our template the code of the programme stands before them."""
    names = list(COLUMNS)
    columns = [COLUMNS[name] for name in names[names.index(first_column) :]]
    if first_column == "code" and all(row[0].upper() == programme_code for _number, row in body):
        columns.insert(0, "programme_code")
    return Layout(columns)


def _unknown_headings(layout: Layout, number: int, body: Sequence[tuple[int, list[str]]]) -> list[Fault]:
    found = []
    for index, header in enumerate(layout.headers):
        unknown = header and not layout.columns[index] and not is_ignored(header)
        if unknown and any(len(row) > index and row[index] for _number, row in body):
            params = {"nearest_column": nearest_column(header)}
            found.append(Fault("unknown_column", row=number, header=header, value=header, params=params))
    return found


def _row(layout: Layout, number: int, cells: Sequence[str], programme_code: str, faults: list[Fault]) -> Row:
    row: Row = {}
    for index, text in enumerate(cells):
        if not text:
            continue
        column = layout.columns[index] if index < len(layout.columns) else "no_heading"
        value = _value(column, text, programme_code, bool(layout.header(index)))
        if isinstance(value, Wrong):
            header = layout.header(index)
            known = column if column in NAMES or column == "programme_code" else ""
            faults.append(Fault(value.code, "", number, known, "", header, shown(text), value.params))
        elif column in NAMES:
            row[NAMES[column]] = typed_number(value) if isinstance(value, Decimal) else str(value)
    return row


def _value(column: str, text: str, programme_code: str, headed: bool) -> object:
    """What the form takes over, or why it can't."""
    if column in ELSEWHERE or column in TITLES or (column == "" and headed):
        return text
    if column == "programme_code":
        found = parse_cell(column, text)
        return found if found == programme_code else Wrong("other_programme", {"programme": programme_code})
    if column not in NAMES:
        return Wrong("no_heading")
    return parse_cell(column, text)
