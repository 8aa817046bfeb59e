"""Find the row of headings on a sheet and the column that each heading names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from curricula.spreadsheets.columns import programme_code, shown
from curricula.spreadsheets.faults import Fault
from curricula.spreadsheets.grids import Cell, Grid, is_blank
from curricula.spreadsheets.safety import column_letters
from curricula.spreadsheets.vocabulary import REQUIRED, is_ignored, nearest_column, recognise

HEADING_ROWS = 20
# So many known headings make a row the row of headings; fewer may be a sentence above the table.
HEADINGS_NEEDED = 3


@dataclass(slots=True)
class Layout:
    """Which column of a sheet is which. `row` is the number of the heading row, as the user sees it."""

    sheet: str
    row: int
    headers: list[str]
    columns: dict[str, int] = field(default_factory=dict)
    duplicates: list[tuple[int, str]] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    unheaded: list[int] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    carrying_nothing: set[int] = field(default_factory=set)  # columns passed over by name

    @property
    def missing(self) -> list[str]:
        return [name for name in REQUIRED if name not in self.columns]

    def says_nothing(self, cells: Sequence[Cell]) -> bool:
        """Whether a row has nothing but its programme, or its number: a line of the template that nobody filled in."""
        filled = {index for index, cell in enumerate(cells) if not is_blank(cell)} - self.carrying_nothing
        named = {self.columns.get("programme_code"), self.columns.get("programme_title")}
        return not filled or (filled <= named and bool(self.programme_of(cells)))

    def programme_of(self, cells: Sequence[Cell]) -> list[str]:
        """The code of the programme that a row names, if it names one."""
        index = self.columns.get("programme_code")
        code = "" if index is None or is_blank(cells[index]) else programme_code(cells[index])
        return [code] if isinstance(code, str) and code else []

    def place(self, name: str) -> tuple[str, str]:
        """The letters and the heading, as written, of a column; empty if the file lacks it."""
        index = self.columns.get(name)
        return ("", "") if index is None else (column_letters(index), self.headers[index])

    def faults(self, body: Sequence[Sequence[Cell]]) -> list[Fault]:
        """What is wrong with the headings. An unknown column without a single value does no harm."""
        faults = []
        if self.missing:
            faults.append(
                Fault(
                    "missing_columns", self.sheet, self.row, params={"columns_named": " ".join(self.missing)}
                )
            )
        for index, name in self.duplicates:
            first = f"{self.place(name)[0]}{self.row}"
            faults.append(self._fault("duplicate_column", index, name, first=first))
        for index in self.unknown:
            if all(is_blank(row[index]) for row in body):
                self.ignored.append(self.headers[index])
            else:
                nearest = nearest_column(self.headers[index])
                faults.append(self._fault("unknown_column", index, nearest_column=nearest))
        return faults

    def _fault(self, code: str, index: int, column: str = "", **params: str) -> Fault:
        header = self.headers[index]
        cell = f"{column_letters(index)}{self.row}"
        return Fault(code, self.sheet, self.row, column, cell, header, header, params)


def find_layout(grid: Grid) -> Layout | None:
    """The layout by the row, among the first twenty, that has the most headings we know; None if it has too few."""
    best, most = -1, HEADINGS_NEEDED - 1
    for index, row in enumerate(grid.rows[:HEADING_ROWS]):
        known = {recognise(cell) for cell in row if isinstance(cell, str) and cell} - {""}
        if len(known) > most:
            best, most = index, len(known)
    return _layout(grid, best) if best >= 0 else None


def _layout(grid: Grid, index: int) -> Layout:
    layout = Layout(grid.name, index + 1, [shown(cell).replace("\n", " ") for cell in grid.rows[index]])
    for position, header in enumerate(layout.headers):
        name = recognise(header)
        if not header:
            layout.unheaded.append(position)
        elif name and name in layout.columns:
            layout.duplicates.append((position, name))
        elif name:
            layout.columns[name] = position
        elif is_ignored(header):
            layout.ignored.append(header)
            layout.carrying_nothing.add(position)
        else:
            layout.unknown.append(position)
    return layout
