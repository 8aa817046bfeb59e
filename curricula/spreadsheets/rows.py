"""From a file to typed rows, or to every fault that it has.

The way in is `read_file`. The count always comes out: rows read = accepted + rejected + blank, whatever the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from curricula.models.versions import LINES_LIMIT
from curricula.spreadsheets.columns import Wrong, parse_column, shown
from curricula.spreadsheets.csv_files import read_csv
from curricula.spreadsheets.faults import Fault, Faults, Unreadable, merge_faults
from curricula.spreadsheets.grids import Cell, Grid, is_blank, is_blank_row
from curricula.spreadsheets.headings import Layout, find_layout
from curricula.spreadsheets.ods import read_ods
from curricula.spreadsheets.safety import column_letters, kind_of
from curricula.spreadsheets.vocabulary import HEADINGS, REQUIRED
from curricula.spreadsheets.xlsx import read_xlsx

# So many values of one column without a heading are told one by one; the others are counted.
UNHEADED_TOLD = 1_000


class LineRow(NamedTuple):
    """One row of the file that is right by itself. `row` is its number in the spreadsheet program."""

    row: int
    programme_code: str
    discipline_code: str
    discipline_title: str
    credits: Decimal
    cycle: str
    component: str
    semester: int
    ai_category: str
    evidence_url: str = ""
    programme_title: str = ""
    title_kk: str = ""
    title_ru: str = ""
    title_en: str = ""
    description: str = ""


class Place(NamedTuple):
    """Where a row stands in JSON, as pointers (RFC 6901): the line, and the document that it is part of, if any."""

    line: str
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A programme that a document is of, though it may have no lines; `row` stands for the document as a whole.

    `students` is what it says of them, which may be nothing (None); a document need not speak of them at all.
    """

    row: LineRow
    students: int | None = None
    tells_students: bool = False


@dataclass(slots=True)
class Reading:
    """What a file says. `rows` are the accepted ones; a file with any fault is not to be saved.

    Faults are looked for in one go: rows against each other, and programmes also of rows with another fault, so that
    nobody mends a file only to be told of the next.
    """

    sheet: str = ""
    header_row: int = 0
    rows: list[LineRow] = field(default_factory=list)
    partial: list[LineRow] = field(
        default_factory=list
    )  # faulty in some cell, but their programme can be read
    faults: list[Fault] = field(default_factory=list)
    read: int = 0
    accepted: int = 0
    rejected: int = 0
    blank: int = 0
    ignored_sheets: dict[str, int] = field(default_factory=dict)  # name -> rows with anything in them
    unfilled: list[str] = field(
        default_factory=list
    )  # programmes of rows that say nothing else; counted as blank
    ignored_columns: list[str] = field(default_factory=list)
    layout: Layout | None = None
    # of JSON only: where each row stands, and the programmes that whole documents are of
    places: dict[int, Place] = field(default_factory=dict)
    documents: dict[str, Named] = field(default_factory=dict)

    def reject(self, faults: Iterable[Fault]) -> None:
        """Take rows out of the accepted ones because of faults that were found in them later."""
        found = list(faults)
        self.faults = merge_faults([*self.faults, *found])
        bad = {fault.row for fault in found}
        self.rows = [row for row in self.rows if row.row not in bad]
        self.rejected += self.accepted - len(self.rows)
        self.accepted = len(self.rows)

    def fault_at(self, row: LineRow, column: str, code: str, **params: str | int) -> Fault:
        """A fault of an accepted row, with its place in the file."""
        place = self.layout.place(column) if self.layout else ("", "")
        cell = f"{place[0]}{row.row}" if place[0] else ""
        value = shown(getattr(row, column))
        return Fault(code, self.sheet, row.row, column, cell, place[1], value, params)


def read_file(content: bytes, file_name: str) -> Reading:
    """Read a file and check each row by itself and against the others. Never raises for what a file may hold."""
    try:
        grid, layout, ignored = choose_sheet(read_grids(content, file_name))
    except Unreadable as refusal:
        return Reading(faults=[refusal.fault])
    reading = read_grid(grid, layout)
    reading.ignored_sheets = ignored
    return reading


def read_grid(grid: Grid, layout: Layout) -> Reading:
    """Check each row below the headings by itself and against the others."""
    reading = Reading(sheet=grid.name, header_row=layout.row, layout=layout)
    reading.ignored_columns = layout.ignored
    _read_rows(reading, grid, layout)
    if reading.accepted:
        reading.reject(_faults_between(reading))
    return reading


def read_grids(content: bytes, file_name: str) -> Iterator[Grid]:
    """The sheets of a file one after another, hidden ones too. Raises Unreadable."""
    kind = kind_of(content, file_name)
    if kind == "csv":
        yield read_csv(content)
    else:
        yield from (read_xlsx if kind == "xlsx" else read_ods)(content)


def choose_sheet(grids: Iterable[Grid]) -> tuple[Grid, Layout, dict[str, int]]:
    """The one sheet that has our headings, and the others with their rows. Two such sheets are refused."""
    chosen: tuple[Grid, Layout] | None = None
    others: dict[str, int] = {}
    for grid in grids:
        layout = find_layout(grid)
        if layout is None:
            others[grid.name] = sum(not is_blank_row(row) for row in grid.rows)
        elif chosen is None:
            chosen = grid, layout
        elif all(map(is_blank_row, grid.rows[layout.row :])):
            others[grid.name] = 0
        elif all(map(is_blank_row, chosen[0].rows[chosen[1].row :])):
            others[chosen[0].name] = 0
            chosen = grid, layout
        else:
            raise Unreadable("several_sheets", sheet=chosen[0].name, other=grid.name)
    if chosen is None:
        raise Unreadable("no_headings", limit=20, columns_named=" ".join(REQUIRED))
    return *chosen, others


