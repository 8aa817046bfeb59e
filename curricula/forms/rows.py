"""The rows of the form of a curriculum as they are typed: reading, moving and filling them, right or wrong.

`Cells` spell a row in one way whatever the language of the reader, so that two states can be compared; a row of the
form spells numbers as its reader does.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from curricula.drafting import DraftLine
from curricula.forms.cells import typed_number
from curricula.merging import Cells
from curricula.models import AICategory
from curricula.models.versions import LINES_LIMIT
from curricula.spreadsheets.columns import Wrong, parse_cell

SPARE_ROWS = 5
# The form's names for what the spreadsheet format calls otherwise.
COLUMNS = {
    "code": "discipline_code",
    "title": "discipline_title",
    "credits": "credits",
    "cycle": "cycle",
    "component": "component",
    "semester": "semester",
    "ai_category": "ai_category",
    "evidence_url": "evidence_url",
}
HEAD = ("students", "edit_number", "draft", "made_from")

Row = dict[str, str]


def row_count(data: Mapping[str, Any]) -> int:
    """With the spare rows below a full curriculum: what is typed there is refused by the step, not passed over."""
    text = str(data.get("rows", ""))
    return min(int(text), LINES_LIMIT + SPARE_ROWS) if text.isdecimal() and len(text) < 10 else 0


def rows_of(data: Mapping[str, Any]) -> list[Row]:
    """The rows of what was sent, as typed."""
    return [
        {name: str(data.get(f"lines-{index}-{name}", "")) for name in (*COLUMNS, "remove")}
        for index in range(row_count(data))
    ]


def as_sent(head: Mapping[str, Any], rows: Sequence[Row]) -> dict[str, str]:
    """The fields of a form with these rows, by name, as a browser would send them; of `head` only what it has."""
    sent = {name: str(head.get(name) or "") for name in HEAD} | {"rows": str(len(rows))}
    sent["edit_number"] = str(head.get("edit_number") or 0)
    for index, row in enumerate(rows):
        sent |= {f"lines-{index}-{name}": value for name, value in row.items() if value}
    return sent


def is_blank(row: Mapping[str, str]) -> bool:
    """Nothing is typed in it: no AI category is what a new row says by itself."""
    given = [name for name in COLUMNS if row.get(name, "").strip()]
    return given in ([], ["ai_category"]) and row.get("ai_category", "") in ("", AICategory.NONE)


def first_free(rows: Sequence[Row]) -> int:
    """The index of the row after the last one in which something is typed."""
    return max((index for index, row in enumerate(rows) if not is_blank(row)), default=-1) + 1


def moved(rows: Sequence[Row], index: int, step: int) -> list[Row]:
    """The rows with one of them a place higher or lower; at the end it stays."""
    found = list(rows)
    other = index + step
    if 0 <= index < len(found) and 0 <= other < len(found):
        found[index], found[other] = found[other], found[index]
    return found


def with_spare(rows: Sequence[Row], spare: int = SPARE_ROWS) -> list[Row]:
    """With so many empty rows more, up to the limit."""
    most = LINES_LIMIT + SPARE_ROWS - len(rows)
    return [*rows, *({"ai_category": str(AICategory.NONE)} for _number in range(max(0, min(spare, most))))]


def filled(rows: Sequence[Row], start: int, pasted: Sequence[Row]) -> list[Row]:
    """Put what was pasted over the rows from `start` on; a pasted cell that is empty leaves what is there."""
    found = with_spare(rows, start + len(pasted) - len(rows))
    for index, row in enumerate(pasted, start=start):
        found[index] = {**found[index], **{name: value for name, value in row.items() if value}}
    return found


def plain(name: str, text: str) -> str:
    """A cell in the one spelling, if it can be made out; else as typed."""
    text = text.strip()
    value = parse_cell(COLUMNS[name], text)
    if isinstance(value, Wrong):
        return text
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def cells_of(row: Mapping[str, str]) -> Cells:
    return Cells(**{name: plain(name, row.get(name, "")) for name in COLUMNS})


def cells_of_line(line: DraftLine) -> Cells:
    return cells_of({name: str(getattr(line, column)) for name, column in COLUMNS.items()})


def typed_as(cells: Cells) -> Row:
    """A row as its reader would type it."""
    value = parse_cell("credits", cells.credits)
    number = typed_number(value) if isinstance(value, Decimal) else cells.credits
    return cells._replace(credits=number)._asdict()
