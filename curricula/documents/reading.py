"""From parsed JSON to the same typed rows, by the same checks, as from a spreadsheet; each fault with its pointer.

A document is the curriculum of one programme: `{"programme": "6B06102", "students": 25, "lines": [{…}, …]}`. The
members of a line are the columns of the spreadsheet, by their English names. In a list, documents may stand beside
single lines that name their `programme_code`, as rows of a spreadsheet do.

What is read has been parsed strictly: names once, no NUL and no half of a surrogate pair, numbers of modest size.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from curricula.spreadsheets.columns import Wrong, parse_cell, shown
from curricula.spreadsheets.faults import Fault, merge_faults
from curricula.spreadsheets.grids import Cell, Grid, is_blank
from curricula.spreadsheets.headings import Layout
from curricula.spreadsheets.rows import LineRow, Named, Place, Reading, read_grid
from curricula.spreadsheets.vocabulary import HEADINGS

LINES_AT_ONCE = 50_000
STUDENTS_LIMIT = 1_000_000
COLUMNS = tuple(HEADINGS)
OF_PROGRAMMES = ("programme_code", "programme_title")
OF_LINES = tuple(name for name in COLUMNS if name not in OF_PROGRAMMES)
# What a document says of itself when it is read, and what is passed over when it is put back.
ABOUT = ("version", "state", "content_hash")
Params = Mapping[str, str | int]
OF_DOCUMENTS = ("institution", "period", "programme", "students", "lines", *ABOUT)
_DISCIPLINE = COLUMNS.index("discipline_code")


def read_document(document: Any, *, institution: str, period: str, programme: str) -> Reading:
    """The curriculum of one programme that is known already, by the codes of all three."""
    found = _Found({"institution": institution, "period": period, "programme": programme})
    found.take_document(document, "")
    return found.reading()


def read_documents(items: Any, *, institution: str, period: str) -> Reading:
    """A list of documents, or of lines that name their programme, or both."""
    found = _Found({"institution": institution, "period": period})
    if not isinstance(items, list):
        found.fault("not_list", "", items)
    elif not items:
        found.fault("nothing", "")
    else:
        for number, item in enumerate(items):
            if isinstance(item, dict) and "lines" not in item and "programme" not in item:
                found.take_line(item, Place(f"/{number}"), "")
            else:
                found.take_document(item, f"/{number}")
    return found.reading()


@dataclass
class _Found:
    """What has been found so far: lines as cells, to be checked like a sheet, and the faults of the structure."""

    expected: Mapping[str, str]  # what the members that name a place must say, if they are there
    rows: list[list[Cell]] = field(default_factory=list)
    places: dict[int, Place] = field(default_factory=dict)
    problems: dict[tuple[int, int], str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    documents: dict[str, Named] = field(default_factory=dict)

    def fault(
        self, code: str, path: str, value: Any = "", params: Params | None = None, *, row: int | None = None
    ) -> None:
        told = "" if isinstance(value, dict | list) else shown(_cell(value))
        self.faults.append(Fault(code, row=row, value=told, params=params or {}, path=path))

    def take_document(self, document: Any, path: str) -> None:
        if not isinstance(document, dict):
            self.fault("not_object", path, document)
            return
        self._refuse_unknown(document, OF_DOCUMENTS, path)
        for name, value in self.expected.items():
            if document.get(name) is not None and str(document[name]) != value:
                self.fault("elsewhere", f"{path}/{name}", document[name], {"expected": value})
        code = self.expected.get("programme") or document.get("programme")
        self._take_head(document, code, path)
        lines = document.get("lines")
        if not isinstance(lines, list):
            self.fault("required" if lines is None else "not_list", f"{path}/lines", lines)
            return
        for number, line in enumerate(lines):
            self.take_line(line, Place(f"{path}/lines/{number}", path), code)

    def _take_head(self, document: Mapping[str, Any], code: Any, path: str) -> None:
        """What the document says as a whole: of which programme it is, and of how many students."""
        told = "students" in document
        students = document.get("students")
        if students is not None and not _is_count(students):
            self.fault("students", f"{path}/students", students, {"limit": STUDENTS_LIMIT})
            students = None
        parsed = (
            Wrong("nested") if isinstance(code, dict | list) else parse_cell("programme_code", _cell(code))
        )
        if isinstance(parsed, Wrong):
            self.fault(parsed.code, f"{path}/programme", code, parsed.params)
            return
        programme = str(parsed)
        if programme in self.documents:
            first = self.places[self.documents[programme].row.row].document
            self.fault("duplicate_programme", f"{path}/programme", programme, {"first": str(first)})
            return
        number = -1 - len(self.documents)  # no row of the document: that one counts from 1
        self.places[number] = Place(path, path)
        self.documents[programme] = Named(_head(number, programme), students, told)

    def take_line(self, line: Any, place: Place, programme: Any) -> None:
        """One line; `programme` is what the document says of it, nothing where the line stands alone."""
        number = len(self.rows)
        self.places[number + 1] = place
        self.rows.append([""] * len(COLUMNS))
        if not isinstance(line, dict):
            self.fault("not_object", place.line, line, row=number + 1)
            return
        known = COLUMNS if place.document is None else OF_LINES
        self._refuse_unknown(line, known, place.line, row=number + 1)
        said = line if place.document is None else {**line, "programme_code": programme}
        for index, name in enumerate(COLUMNS):
            value = said.get(name)
            if isinstance(value, dict | list):
                self.problems[number, index] = "nested"
            else:
                self.rows[number][index] = _cell(value)
        cells = zip(COLUMNS, self.rows[number], strict=True)
        if all(is_blank(cell) for name, cell in cells if name in OF_LINES):
            # In a sheet such a row is one that nobody has filled in; a program that writes it has lost something.
            self.problems.setdefault((number, _DISCIPLINE), "required")

    def _refuse_unknown(
        self, said: Mapping[str, Any], known: tuple[str, ...], path: str, row: int | None = None
    ) -> None:
        for name in said.keys() - set(known):
            nearest = difflib.get_close_matches(name[:50], known, n=1, cutoff=0.0)
            self.fault("unknown_member", f"{path}/{escaped(name)}", name, {"nearest": nearest[0]}, row=row)

    def reading(self) -> Reading:
        """What a sheet of these rows would be, with the faults of the structure."""
        if len(self.rows) > LINES_AT_ONCE:
            fault = Fault(
                "too_many_at_once", path="", params={"count": len(self.rows), "limit": LINES_AT_ONCE}
            )
            return Reading(faults=[fault], read=len(self.rows), rejected=len(self.rows))
        broken = {fault.row for fault in self.faults if fault.code == "not_object" and fault.row}
        reading = Reading(layout=_layout())
        if len(self.rows) > len(broken):
            reading = read_grid(Grid("", self.rows, problems=self.problems), _layout())
        reading.places, reading.documents = self.places, self.documents
        reading.reject(self.faults)
        reading.read = len(self.rows)
        reading.blank, reading.rejected = 0, reading.read - reading.accepted
        return reading


def located(reading: Reading) -> list[Fault]:
    """The faults of what was read from JSON: each once, with the pointer to what is at fault instead of a cell."""
    found: dict[tuple[str | None, str], Fault] = {}
    for fault in reading.faults:
        told = _located(fault, reading.places)
        found.setdefault((told.path, told.code), told)
    return merge_faults(found.values())


def _located(fault: Fault, places: Mapping[int, Place]) -> Fault:
    if fault.path is not None or fault.row is None:
        return replace(fault, path=fault.path or "")
    place = places[fault.row]
    params = dict(fault.params)
    if "first" in params:
        params["first"] = places[int(params["first"])].line
    row = fault.row if fault.row > 0 else None
    return replace(fault, row=row, cell="", header="", params=params, path=_pointer(fault, place))


def _pointer(fault: Fault, place: Place) -> str:
    """A document names its programme once, and its number of lines is no line's fault."""
    if place.document is not None and fault.code == "too_many_lines":
        return f"{place.document}/lines"
    if place.document is not None and fault.column in OF_PROGRAMMES:
        return f"{place.document}/programme"
    return f"{place.line}/{fault.column}"


def escaped(name: str) -> str:
    """A member as a part of a JSON pointer (RFC 6901)."""
    return name[:200].replace("~", "~0").replace("/", "~1")


def _cell(value: Any) -> Cell:
    """A JSON value as a cell; decimals as they were written, for a float would round them."""
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else value


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= STUDENTS_LIMIT


def _layout() -> Layout:
    """Every column in its place, and no row of headings, so that the first line is row 1."""
    return Layout("", 0, list(COLUMNS), {name: index for index, name in enumerate(COLUMNS)})


def _head(number: int, programme: str) -> LineRow:
    return LineRow(number, programme, "", "", Decimal(0), "", "", 0, "")