def _read_rows(reading: Reading, grid: Grid, layout: Layout) -> None:
    body = grid.rows[layout.row :]
    problem_rows = {row for row, _column in grid.problems if grid.problems[row, _column] != "merged"}
    numbers, live, last = [], [], layout.row
    code = layout.columns.get("discipline_code")  # a row that has one says something
    for number, cells in enumerate(body, start=layout.row + 1):
        if is_blank_row(cells) and number - 1 not in problem_rows:
            continue
        last = number
        coded = code is not None and cells[code] != ""
        if not coded and number - 1 not in problem_rows and layout.says_nothing(cells):
            reading.unfilled += layout.programme_of(cells)
        else:
            numbers.append(number)
            live.append(cells)
    reading.read = last - layout.row
    reading.blank = reading.read - len(live)
    reading.faults = layout.faults(live)
    if not live:
        if not reading.unfilled:
            reading.faults.append(Fault("no_rows", reading.sheet))
        return
    faults = Faults()
    _find_unheaded(grid, layout, numbers, live, faults)
    columns = {name: _column(grid, layout, name, numbers, live, faults) for name in layout.columns}
    if not layout.missing:
        for row in _typed(numbers, columns):
            if row.row not in faults.rows:
                reading.rows.append(row)
            elif isinstance(row.programme_code, str):
                reading.partial.append(row)
        reading.accepted = len(reading.rows)
    reading.rejected = len(live) - reading.accepted
    reading.faults = merge_faults([*reading.faults, *faults.kept])


def _column(
    grid: Grid, layout: Layout, name: str, numbers: Sequence[int], live: list[list[Cell]], faults: Faults
) -> list[object]:
    """The values of one column; what is wrong in it is added to the faults."""
    index = layout.columns[name]
    cells = [row[index] for row in live]
    values = parse_column(name, cells, watch_for_lost_letters=grid.may_have_lost_letters)
    problems = {row: code for (row, column), code in grid.problems.items() if column == index}
    letters, header = layout.place(name)
    for position, value in enumerate(values):
        number = numbers[position]
        code = problems.get(number - 1)
        if isinstance(value, Wrong):
            wrong = Wrong(code) if code else value
        elif code and code != "merged":  # what a merged cell covers may be empty where anything may
            wrong = Wrong(code)
        else:
            continue
        place = f"{letters}{number}"
        fault = Fault(
            wrong.code, grid.name, number, name, place, header, shown(cells[position]), wrong.params
        )
        faults.add(fault)
    return values


def _typed(numbers: list[int], columns: dict[str, list]) -> Iterator[LineRow]:
    nothing = [""] * len(numbers)
    return map(LineRow._make, zip(numbers, *(columns.get(name, nothing) for name in HEADINGS), strict=True))


def _find_unheaded(
    grid: Grid, layout: Layout, numbers: list[int], live: list[list[Cell]], faults: Faults
) -> None:
    """Values that stand in a column without a heading: never passed over."""
    for index in layout.unheaded:
        letters = column_letters(index)
        found = [
            (number, row[index])
            for number, row in zip(numbers, live, strict=True)
            if not is_blank(row[index])
        ]
        for number, cell in found[:UNHEADED_TOLD]:
            faults.add(Fault("no_heading", grid.name, number, cell=f"{letters}{number}", value=shown(cell)))
        if len(found) > UNHEADED_TOLD:
            faults.rows.update(number for number, _cell in found)
            faults.add(Fault("more", params={"count": len(found) - UNHEADED_TOLD}))


def _faults_of_length(reading: Reading) -> Iterator[Fault]:
    """The first row too many of each programme."""
    for code, count in Counter(row.programme_code for row in reading.rows).items():
        if count > LINES_LIMIT:
            rows = [row for row in reading.rows if row.programme_code == code]
            yield reading.fault_at(
                rows[LINES_LIMIT], "programme_code", "too_many_lines", limit=LINES_LIMIT, count=count
            )


_SAME_IN_EVERY_ROW = ("discipline_title", "title_kk", "title_ru", "title_en", "description")


def _faults_between(reading: Reading) -> list[Fault]:
    """Rows that contradict each other."""
    faults = list(_faults_of_length(reading))
    lines: dict[tuple[str, str, int], int] = {}
    titles: dict[tuple[str, str], tuple[str, int]] = {}
    for row in reading.rows:
        first = lines.setdefault((row.programme_code, row.discipline_code, row.semester), row.row)
        if first != row.row:
            faults.append(reading.fault_at(row, "discipline_code", "duplicate_line", first=first))
        for name in _SAME_IN_EVERY_ROW:
            text = getattr(row, name)
            if not text:
                continue
            other, number = titles.setdefault((name, row.discipline_code), (text, row.row))
            if other != text:
                params: dict[str, str | int] = {
                    "first": number,
                    "discipline": row.discipline_code,
                    "other": shown(other),
                }
                faults.append(reading.fault_at(row, name, "title_conflict", **params))
    return faults
