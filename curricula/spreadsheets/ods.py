"""Read an ODS workbook. Our own walk through its XML: repeated cells are data there, and one line of a hostile file
repeats a cell a million times a million."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from sys import getsizeof

from curricula.spreadsheets.faults import Unreadable
from curricula.spreadsheets.grids import Cell, Grid
from curricula.spreadsheets.safety import (
    COLUMN_LIMIT,
    ERROR,
    ROW_LIMIT,
    UNCALCULATED,
    chunks_of,
    column_letters,
    open_zip,
    parse_xml,
)
from curricula.spreadsheets.weights import Spending

_SHEET_LIMIT = 200
_NOT_CONTENT = {"annotation", "shapes", "frame", "custom-shape", "tracked-changes", "dde-links"}


def read_ods(content: bytes) -> Iterator[Grid]:
    walk = _Walk()
    with open_zip(content) as archive:
        # Prefixes are free in XML, but every program writes the same ones; `_plain` drops them.
        parse_xml(chunks_of(archive, "content.xml"), walk.start, walk.end, walk.text)
    yield from walk.grids


def _plain(name: str) -> str:
    return name.rpartition(":")[2]


@dataclass(slots=True)
class _CellBeingRead:
    attributes: dict[str, str]
    covered: bool
    pieces: list[str] = field(default_factory=list)
    lines: int = 0

    def add(self, text: str) -> None:
        """Pieces, because a text grown by adding is copied at every step."""
        if self.lines:
            self.pieces.append(text)

    def begin_line(self) -> None:
        if self.lines:
            self.pieces.append("\n")
        self.lines += 1

    def value(self) -> Cell:
        kind, value = self.attributes.get("value-type"), self.attributes.get("value", "")
        text = "".join(self.pieces)
        try:
            if kind in {"float", "currency", "percentage"}:
                return float(value)
            if kind == "boolean":
                return self.attributes.get("boolean-value") == "true"
            if kind == "date":
                return dt.date.fromisoformat(self.attributes.get("date-value", "")[:10])
            if kind == "time":
                return dt.time()
        except ValueError:
            return text
        return self.attributes.get("string-value", text) if kind == "string" else text

    def problem(self) -> str:
        shown = "".join(self.pieces)
        is_formula = "formula" in self.attributes
        if self.attributes.get("calcext-type") == "error" or (is_formula and shown.startswith(("#", "Err:"))):
            return ERROR
        if is_formula and "value-type" not in self.attributes and not shown:
            return UNCALCULATED
        return "merged" if self.covered and not shown else ""


class _Walk:
    """Takes the events of the XML parser and builds the sheets."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self.hidden_styles: set[str] = set()
        self.style = ""
        self.grid: Grid | None = None
        self.row: list[Cell] = []
        self.row_problems: dict[int, str] = {}
        self.row_repeat = self.blank_rows = self.blank_cells = 0
        self.cell: _CellBeingRead | None = None
        self.spending = Spending()
        self.skipping = 0
        self.in_paragraph = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = _plain(tag)
        if self.skipping or tag in _NOT_CONTENT:
            self.skipping += 1
            return
        handler = getattr(self, "_start_" + tag.replace("-", "_"), None)
        if handler:
            plain = {
                _plain(name): value for name, value in attributes.items() if not name.startswith("calcext:")
            }
            if "calcext:value-type" in attributes:
                plain["calcext-type"] = attributes["calcext:value-type"]
            handler(plain)

    def _start_style(self, attributes: dict[str, str]) -> None:
        self.style = attributes.get("name", "")

    def _start_table_properties(self, attributes: dict[str, str]) -> None:
        if attributes.get("display") == "false":
            self.hidden_styles.add(self.style)

    def _start_table(self, attributes: dict[str, str]) -> None:
        if self.cell is not None or len(self.grids) >= _SHEET_LIMIT:
            raise Unreadable("damaged")
        visible = attributes.get("style-name", "") not in self.hidden_styles
        self.grid = Grid(attributes.get("name", ""), [], visible)
        self.blank_rows = 0

    def _start_table_row(self, attributes: dict[str, str]) -> None:
        self.row, self.row_problems, self.blank_cells = [], {}, 0
        self.row_repeat = _count(attributes, "number-rows-repeated")

    def _start_table_cell(self, attributes: dict[str, str]) -> None:
        self.cell = _CellBeingRead(attributes, covered=False)

    def _start_covered_table_cell(self, attributes: dict[str, str]) -> None:
        self.cell = _CellBeingRead(attributes, covered=True)

    def _start_p(self, _attributes: dict[str, str]) -> None:
        if self.cell is not None:
            self.cell.begin_line()
            self.in_paragraph += 1

    def _start_s(self, attributes: dict[str, str]) -> None:
        self.text(" " * min(_count(attributes, "c"), 100))

    def _start_tab(self, _attributes: dict[str, str]) -> None:
        self.text("\t")

    def _start_line_break(self, _attributes: dict[str, str]) -> None:
        self.text("\n")

    def text(self, data: str) -> None:
        if self.in_paragraph and not self.skipping and self.cell is not None:
            self.cell.add(data)

    def end(self, tag: str) -> None:
        if self.skipping:
            self.skipping -= 1
            return
        tag = _plain(tag)
        if tag == "p" and self.in_paragraph:
            self.in_paragraph -= 1
        elif tag in {"table-cell", "covered-table-cell"} and self.cell is not None:
            self._end_cell(self.cell)
            self.cell = None
        elif tag == "table-row" and self.grid is not None:
            self._end_row(self.grid)
        elif tag == "table" and self.grid is not None:
            self._end_table(self.grid)
            self.grid = None

    def _end_cell(self, cell: _CellBeingRead) -> None:
        repeat = _count(cell.attributes, "number-columns-repeated")
        problem = cell.problem()
        value = "" if problem else cell.value()
        if value == "" and problem in {"", "merged"}:
            if problem:
                first = len(self.row) + self.blank_cells
                self.row_problems |= dict.fromkeys(range(first, min(first + repeat, COLUMN_LIMIT)), problem)
            self.blank_cells += repeat
            return
        width = len(self.row) + self.blank_cells + repeat
        if width > COLUMN_LIMIT:
            name = self.grid.name if self.grid else ""
            raise Unreadable("too_many_columns", name, columns=column_letters(width - 1), limit=COLUMN_LIMIT)
        self.row.extend([""] * self.blank_cells)
        self.blank_cells = 0
        if problem:
            self.row_problems |= dict.fromkeys(range(len(self.row), len(self.row) + repeat), problem)
        self.row.extend([value] * repeat)
        self.spending.spend_on([value])

    def _end_row(self, grid: Grid) -> None:
        if not self.row:
            self.blank_rows += self.row_repeat
            return
        height = len(grid.rows) + self.blank_rows + self.row_repeat
        if height > ROW_LIMIT:
            raise Unreadable("too_many_rows", grid.name, rows=height, limit=ROW_LIMIT)
        self.spending.spent += self.row_repeat * getsizeof(self.row)
        self.spending.refuse_beyond()
        grid.rows.extend([] for _ in range(self.blank_rows))
        self.blank_rows = 0
        for _ in range(self.row_repeat):
            grid.problems.update(
                {(len(grid.rows), column): code for column, code in self.row_problems.items()}
            )
            grid.rows.append(list(self.row))

    def _end_table(self, grid: Grid) -> None:
        width = max([0, *map(len, grid.rows), *(column + 1 for _row, column in grid.problems)])
        for row in grid.rows:
            row.extend([""] * (width - len(row)))
        self.grids.append(grid)


def _count(attributes: dict[str, str], name: str) -> int:
    value = attributes.get(name, "1")
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else 1
