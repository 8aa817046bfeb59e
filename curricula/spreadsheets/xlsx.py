"""Read an XLSX workbook: the values by calamine, what calamine passes over in silence by our own look."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import python_calamine
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from curricula.spreadsheets.faults import Unreadable
from curricula.spreadsheets.grids import Cell, Grid
from curricula.spreadsheets.safety import (
    COLUMN_LIMIT,
    ROW_LIMIT,
    Extent,
    column_letters,
    open_zip,
    read_member,
    scan_workbook,
)
from curricula.spreadsheets.weights import CELL, Spending

_MERGED_AREA_LIMIT = 1_000_000


def read_xlsx(content: bytes) -> Iterator[Grid]:
    extents, weight = scan_workbook(content)
    spending = Spending()
    spending.refuse_beyond(also=weight)
    parts = _parts_by_sheet(content)
    for extent in extents.values():
        _refuse_far_cells(
            extent, next((sheet for sheet, part in parts.items() if extents.get(part) is extent), "?")
        )
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        for index, sheet in enumerate(book.sheets_metadata):
            if sheet.typ == python_calamine.SheetTypeEnum.ChartSheet:
                continue
            if sheet.typ != python_calamine.SheetTypeEnum.WorkSheet:
                raise Unreadable("macros")
            extent = extents.get(parts.get(sheet.name, ""), Extent())
            visible = sheet.visible == python_calamine.SheetVisibleEnum.Visible
            yield _grid(book.get_sheet_by_index(index), visible, extent, spending, weight)
    except python_calamine.CalamineError as error:
        raise Unreadable("damaged") from error
    except BaseException as error:  # a panic of the library's Rust code derives from BaseException
        if type(error).__name__ == "PanicException":
            raise Unreadable("damaged") from error
        raise


def _refuse_far_cells(extent: Extent, sheet: str) -> None:
    if extent.rows > ROW_LIMIT:
        raise Unreadable("too_many_rows", sheet=sheet, rows=extent.rows, limit=ROW_LIMIT)
    if extent.columns > COLUMN_LIMIT:
        letters = column_letters(extent.columns - 1)
        raise Unreadable("too_many_columns", sheet=sheet, columns=letters, limit=COLUMN_LIMIT)


def _grid(
    sheet: python_calamine.CalamineSheet, visible: bool, extent: Extent, spending: Spending, weight: int
) -> Grid:
    rows = _rows(sheet, spending, weight)
    problems = _covered_cells(sheet, len(rows)) | extent.problems
    _make_room(rows, problems)
    return Grid(sheet.name, rows, visible, problems)


def _rows(sheet: python_calamine.CalamineSheet, spending: Spending, weight: int) -> list[list[Cell]]:
    """The cells from A1 on. `weight` is what the library's own copy takes until the sheet is read."""
    cells = sheet.total_height * sheet.total_width
    if spending.is_ample(cells, weight):
        return sheet.to_python(skip_empty_area=False)
    weight += cells * CELL
    spending.refuse_beyond(also=weight)
    first = sheet.start[1] if sheet.start else 0
    rows: list[list[Cell]] = []
    for row in sheet.iter_rows():
        spending.spend_on(row, also=weight)
        rows.append([""] * first + row if first else row)
    return rows


def _covered_cells(sheet: python_calamine.CalamineSheet, height: int) -> dict[tuple[int, int], str]:
    """The cells that merged ones cover. Past a million of them it is no longer worth telling them from empty ones."""
    covered: dict[tuple[int, int], str] = {}
    area = 0
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        down, across = range(top, min(bottom + 1, height)), range(left, min(right + 1, COLUMN_LIMIT))
        area += len(down) * len(across)
        if area > _MERGED_AREA_LIMIT:
            break
        covered |= {
            (row, column): "merged" for row in down for column in across if (row, column) != (top, left)
        }
    return covered


def _make_room(rows: list[list], problems: dict[tuple[int, int], str]) -> None:
    """Cells without a value may lie outside the rectangle of those with one."""
    width = max([len(rows[0]) if rows else 0, *(column + 1 for _row, column in problems)])
    height = max([len(rows), *(row + 1 for row, _column in problems)])
    if rows and len(rows[0]) < width:
        for row in rows:
            row.extend([""] * (width - len(row)))
    rows.extend([""] * width for _ in range(height - len(rows)))


def _parts_by_sheet(content: bytes) -> dict[str, str]:
    """Which part of the archive holds which sheet."""
    with open_zip(content) as archive:
        by_lower = {name.lower(): name for name in archive.namelist()}
        book = _xml(archive, by_lower, "xl/workbook.xml")
        relations = _xml(archive, by_lower, "xl/_rels/workbook.xml.rels")
        targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
        parts = {}
        for sheet in book.iter():
            if sheet.tag.endswith("}sheet"):
                target = targets.get(next((v for k, v in sheet.attrib.items() if k.endswith("}id")), ""), "")
                path = (
                    target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
                )
                parts[sheet.get("name", "")] = by_lower.get(path.lower(), path)
        return parts


def _xml(archive: zipfile.ZipFile, by_lower: dict[str, str], name: str) -> Element:
    try:
        return ElementTree.fromstring(read_member(archive, by_lower[name]), forbid_dtd=True)
    except KeyError as error:
        raise Unreadable("damaged") from error
    except DefusedXmlException as error:
        raise Unreadable("entities") from error
    except ElementTree.ParseError as error:
        raise Unreadable("damaged") from error
