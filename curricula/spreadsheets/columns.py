"""What each column may hold, and how a cell of it becomes a value.

A parser takes one cell that is not empty and returns the value or a `Wrong`. The same few values fill most of a
file, so each column parses every distinct cell once.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlsplit

from curricula.spreadsheets.grids import Cell, is_blank
from curricula.spreadsheets.vocabulary import CHOICE_INDEX, REQUIRED, fold

CREDITS_LEAST = Decimal(1)
CREDITS_LIMIT = Decimal(30)
SEMESTER_LIMIT = 12
CODE_LENGTH = 40
TITLE_LENGTH = 300
URL_LENGTH = 500
DESCRIPTION_LENGTH = 5_000

_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff\u200e\u200f\u202a-\u202e]"
)
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200d\u2060\ufeff]")
_SPACES = re.compile(r"[^\S\n]+")
_PROGRAMME = re.compile(r"(?:6B|7M|8D)[0-9]{5}")
_CYRILLIC_IN_CODES = str.maketrans("ВМД", "BMD")
_DISCIPLINE = re.compile(r"\w[\w .,()+&/\-]*")
_LOST_LETTERS = re.compile(r"\?\w")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a cell's value can't be taken: a code of `faults.MESSAGES` and what its sentence needs."""

    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)


Parser = Callable[[Cell], object]


