"""Files that would exhaust the machine, deceive the reader or run something are refused in seconds, with a remedy."""

import io
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable

import pytest

from curricula.spreadsheets.rows import read_file
from tests.curricula.spreadsheet_files import (
    HEADINGS,
    csv_text,
    line,
    ods_row,
    raw_ods,
    raw_row,
    raw_xlsx,
    xlsx,
)

TOP = raw_row(1, HEADINGS) + raw_row(2, line())
BILLION_LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'


def repeated_ods(rows: int, columns: int) -> bytes:
    cell = f'<table:table-cell office:value-type="string" table:number-columns-repeated="{columns}"><text:p>x</text:p>'
    row = f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-cell></table:table-row>'
    return raw_ods(ods_row(HEADINGS) + row)


def zip_bomb() -> bytes:
    return raw_xlsx(TOP, extra={"xl/media/big.bin": b"\0" * (130 * 1024 * 1024)})


def lying_size() -> bytes:
    """An archive whose list of contents says that the sheet is small."""
    content = bytearray(raw_xlsx(TOP + "".join(raw_row(n, line(n)) for n in range(3, 3000))))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    place = content.rfind(size.to_bytes(4, "little"))
    content[place : place + 4] = (1000).to_bytes(4, "little")
    return bytes(content)


def with_many_members() -> bytes:
    return raw_xlsx(TOP, extra={f"xl/media/{number}.bin": b"" for number in range(1100)})


def old_excel() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


