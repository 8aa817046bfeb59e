"""A workbook of one sheet that is sent while it is made: however long it is, a piece of it is in memory at a time.

XlsxWriter makes one with a single row as a pattern. PostgreSQL writes the rows in the text form of COPY; here the
markup of the pattern goes around their cells, and all of it into a zip that nobody goes back in. Text stands inline and
is never a formula, whatever it begins with.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlsxwriter.utility import xl_range, xl_range_abs

from reports.files.workbooks import rows_as_xlsx
from reports.tables import Column

MOST_ROWS = 2**20 - 1  # a sheet has one more, for the heading
COPIED = "FORMAT text, NULL ''"  # the form of COPY that is read here
QUICK = 1  # of zlib's levels
SHEET = "xl/worksheets/sheet1.xml"
TEXTS = 4000  # bytes, more than those of the rows of any table are on the average
# In the row of the pattern; the rest of the types are text, which a blank makes keep its blanks.
SAMPLES = {"integer": 0, "share": 0, "credits": 0, "flag": True}

NO_XML = bytes(range(9)) + b"\x0b\x0c" + bytes(range(14, 32))
MARKUP = {b"&": b"&amp;", b"<": b"&lt;", b">": b"&gt;", b"\xef\xbf\xbe": b"", b"\xef\xbf\xbf": b""}
LIKE_A_NUMBER = re.compile(rb"_(?=x[0-9A-Fa-f]{4}_)")  # which Excel takes for the letter of that number
ESCAPED = re.compile(rb"\\(.)")
LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"&#13;", b"\\": b"\\", b"b": b"", b"f": b"", b"v": b""}
TIDY = {
    b'<c t="inlineStr"><is><t xml:space="preserve"></t></is></c>': b"<c/>",
    b"<v></v>": b"",
    b"<v>true</v>": b"<v>1</v>",
    b"<v>false</v>": b"<v>0</v>",
}


@dataclass(frozen=True)
class Pattern:
    """A workbook without its rows: the sheet `above` and `below` them, a `row` with %b for each cell, other parts; and
    whether the rows may be more than fit into a zip of the old form, which has to be said before they are there."""

    parts: dict[str, str]
    above: bytes
    row: bytes
    below: bytes
    is_large: bool


def pattern(name: str, columns: Sequence[Column], count: int) -> Pattern:
    """Of a workbook that shall have so many rows."""
    made = rows_as_xlsx(name, columns, [[SAMPLES.get(column.type, " ") for column in columns]])
    with ZipFile(io.BytesIO(made)) as book:
        parts = {part: book.read(part).decode() for part in book.namelist()}
    last = len(columns) - 1
    for part, text in parts.items():
        for written in (xl_range, xl_range_abs):
            text = text.replace(written(0, 0, 1, last), written(0, 0, count, last))
        parts[part] = text
    above, row, below = re.split(r'(<row r="2".*?</row>)', parts.pop(SHEET))
    row = re.sub(r'<(row|c) r="\w+"', r"<\1", row)  # they follow each other without an address, too
    row = re.sub("(?<=<v>).(?=</v>)|(?<=>) (?=</t>)", "%b", row)
    is_large = count * (len(row) + TEXTS) > zipfile.ZIP64_LIMIT
    return Pattern(parts, above.encode(), row.encode(), below.encode(), is_large)


def as_workbook(of: Pattern, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The file, piece by piece, with `pieces` of its sheet by `as_markup`."""
    out = Outlet()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=QUICK) as book:
        for part, text in of.parts.items():
            book.writestr(ZipInfo(part), text, ZIP_DEFLATED)  # of no day: the same bytes each time
        with book.open(SHEET, "w", force_zip64=of.is_large) as sheet:
            sheet.write(of.above)
            for piece in pieces:
                sheet.write(piece)
                yield out.taken()
            sheet.write(of.below)
    yield out.taken()


class Outlet(io.RawIOBase):
    """What the zip is written to, until it is taken away and sent."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self.pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        whole, self.pieces = b"".join(self.pieces), []
        return whole


def as_markup(copied: Iterable[bytes], row: bytes) -> bytes:
    """Rows as COPY writes them, each with its line break, as rows of the sheet, by that of the pattern.

    What can't stand in XML is left out. No text of ours comes near the 32,767 letters that a cell holds.
    """
    text = b"".join(copied).translate(None, NO_XML)
    for letter, meant in MARKUP.items():
        text = text.replace(letter, meant)
    text = b"".join([row % tuple(cells.split(b"\t")) for cells in text.split(b"\n")[:-1]])
    for written, meant in TIDY.items():
        text = text.replace(written, meant)
    if b"\\" in text:
        text = ESCAPED.sub(lambda found: LETTERS[found[1]], text)
    return LIKE_A_NUMBER.sub(b"_x005F_", text) if b"_x" in text else text