def shown(cell: Cell) -> str:
    """A cell as its user sees it, short enough to be quoted."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        text = f"{cell:.12g}"
    elif isinstance(cell, dt.date):
        text = cell.strftime("%d.%m.%Y") if cell.year >= 1000 else str(cell)
    else:
        text = _CONTROL.sub("\ufffd", str(cell)).strip()
    return text if len(text) <= 200 else text[:199] + "…"


def as_text(cell: Cell) -> str | Wrong:
    """Text without the spaces that nobody sees. Whole numbers are codes that were typed as numbers."""
    if isinstance(cell, bool):
        return Wrong("truth")
    if isinstance(cell, dt.date | dt.time | dt.timedelta):
        return Wrong("date")
    if isinstance(cell, float | int):
        return f"{cell:.15g}"
    if _CONTROL.search(cell):
        return Wrong("control")
    text = _INVISIBLE.sub("", cell).replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    return _SPACES.sub(" ", text).strip()


def plain(text: str, *, lines: bool = False) -> str:
    """Stored text as it comes back from a spreadsheet: without what a cell may not hold."""
    if not text:
        return text
    kept = as_text(_CONTROL.sub("", text))
    assert isinstance(kept, str)  # noqa: S101 - what could be wrong with it has been taken out
    return kept if lines else " ".join(kept.split())


def _one_line(cell: Cell, limit: int) -> str | Wrong:
    text = as_text(cell)
    if isinstance(text, Wrong):
        return text
    if "\n" in text or "\u2028" in text:
        return Wrong("line_break")
    return text if len(text) <= limit else Wrong("too_long", {"length": len(text), "limit": limit})


def programme_code(cell: Cell) -> str | Wrong:
    text = _one_line(cell, CODE_LENGTH)
    if isinstance(text, Wrong):
        return text
    code = text.upper().translate(_CYRILLIC_IN_CODES).replace(" ", "")
    return code if _PROGRAMME.fullmatch(code) else Wrong("programme_code")


def discipline_code(cell: Cell) -> str | Wrong:
    text = _one_line(cell, CODE_LENGTH)
    if isinstance(text, Wrong):
        return text
    return text if _DISCIPLINE.fullmatch(text) else Wrong("discipline_code")


def title(cell: Cell) -> str | Wrong:
    return _one_line(cell, TITLE_LENGTH)


def description(cell: Cell) -> str | Wrong:
    text = as_text(cell)
    if isinstance(text, Wrong) or len(text) <= DESCRIPTION_LENGTH:
        return text
    return Wrong("too_long", {"length": len(text), "limit": DESCRIPTION_LENGTH})


def _number(cell: Cell) -> Decimal | Wrong:
    if isinstance(cell, str):
        text = as_text(cell)
        if isinstance(text, Wrong):
            return text
        text = text.replace(" ", "").replace(",", ".")
        if not re.fullmatch(r"[+-]?[0-9]{1,12}(?:\.[0-9]{0,12})?", text):
            return Wrong("not_number")
    elif isinstance(cell, bool):
        return Wrong("truth")
    elif isinstance(cell, float | int) and math.isfinite(cell):
        text = f"{cell:.12g}"  # what a calculated 0.1 + 0.2 means, not what it is in binary
    else:
        return Wrong("not_number" if isinstance(cell, float | int) else "date")
    return Decimal(text)


def credits_of(cell: Cell) -> Decimal | Wrong:
    number = _number(cell)
    if isinstance(number, Wrong):
        return Wrong("not_number", {"example": _example(cell)}) if number.code == "not_number" else number
    if not CREDITS_LEAST <= number <= CREDITS_LIMIT:
        return Wrong("credits_range", {"least": int(CREDITS_LEAST), "limit": int(CREDITS_LIMIT)})
    rounded = number.quantize(Decimal("0.1"))
    return rounded if rounded == number else Wrong("credits_places", {"example": str(rounded)})


def _example(cell: Cell) -> str:
    """The number that was probably meant: the first one within the text."""
    found = re.search(r"[0-9]{1,2}(?:[.,][0-9])?", str(cell))
    return found[0].replace(",", ".") if found else "5"


def semester(cell: Cell) -> int | Wrong:
    number = _number(cell)
    if isinstance(number, Wrong):
        return Wrong("not_whole", {"limit": SEMESTER_LIMIT}) if number.code == "not_number" else number
    if number != int(number):
        return Wrong("not_whole", {"limit": SEMESTER_LIMIT})
    return (
        int(number) if 1 <= number <= SEMESTER_LIMIT else Wrong("semester_range", {"limit": SEMESTER_LIMIT})
    )


def _choice(column: str) -> Parser:
    words = CHOICE_INDEX[column]

    def parse(cell: Cell) -> str | Wrong:
        text = _one_line(cell, TITLE_LENGTH)
        if isinstance(text, Wrong):
            return text
        return words.get(fold(text)) or Wrong("not_choice")

    return parse


def evidence_url(cell: Cell) -> str | Wrong:
    text = _one_line(cell, URL_LENGTH)
    if isinstance(text, Wrong):
        return text
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return Wrong("url")
    safe = parts.scheme in {"http", "https"} and "." in host.strip(".") and "@" not in parts.netloc
    return text if safe and not re.search(r"[\s<>\"\\^`{|}]", text) else Wrong("url")


PARSERS: Mapping[str, Parser] = {
    "programme_code": programme_code,
    "discipline_code": discipline_code,
    "discipline_title": title,
    "credits": credits_of,
    "cycle": _choice("cycle"),
    "component": _choice("component"),
    "semester": semester,
    "ai_category": _choice("ai_category"),
    "evidence_url": evidence_url,
    "programme_title": title,
    "title_kk": title,
    "title_ru": title,
    "title_en": title,
    "description": description,
}
# A title may be empty where the institution has the discipline already; `curricula.importing` knows that.
MAY_BE_EMPTY = frozenset(PARSERS) - set(REQUIRED) | {"evidence_url", "discipline_title"}
TITLES = frozenset({"discipline_title", "programme_title", "title_kk", "title_ru", "title_en"})


def parse_cell(name: str, cell: Cell) -> object:
    """The value of a single cell, or `Wrong`."""
    return parse_column(name, [cell])[0]


def parse_column(name: str, cells: Sequence[Cell], *, watch_for_lost_letters: bool = False) -> list[object]:
    """Values or `Wrong`s, one for each cell. Empty cells are "" where that is allowed."""
    parse = PARSERS[name]
    empty: object = "" if name in MAY_BE_EMPTY else Wrong("required")
    watching = watch_for_lost_letters and name in (TITLES | {"description"})

    def parsed(cell: Cell) -> object:
        if is_blank(cell):
            return empty
        value = parse(cell)
        if value == "":
            return empty
        if watching and isinstance(value, str) and _LOST_LETTERS.search(value):
            return Wrong("lost_letters")
        return value

    known: dict[Cell, object] = {}
    values = []
    for cell in cells:
        if isinstance(cell, bool):  # equals 1 as a key, but is not a number
            values.append(parsed(cell))
            continue
        value = known.get(cell)
        if value is None:
            value = known[cell] = parsed(cell)
        values.append(value)
    return values
