"""A table with its rows as a workbook: a first sheet that says what it is, numbers as numbers, text never a formula."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _

from reports import citing
from reports.charts.drawing import NOT_XML
from reports.figures import as_at
from reports.files.formats import Filled, Row, plain
from reports.guidance import Guide, unit
from reports.models import Release
from reports.tables import Column

ROWS_A_SHEET = 1_000_000  # it holds 1,048,576; what is more goes on on the next
FORMATS = {
    "integer": "0",
    "share": "0.000000",
    "credits": "0.0#",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm:ss",
}
WIDTHS = {"text": 18, "codes": 18, "address": 30, "moment": 20}
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def as_xlsx(filled: Filled, release: Release, guide: Guide, languages: Sequence[str]) -> bytes:
    """`guide` says what the table is, in each of the languages."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        # Not the moment of writing: the same release gives the same bytes.
        book.set_properties(
            {"title": _title(filled, release), "created": as_at(release).replace(tzinfo=None)}
        )
        _write_about(book, filled, release, guide, languages)
        _write_rows(book, filled.table.name, filled.columns, filled.read())
    return out.getvalue()


def rows_as_xlsx(name: str, columns: Sequence[Column], rows: Iterable[Row]) -> bytes:
    """One sheet with rows as they are in JSON: days and moments as text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        book.set_properties({"title": f"Qamtu: {name}", "created": datetime(2025, 9, 1)})  # noqa: DTZ001  # the same bytes each time
        _write_rows(book, name, columns, rows)
    return out.getvalue()


def _title(filled: Filled, release: Release) -> str:
    return f"Qamtu, release {release.number}: {filled.table.name}"


def _write_about(book: Any, filled: Filled, release: Release, guide: Guide, languages: Sequence[str]) -> None:
    """In each language what it is; then the columns, in English as everywhere."""
    sheet = book.add_worksheet("About")
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 2, 90)
    lines: list[tuple[Sequence[str], Any]] = []
    for language in languages:
        with translation.override(language):
            lines.append(((str(guide.title),), bold))
            lines.append(((_("What it tells"), "", str(guide.what)), wrap))
            lines.append(((_("One row is"), "", str(guide.row)), wrap))
            lines.extend(((heading, "", text), wrap) for heading, text in citing.about(release))
            lines.append(((), None))
    with translation.override("en"):
        lines.append((("Column", "Unit", "Description"), bold))
        lines.extend(((c.name, unit(c), c.description), wrap) for c in filled.columns)
    for row, (cells, form) in enumerate(lines):
        for column, text in enumerate(cells):
            sheet.write_string(row, column, NOT_XML.sub("", text), form)


def _write_rows(book: Any, name: str, columns: Sequence[Column], read: Iterable[Row]) -> None:
    rows = iter(read)
    heading = book.add_format({"bold": True, "bottom": 1})
    forms = [
        book.add_format({"num_format": FORMATS[column.type]}) if column.type in FORMATS else None
        for column in columns
    ]
    number, following = 1, list(islice(rows, 1))
    while following or number == 1:
        sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, max(WIDTHS.get(column.type, 10), len(column.name) + 2))
            sheet.write_string(0, place, column.name, heading)
        last = 0
        for last, row in enumerate([*following, *islice(rows, ROWS_A_SHEET - 1)], 1):
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                _write_cell(sheet, last, place, column, value, forms[place])
        sheet.autofilter(0, 0, last, len(columns) - 1)
        number, following = number + 1, list(islice(rows, 1))


def _write_cell(sheet: Any, row: int, place: int, column: Column, value: Any, form: Any) -> None:
    if value is None:
        return
    if column.type == "flag":
        sheet.write_boolean(row, place, value)
    elif column.type in ("integer", "share", "credits"):
        # A spreadsheet knows no decimals: of six places a double keeps each.
        sheet.write_number(row, place, float(value), form)
    elif column.type in ("date", "moment"):
        if isinstance(value, str):  # as it is in JSON
            value = (datetime if column.type == "moment" else date).fromisoformat(value)
        moment = value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
        sheet.write_datetime(row, place, moment, form)
    else:
        sheet.write_string(row, place, NOT_XML.sub("", plain(value)))
