"""Is it safe to open this file? Decided from its bytes, before any spreadsheet library sees them.

The library that reads workbooks takes memory for the whole rectangle from the first used cell to the last, so a
file of 1 kB with one cell at XFD1048576 would end the process; it also yields nothing for a cell whose formula
failed. Both are found here, by a look through the XML of the workbook.
"""

from __future__ import annotations

import contextlib
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from xml.parsers import expat

from curricula.spreadsheets.faults import Unreadable
from curricula.spreadsheets.weights import MEGABYTE, Order, Shared

SIZE_LIMIT = 10 * MEGABYTE
UNPACKED_LIMIT = 80 * MEGABYTE
RATIO_LIMIT = 250
MEMBER_LIMIT = 1_000
ROW_LIMIT = 60_000
COLUMN_LIMIT = 52  # as far as column AZ
SUFFIXES = {".xlsx": "xlsx", ".ods": "ods", ".csv": "csv", ".txt": "csv", ".tsv": "csv"}
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"

_MANIFEST = "META-INF/manifest.xml"
_ENCRYPTED = "EncryptedPackage".encode(
    "utf-16-le"
)  # the stream in which Excel hides a workbook with a password
_ROOT = re.compile(rb"<(?:\w+:)?(worksheet|sst)[\s>]")
ERROR, UNCALCULATED = "formula_error", "formula_uncalculated"
_CHUNK = 4 * MEGABYTE
# What zipfile raises for an archive that is not what it says; its manual names only the first.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, NotImplementedError, OSError, OverflowError,
    RuntimeError, ValueError,
)  # fmt: skip
# A cell past the limits, whatever it holds: three letters or more, two from BA on, or a row from 60,000 on.
_FAR = re.compile(rb'\sr="(?:[A-Za-z]{3,}\d|[B-Zb-z][A-Za-z]\d|[A-Za-z]{0,2}(?:[6-9]\d{4}|\d{6}))')
_EMPTY_CELL = re.compile(rb'<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,6}")?(?:/>|></c>)')
_EMPTY_ROW = re.compile(rb'<row r="[0-9]{1,7}"[^<>]*(?<!/)></row>')
_TAG_ENDS = (b" ", b">", b"/", b"\n", b"\r", b"\t")
# A place in any other spelling than r="…".
_LOOSE = (
    b"r='",
    *(b"r" + space + b"=" for space in (b" ", b"\t", b"\n", b"\r")),
    *(b"r=" + space for space in (b" ", b"\t", b"\n", b"\r")),
)


@dataclass(slots=True)
class Extent:
    """How far the cells with content of one sheet reach, and which of them hold no usable value."""

    rows: int = 0
    columns: int = 0
    problems: dict[tuple[int, int], str] = field(default_factory=dict)  # (row, column) from 0 -> fault code


