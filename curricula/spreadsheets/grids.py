"""What every kind of file is turned into: a sheet of cells that keep their places."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

Cell = str | float | int | bool | dt.date | dt.time | dt.timedelta


@dataclass(slots=True)
class Grid:
    """One sheet. `rows[0]` is row 1 of the spreadsheet program; an empty cell is ""."""

    name: str
    rows: list[list[Cell]]
    visible: bool = True
    # (row, column), counted from 0, of cells that look empty but are not: the code of the fault that they are
    problems: dict[tuple[int, int], str] = field(default_factory=dict)
    # letters may have been replaced by question marks: the file was saved in an encoding without Kazakh letters
    may_have_lost_letters: bool = False


def is_blank(cell: Cell) -> bool:
    return cell == "" or (isinstance(cell, str) and not cell.strip())


def is_blank_row(row: list[Cell]) -> bool:
    return all(map(is_blank, row))
