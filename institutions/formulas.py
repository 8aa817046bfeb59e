"""Keeps spreadsheet programs from taking text of a CSV file for a formula: an apostrophe goes before it."""

import csv
import io
import re
from collections.abc import Collection, Sequence

ACTIVE = "=+@＝＋－＠-"
# At the beginning of a cell.
START = re.compile(rf"^([\t\r\n{ACTIVE}])")
# And after what opens a cell in the middle of ours: in Kazakh and Russian such programs divide by semicolons, so a file
# with commas has its quotes for letters, and its line breaks within quotes for new rows. What stands between is taken
# as a whole and from its beginning alone: from each of its letters would be a square of steps.
BETWEEN = re.compile(rf'(?<!["\s;])["\s;]++(?=[{ACTIVE}])')
OPENS = re.compile(r"[;\t\r\n]")


def harmless(text: str) -> str:
    inside = BETWEEN.sub(lambda found: found[0] + "'" * bool(OPENS.search(found[0])), text)
    return START.sub(r"'\1", inside)


# In CSV as PostgreSQL writes it: what may precede the text of a cell is a comma here, what may make it a formula the
# equals sign. Letters beyond ASCII are told by their first byte.
BEGINNINGS = {**dict.fromkeys(b',"\n', ","), **{letter.encode()[0]: "=" for letter in ACTIVE}}
TOLD = bytes(ord(BEGINNINGS.get(byte, "x")) for byte in range(256))


def may_be_active(rows: bytes, count: int) -> bool:
    """Whether `harmless` may change a text of so many rows of CSV. A look at the bytes, as nearly all rows are tame."""
    return (
        b";" in rows
        or b"\t" in rows
        or b"\r" in rows
        or rows.count(b"\n") != count
        or rows.translate(TOLD).find(b",=") >= 0
        or TOLD[rows[0]] == ord("=")
    )


def harmless_rows(rows: Sequence[bytes], texts: Collection[int]) -> bytes:
    """Rows of CSV, each with its line break, in one; the cells at the places of `texts` made harmless."""
    whole = b"".join(rows)
    if not rows or not may_be_active(whole, len(rows)):
        return whole
    return b"".join(_mended(row, texts) if may_be_active(bytes(row), 1) else row for row in rows)


def _mended(row: bytes, texts: Collection[int]) -> bytes:
    cells = next(csv.reader(io.StringIO(bytes(row).decode(), newline="")))
    safe = [harmless(cell) if place in texts else cell for place, cell in enumerate(cells)]
    if safe == cells:
        return row
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(safe)  # what ends a line decides what is put in quotes
    return f"{out.getvalue()[:-2]}\n".encode()