CORPUS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("a.xlsx", lambda: b"", "empty_file"),
    "over the limit": ("a.csv", lambda: b"x" * (10 * 1024 * 1024 + 1), "too_large"),
    "a text named xlsx": ("a.xlsx", lambda: csv_text(HEADINGS).encode(), "name_disagrees"),
    "a workbook named csv": ("a.csv", lambda: xlsx(HEADINGS, line()), "name_disagrees"),
    "ods named xlsx": ("a.xlsx", lambda: raw_ods(ods_row(HEADINGS)), "name_disagrees"),
    "no suffix": ("lines", lambda: xlsx(HEADINGS, line()), "wrong_kind"),
    "pdf": ("a.xlsx", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "wrong_kind"),
    "html named xls": ("a.csv", lambda: b"<html><table><tr><td>1</td></tr></table>", "wrong_kind"),
    "a zip of something else": ("a.xlsx", lambda: _zip({"a.txt": b"x"}), "wrong_kind"),
    "old excel or password": ("a.xlsx", old_excel, "old_excel"),
    "macro suffix": ("a.xlsm", lambda: xlsx(HEADINGS, line()), "macros"),
    "macro inside": ("a.xlsx", lambda: raw_xlsx(TOP, extra={"xl/vbaProject.bin": b"x"}), "macros"),
    "truncated": ("a.xlsx", lambda: xlsx(HEADINGS, line())[:-40], "damaged"),
    "flipped bytes": ("a.xlsx", lambda: _flipped(raw_xlsx(TOP)), "damaged"),
    "broken xml": ("a.xlsx", lambda: raw_xlsx(TOP + "<row r='9'><c r='A9'><f>1</wrong>"), "damaged"),
    "missing shared string": (
        "a.xlsx",
        lambda: raw_xlsx('<row r="1"><c r="A1" t="s"><v>9</v></c></row>'),
        "damaged",
    ),
    "entities": ("a.xlsx", lambda: raw_xlsx(TOP, prolog=BILLION_LAUGHS), "entities"),
    "entities of ods": ("a.ods", lambda: raw_ods(ods_row(HEADINGS), prolog=BILLION_LAUGHS), "entities"),
    "zip bomb": ("a.xlsx", zip_bomb, "unpacked_too_large"),
    "lying size": ("a.xlsx", lying_size, "damaged"),
    "many members": ("a.xlsx", with_many_members, "damaged"),
    "a cell at the far corner": (
        "a.xlsx",
        lambda: raw_xlsx(TOP + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "too_many_rows",
    ),
    "a cell far right": (
        "a.xlsx",
        lambda: raw_xlsx(TOP + '<row r="3"><c r="XFD3"><v>1</v></c></row>'),
        "too_many_columns",
    ),
    "a far row whose cells say nothing": (
        "a.xlsx",
        lambda: raw_xlsx(TOP + '<row r="1048576"><c><v>1</v></c></row>'),
        "too_many_rows",
    ),
    "a far cell among prefixes": (
        "a.xlsx",
        lambda: raw_xlsx(
            TOP + f'<x:row xmlns:x="{_MAIN}" r="70000"><x:c r="A70000"><x:v>1</x:v></x:c></x:row>'
        ),
        "too_many_rows",
    ),
    "too many rows": (
        "a.xlsx",
        lambda: raw_xlsx(
            TOP + "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(3, 60_003))
        ),
        "too_many_rows",
    ),
    "ods repeated to the corner": ("a.ods", lambda: repeated_ods(1_048_576, 16_384), "too_many_columns"),
    "ods repeated down": ("a.ods", lambda: repeated_ods(1_048_576, 9), "too_many_rows"),
    "csv of many rows": ("a.csv", lambda: (csv_text(HEADINGS) + "1\n" * 60_001).encode(), "too_many_rows"),
    "csv of many columns": ("a.csv", lambda: csv_text(HEADINGS, ["x"] * 60).encode(), "too_many_columns"),
    "csv with an open quote": (
        "a.csv",
        lambda: csv_text(HEADINGS, line()).encode() + b'"6B06102,AI\n',
        "csv_broken",
    ),
    "csv of noise": ("a.csv", lambda: bytes(range(128, 256)) * 20, "encoding"),
    "csv with NUL": (
        "a.csv",
        lambda: csv_text(HEADINGS, line(discipline_title="a\0b")).encode(),
        "wrong_kind",
    ),
}
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _zip(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def _flipped(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        place = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 90
    return content[:place] + bytes(255 - byte for byte in content[place : place + 30]) + content[place + 30 :]


@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_file_is_refused_in_seconds_with_a_sentence(name: str) -> None:
    file_name, make, code = CORPUS[name]
    content = make()
    started = time.process_time()
    reading = read_file(content, file_name)
    assert [fault.code for fault in reading.faults] == [code]
    assert reading.rows == []
    assert reading.faults[0].message
    assert "%(" not in reading.faults[0].message
    assert time.process_time() - started < 5


@pytest.mark.parametrize("kind", ["styled", "declared", "lines"])
def test_a_million_empty_rows_do_no_harm(kind: str) -> None:
    styled = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(3, 1_000_000))
    files: dict[str, tuple[Callable[[], bytes], str]] = {
        "styled": (lambda: raw_xlsx(TOP + styled), "a.xlsx"),
        "declared": (lambda: raw_xlsx(TOP, before='<dimension ref="A1:XFD1048576"/>'), "a.xlsx"),
        "lines": (lambda: csv_text(HEADINGS, line()).encode() + b"\n" * 1_000_000, "a.csv"),
    }
    make, name = files[kind]
    made = make()
    started = time.process_time()
    reading = read_file(made, name)
    assert (reading.read, reading.accepted, reading.faults) == (1, 1, [])
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "name", ["a cell at the far corner", "ods repeated down", "too many rows", "zip bomb"]
)
def test_memory_stays_bounded(name: str, tmp_path: object) -> None:
    """In a process of its own, because a process never gives its peak back."""
    file_name, make, code = CORPUS[name]
    script = (
        "import resource, sys\nimport django; django.setup()\n"
        "from curricula.spreadsheets.rows import read_file\n"
        "content = sys.stdin.buffer.read()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        f"reading = read_file(content, {file_name!r})\n"
        "grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024\n"
        "print(reading.faults[0].code, grown)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=make(), capture_output=True, check=True, timeout=60
    )
    found, grown = done.stdout.split()
    assert found.decode() == code
    assert int(grown) < 200
