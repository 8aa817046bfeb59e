"""A copy of a refused file with its faults marked, to be mended and uploaded again as it is."""

from __future__ import annotations

import datetime as dt
import io
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter
from django.utils.translation import get_language

from curricula.spreadsheets.faults import Fault
from curricula.spreadsheets.grids import Cell, Grid
from curricula.spreadsheets.rows import choose_sheet, read_grids
from curricula.spreadsheets.safety import column_number
from curricula.spreadsheets.vocabulary import IGNORED

# Text is never taken for a formula or a link, whatever it begins with.
SAFE_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}
# Excel opens a sheet of many thousand comments only slowly; past these the colour and the last column remain.
COMMENT_LIMIT = 2_000
ROWS_A_PIECE = 500


def mark_copy(
    *,
    content: bytes,
    file_name: str,
    faults: Sequence[Fault],
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> bytes:
    """The rows of the file as XLSX, each where it stood, faulty cells coloured and with a comment.

    A last column says in words what is wrong with the row; an import passes that column over. Raises Unreadable for
    a file that could not be read at all. `tell` hears now and then how many rows of how many are written; it may raise.
    """
    grid, layout, _others = choose_sheet(read_grids(content, file_name))
    by_row: dict[int, list[Fault]] = defaultdict(list)
    for fault in faults:
        if fault.row is not None:
            by_row[fault.row].append(fault)
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {**SAFE_OPTIONS, "constant_memory": True}) as book:
        _write_sheet(book, grid, layout.row, by_row, tell)
    return target.getvalue()


def _write_sheet(
    book: xlsxwriter.Workbook,
    grid: Grid,
    header_row: int,
    by_row: dict[int, list[Fault]],
    tell: Callable[[int, int], None],
) -> None:
    sheet = book.add_worksheet(_sheet_name(grid.name))
    sheet.freeze_panes(header_row, 0)
    formats = {
        "fault": book.add_format({"bg_color": "#FFD7D0"}),
        "head": book.add_format({"bold": True}),
        "words": book.add_format({"font_color": "#8A1C0B", "text_wrap": False}),
        "date": book.add_format({"num_format": "dd.mm.yyyy"}),
        "fault date": book.add_format({"bg_color": "#FFD7D0", "num_format": "dd.mm.yyyy"}),
    }
    last = max(map(len, grid.rows), default=0)
    sheet.set_column(0, max(last - 1, 0), 18)
    sheet.set_column(last, last, 80)
    comments = 0
    for number, cells in enumerate(grid.rows, start=1):
        if number % ROWS_A_PIECE == 0:
            tell(number, len(grid.rows))
        faulty = {_column(fault): fault for fault in by_row.get(number, ()) if fault.cell}
        for column, cell in enumerate(cells):
            fault = faulty.get(column)
            plain = formats["head"] if number == header_row else None
            _write_cell(sheet, number - 1, column, cell, formats, plain, fault is not None)
            if fault and comments < COMMENT_LIMIT:
                comments += 1
                sheet.write_comment(number - 1, column, fault.message, {"x_scale": 2.5, "author": "Qamtu"})
        words = [fault.within_row for fault in by_row.get(number, ())]
        if number == header_row:
            words.insert(0, IGNORED.get(get_language() or "en", IGNORED["en"])[0])
        if words:
            sheet.write_string(number - 1, last, " ".join(words), formats["words"])


def _column(fault: Fault) -> int:
    return column_number(fault.cell.rstrip("0123456789"))


def _write_cell(
    sheet: Any, row: int, column: int, cell: Cell, formats: dict[str, Any], plain: Any, is_faulty: bool
) -> None:
    look = formats["fault"] if is_faulty else plain
    if cell == "":
        sheet.write_blank(row, column, None, look)
    elif isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, look)
    elif isinstance(cell, float | int):
        sheet.write_number(row, column, cell, look)
    elif isinstance(cell, dt.date):
        sheet.write_datetime(row, column, cell, formats["fault date" if is_faulty else "date"])
    else:
        sheet.write_string(row, column, str(cell)[:32_000], look)


def _sheet_name(name: str) -> str:
    """A name that Excel takes: no more than 31 letters and none of its reserved marks."""
    kept = "".join(letter for letter in name if letter not in "[]:*?/\\").strip("'")[:31]
    return kept or "1"
