"""Read a CSV file: find out its encoding and its separator, neither of which it names."""

from __future__ import annotations

import csv
import io
import itertools
from sys import getsizeof

from curricula.spreadsheets.faults import Unreadable
from curricula.spreadsheets.grids import Grid
from curricula.spreadsheets.safety import COLUMN_LIMIT, ROW_LIMIT, SIZE_LIMIT, column_letters
from curricula.spreadsheets.vocabulary import recognise
from curricula.spreadsheets.weights import Spending

SEPARATORS = ";,\t"
csv.field_size_limit(SIZE_LIMIT)  # a cell that is too long is told as such, not as a broken file
HEADING_ROWS = 20
SHARED_TEXTS = 10_000


def read_csv(content: bytes) -> Grid:
    text, may_have_lost_letters = _decode(content)
    separator, text = _separator(text)
    rows: list[list] = []
    blank_rows = 0
    # The bytes and their text, each once more while it is decoded; StringIO takes four bytes for any letter.
    spending = Spending(3 * len(content) + getsizeof(text) + 4 * len(text))
    known: dict[str, str] = {}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            if not any(row):
                blank_rows += 1  # counted, not kept: a file may end in millions of them
                continue
            _refuse_large(len(rows) + blank_rows + 1, row)
            rows.extend([] for _ in range(blank_rows))
            blank_rows = 0
            spending.spend_on(row)
            rows.append(_shared(row[:COLUMN_LIMIT], known))
    except csv.Error as error:
        raise Unreadable("csv_broken", line=reader.line_num) from error
    width = max(map(len, rows), default=0)
    for row in rows:
        row.extend([""] * (width - len(row)))
    return Grid("CSV", rows, may_have_lost_letters=may_have_lost_letters)


def _shared(row: list[str], known: dict[str, str]) -> list[str]:
    """The row, its texts those of earlier cells that say the same: categories and credits say little that is new."""
    if len(known) < SHARED_TEXTS:
        known.update((cell, cell) for cell in row if cell not in known)
    return [known.get(cell, cell) for cell in row]


def _refuse_large(number: int, row: list[str]) -> None:
    if number > ROW_LIMIT:
        raise Unreadable("too_many_rows", "CSV", rows=number, limit=ROW_LIMIT)
    if len(row) > COLUMN_LIMIT and any(row[COLUMN_LIMIT:]):
        columns = column_letters(len(row) - 1)
        raise Unreadable("too_many_columns", "CSV", columns=columns, limit=COLUMN_LIMIT)


def _decode(content: bytes) -> tuple[str, bool]:
    """The text, and whether its encoding has no Kazakh letters (Excel writes question marks for them)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(content, "utf-16"), False
    try:
        return content.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        text = _strictly(content, "cp1251")
    # Russian text in Windows-1251 is nearly all small letters; anything else that is not UTF-8 is noise.
    letters = [letter for letter in text if letter > "\x7f"]
    plausible = sum("а" <= letter.lower() <= "я" or letter in "ёЁ№«»–—\xa0іІ" for letter in letters)
    if plausible < 0.9 * len(letters):
        raise Unreadable("encoding")
    return text, True


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable("encoding") from error


def _separator(text: str) -> tuple[str, str]:
    """The separator that makes the most headings known, and the text without Excel's own line that names it."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        return first[4], rest
    top = list(itertools.islice(io.StringIO(text, newline=""), HEADING_ROWS))
    return max(SEPARATORS, key=lambda separator: _headings(top, separator)), text


def _headings(lines: list[str], separator: str) -> int:
    try:
        return max(
            (sum(bool(recognise(cell)) for cell in row) for row in csv.reader(lines, delimiter=separator)),
            default=0,
        )
    except csv.Error:
        return 0
