"""Spreadsheets for tests: real files in every format, and hostile ones made by hand."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

HEADINGS = [
    "programme_code",
    "discipline_code",
    "discipline_title",
    "credits",
    "cycle",
    "component",
    "semester",
    "ai_category",
    "evidence_url",
]
RUSSIAN = [
    "Код программы",
    "Код дисциплины",
    "Название дисциплины",
    "Кредиты",
    "Цикл",
    "Компонент",
    "Семестр",
    "Категория ИИ",
    "Ссылка на подтверждение",
]
KAZAKH = [
    "Бағдарлама коды",
    "Пән коды",
    "Пән атауы",
    "Кредиттер",
    "Цикл",
    "Компонент",
    "Семестр",
    "ЖИ санаты",
    "Дәлелге сілтеме",
]


def line(number: int = 1, **over: Any) -> list[Any]:
    """One good row; `over` replaces cells by the name of their column."""
    row: dict[str, Any] = {
        "programme_code": "6B06102",
        "discipline_code": f"AI{number}",
        "discipline_title": f"Introduction to AI, part {number}",
        "credits": 5,
        "cycle": "basic",
        "component": "university",
        "semester": 3,
        "ai_category": "foundations",
        "evidence_url": "https://example.kz/syllabus.pdf",
    }
    return list((row | over).values())


def xlsx(
    *rows: Sequence[Any], sheets: dict[str, list[Sequence[Any]]] | None = None, hidden: str = ""
) -> bytes:
    """A workbook as openpyxl writes it: one sheet of rows, or several by name."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, content in (sheets or {"Lines": list(rows)}).items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(list(row))
        if name == hidden:
            sheet.sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def csv_text(*rows: Sequence[Any], separator: str = ",") -> str:
    def cell(value: Any) -> str:
        text = str(value)
        return (
            '"' + text.replace('"', '""') + '"' if any(mark in text for mark in f'{separator}"\n') else text
        )

    return "".join(separator.join(map(cell, row)) + "\r\n" for row in rows)


CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def raw_xlsx(
    sheet_data: str, *, before: str = "", prolog: str = "", extra: dict[str, bytes] | None = None
) -> bytes:
    """A workbook whose sheet is the given XML: what no honest program would write."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="Lines" sheetId="1" r:id="rId1"/>'
            "</sheets></workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<?xml version="1.0"?>{prolog}<worksheet xmlns="{_MAIN}">{before}<sheetData>{sheet_data}</sheetData>'
            "</worksheet>",
        )
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return target.getvalue()


def raw_row(number: int, cells: Sequence[Any]) -> str:
    """A row of inline strings and numbers, each cell with its place."""
    written = []
    for index, value in enumerate(cells):
        place = f'r="{chr(65 + index)}{number}"'
        if isinstance(value, str):
            written.append(f'<c {place} t="inlineStr"><is><t>{escape(value)}</t></is></c>')
        else:
            written.append(f"<c {place}><v>{value}</v></c>")
    return f'<row r="{number}">{"".join(written)}</row>'


_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    '<office:automatic-styles><style:style style:name="hidden" style:family="table">'
    '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    "<office:body><office:spreadsheet>"
)


def ods_cell(value: Any) -> str:
    if value == "":
        return "<table:table-cell/>"
    if isinstance(value, str):
        lines = "".join(f"<text:p>{_ods_text(text)}</text:p>" for text in value.split("\n"))
        return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'
    return (
        f'<table:table-cell office:value-type="float" office:value="{value}">'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def _ods_text(text: str) -> str:
    """As LibreOffice writes it: spaces that follow each other by an element of their own."""
    return re.sub("  +", lambda spaces: f' <text:s text:c="{len(spaces[0]) - 1}"/>', escape(text))


def ods_row(cells: Sequence[Any]) -> str:
    return f"<table:table-row>{''.join(map(ods_cell, cells))}</table:table-row>"


def raw_ods(*tables: str, prolog: str = "") -> bytes:
    """An ODS workbook of tables in XML; a plain string of rows becomes one table."""
    whole = "".join(
        table
        if table.startswith("<table:table ")
        else f'<table:table table:name="Lines">{table}</table:table>'
        for table in tables
    )
    head = _ODS_HEAD.replace("<office:document-content", prolog + "<office:document-content")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), _ODS_TYPE)
        archive.writestr(
            "content.xml", head + whole + "</office:spreadsheet></office:body></office:document-content>"
        )
    return target.getvalue()


def ods(*rows: Sequence[Any]) -> bytes:
    return raw_ods("".join(map(ods_row, rows)))