def kind_of(content: bytes, file_name: str) -> str:
    """xlsx, ods or csv, by the bytes; refused if the name says otherwise or the kind isn't taken."""
    if not content:
        raise Unreadable("empty_file")
    if len(content) > SIZE_LIMIT:
        raise Unreadable("too_large", size=f"{len(content) / MEGABYTE:.1f}", limit=SIZE_LIMIT // MEGABYTE)
    suffix = PurePath(file_name).suffix.lower()
    if suffix in {".xlsm", ".xltm", ".xlam"}:
        raise Unreadable("macros")
    kind = _kind_by_content(content)
    named = SUFFIXES.get(suffix)
    if named is None:
        raise Unreadable("wrong_kind")
    if named != kind:
        raise Unreadable("name_disagrees", suffix=suffix, kind=kind.upper())
    return kind


def _kind_by_content(content: bytes) -> str:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("password" if _ENCRYPTED in content else "old_excel")
    if content.startswith(b"PK"):
        return _kind_of_zip(content)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv"
    if content.lstrip()[:1] == b"<" or b"\x00" in content or content.startswith((b"%PDF", b"{\\rtf")):
        raise Unreadable("wrong_kind")
    return "csv"


def _kind_of_zip(content: bytes) -> str:
    with open_zip(content) as archive:
        names = {name.lower() for name in archive.namelist()}
        if any(
            name.endswith(("vbaproject.bin", "vbadata.xml")) or name.startswith("basic/") for name in names
        ):
            raise Unreadable("macros")
        if "xl/workbook.xml" in names and "[content_types].xml" in names:
            return "xlsx"
        if "xl/workbook.bin" in names:
            raise Unreadable("wrong_kind")
        if {"mimetype", "content.xml"} <= names and read_member(archive, "mimetype").strip() == ODS_TYPE:
            if "meta-inf/manifest.xml" in names and b":encryption-data" in read_member(archive, _MANIFEST):
                raise Unreadable("password")
            return "ods"
    raise Unreadable("wrong_kind")


def open_zip(content: bytes) -> zipfile.ZipFile:
    """The archive, once its own list of contents says that unpacking it is bearable."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _BROKEN as error:
        raise Unreadable("damaged") from error
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    swollen = unpacked > 5 * MEGABYTE and unpacked > RATIO_LIMIT * max(packed, 1)
    if unpacked > UNPACKED_LIMIT or swollen:
        limit = UNPACKED_LIMIT // MEGABYTE
        if swollen:
            limit = min(limit, RATIO_LIMIT * packed // MEGABYTE)
        raise Unreadable("unpacked_too_large", size=unpacked // MEGABYTE, limit=limit)
    names = [member.filename.lower() for member in members]
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("password")
    if len(names) > MEMBER_LIMIT or len(set(names)) != len(names):
        raise Unreadable("damaged")
    return archive


def chunks_of(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A member in pieces that end before a tag begins. Reading it to its end also proves that the size is true."""
    rest = b""
    try:
        with archive.open(name) as stream:
            while piece := stream.read(_CHUNK):
                piece = rest + piece
                cut = piece.rfind(b"<")
                cut = cut if cut > 0 else len(piece)
                rest = piece[cut:]
                yield piece[:cut]
    except _BROKEN as error:
        raise Unreadable("damaged") from error
    if rest:
        yield rest


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    return b"".join(chunks_of(archive, name))


def scan_workbook(content: bytes) -> tuple[dict[str, Extent], int]:
    """Look through every part of an XLSX file.

    Returns what needs care, by the part's name within the archive, and how many bytes of text its cells unfold to.
    """
    extents = {}
    shared = Shared()
    with open_zip(content) as archive:
        sheets = []
        for name in archive.namelist():
            if not name.lower().endswith((".xml", ".rels")):
                continue
            root, ordinary = _look_through(archive, name, shared)
            if not ordinary:
                extents[name] = _measure(archive, name)
            if root == "worksheet":
                sheets.append(name)
            elif root == "sst":
                shared.read(chunks_of(archive, name))
        weight = shared.weight(lambda: (chunk for name in sheets for chunk in chunks_of(archive, name)))
        weight += sum(archive.getinfo(name).file_size for name in sheets)
    return extents, weight


def _look_through(archive: zipfile.ZipFile, name: str, shared: Shared) -> tuple[str, bool]:
    """What a part is, whatever it is called, and whether nothing in it needs care. Values of sheets are counted."""
    root, ordinary, order = "", True, Order()
    for number, chunk in enumerate(chunks_of(archive, name)):
        refuse_entities(chunk)
        ordinary = ordinary and _is_ordinary(chunk)
        if number == 0 and (found := _ROOT.search(chunk)):
            root = found[1].decode()
        if root == "worksheet":
            shared.count(chunk)
            order.check(chunk)
    return root, ordinary


def refuse_entities(chunk: bytes) -> None:
    if b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk:
        raise Unreadable("entities")
    if chunk.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")):
        raise Unreadable("damaged")  # XML in UTF-16, where the line above sees nothing


def _is_ordinary(chunk: bytes) -> bool:
    """Whether a piece surely has no far cell, no formula, no error, and no cell that doesn't say where it is."""
    if b't="e"' in chunk or (b"<f" in chunk and any(b"<f" + end in chunk for end in _TAG_ENDS)):
        return False
    return _all_say_where(chunk) and not _FAR.search(chunk)


def _all_say_where(chunk: bytes) -> bool:
    """Whether every row and cell of a piece bears its place, and no prefix that would hide it from the search.

    And bears it once: of two places the library takes the second, although no XML may have two.
    """
    if b":row" in chunk or b":c " in chunk or any(loose in chunk for loose in _LOOSE):
        return False
    places = chunk.count(b'<c r="'), chunk.count(b'<row r="')
    if chunk.count(b'r="') - chunk.count(b'or="') != sum(places):  # but for operator="…"
        return False
    if places == (chunk.count(b"<c") - chunk.count(b"<co"), chunk.count(b"<row")):
        return True  # nearly always; only <cols>, <col> and the like begin with the same letters
    cells = sum(chunk.count(b"<c" + end) for end in _TAG_ENDS)
    rows = sum(chunk.count(b"<row" + end) for end in _TAG_ENDS)
    return places == (cells, rows)


class _FarEnoughError(Exception):
    """The sheet is larger than is taken; how much larger does not matter."""


class _Measuring:
    """Walks the XML of a sheet and notes the extent of the cells that have content."""

    def __init__(self) -> None:
        self.extent = Extent()
        self.row = -1
        self.column = -1
        self.last = (-1, -1)
        self.kind = ""
        self.in_value = False
        self.has_formula = self.has_value = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "row":
            number = attributes.get("r", "")
            self.row = int(number) - 1 if re.fullmatch(r"[0-9]{1,9}", number) else self.row + 1
            self.column = -1
        elif tag == "c":
            self._start_cell(attributes)
        elif tag == "f":
            self.has_formula = True
        elif tag == "v":
            self.in_value = True
            self._grow()
        elif tag == "is":
            self.has_value = True
            self._grow()

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self.column += 1
        where = re.fullmatch(r"\$?([A-Z]{1,9})\$?([0-9]{1,9})", attributes.get("r", "").upper())
        if where:
            self.row = int(where[2]) - 1
            self.column = column_number(where[1])
        if (self.row, self.column) <= self.last:  # of two cells in one place the library would drop the first
            raise Unreadable("damaged")
        self.last = (self.row, self.column)
        self.kind = attributes.get("t", "")
        self.has_formula = self.has_value = False

    def _grow(self) -> None:
        self.extent.rows = max(self.extent.rows, self.row + 1)
        self.extent.columns = max(self.extent.columns, self.column + 1)
        if self.extent.rows > ROW_LIMIT or self.extent.columns > COLUMN_LIMIT:
            raise _FarEnoughError

    def text(self, data: str) -> None:
        if self.in_value and data:
            self.has_value = True

    def end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "v":
            self.in_value = False
        elif tag == "c":
            if self.kind == "e":
                self.extent.problems[self.row, self.column] = ERROR
            elif self.has_formula and not self.has_value and self.kind != "str":
                self.extent.problems[self.row, self.column] = UNCALCULATED
                self._grow()


def _measure(archive: zipfile.ZipFile, name: str) -> Extent:
    walk = _Measuring()
    with contextlib.suppress(_FarEnoughError):
        parse_xml(_without_empty_cells(chunks_of(archive, name)), walk.start, walk.end, walk.text)
    return walk.extent


def _without_empty_cells(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A sheet whose every row was given a border has a million of them; taking them out first takes a tenth of the
    time. Only where each of the others says itself where it is."""
    for chunk in chunks:
        yield _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", chunk)) if _all_say_where(chunk) else chunk


def parse_xml(
    chunks: Iterable[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    """Feed the pieces of a member to expat; entity declarations end it."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Unreadable("damaged") from error


def _refuse_doctype(*_declared: object) -> None:
    raise Unreadable("entities")


def column_number(letters: str) -> int:
    """A -> 0, Z -> 25, AA -> 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
