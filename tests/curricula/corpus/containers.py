"""Files that are not what they say, damaged, or more than a table: refused as a whole."""

import io
import struct
import zipfile
from collections.abc import Callable

from tests.curricula.corpus.case import Case, refused
from tests.curricula.spreadsheet_files import (
    HEADINGS,
    csv_text,
    line,
    ods,
    ods_row,
    raw_ods,
    raw_row,
    raw_xlsx,
    xlsx,
)

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TOP = raw_row(1, HEADINGS) + raw_row(2, line())
BILLION_LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
EXTERNAL = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1:9/x.dtd"> %b;]>'
GOOD = (1, 1, 0, 0)


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def ole(stream: str = "Workbook") -> bytes:
    """The beginning of a compound file with the name of one of its streams: .xls, or .xlsx with a password."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + stream.encode("utf-16-le") + b"\0" * 600


def flipped() -> bytes:
    content = raw_xlsx(TOP)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        place = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 90
    return content[:place] + bytes(255 - byte for byte in content[place : place + 30]) + content[place + 30 :]


def lying_size() -> bytes:
    """An archive whose list of contents says that the sheet is small."""
    content = bytearray(raw_xlsx(TOP + "".join(raw_row(n, line(n)) for n in range(3, 3000))))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    place = content.rfind(size.to_bytes(4, "little"))
    content[place : place + 4] = (1000).to_bytes(4, "little")
    return bytes(content)


def with_flag(content: bytes, flag: int) -> bytes:
    """An archive each of whose members bears a flag, e.g. 1: encrypted."""
    changed = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = changed.find(signature)
        while place >= 0:
            flags = struct.unpack_from("<H", changed, place + offset)[0]
            struct.pack_into("<H", changed, place + offset, flags | flag)
            place = changed.find(signature, place + 4)
    return bytes(changed)


def member_twice() -> bytes:
    target = io.BytesIO(raw_xlsx(TOP))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("xl/WORKSHEETS/sheet1.xml", "<worksheet/>")
    return target.getvalue()


def ods_with(**members: bytes) -> bytes:
    target = io.BytesIO(ods(HEADINGS, line()))
    with zipfile.ZipFile(target, "a") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return target.getvalue()


def encrypted_ods() -> bytes:
    entry = b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    manifest = b"<manifest:manifest>" + entry + b"</manifest:manifest>"
    members = {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": bytes(range(256)) * 4,
        "META-INF/manifest.xml": manifest,
    }
    return zipped(members)


def in_utf16() -> bytes:
    sheet = f'<?xml version="1.0" encoding="UTF-16"?><worksheet xmlns="{MAIN}"><sheetData>{TOP}</sheetData></worksheet>'
    return replaced(raw_xlsx(TOP), "xl/worksheets/sheet1.xml", sheet.encode("utf-16"))


def replaced(content: bytes, member: str, by: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            after.writestr(name, by if name == member else before.read(name))
    return target.getvalue()


def good() -> bytes:
    return xlsx(HEADINGS, line())


def with_part(name: str, content: bytes = b"x") -> Callable[[], bytes]:
    return lambda: raw_xlsx(TOP, extra={name: content})


CONTAINERS: dict[str, Case] = {
    "empty": refused("a.xlsx", lambda: b"", "empty_file"),
    "over the limit": refused("a.csv", lambda: b"x" * (10 * 1024 * 1024 + 1), "too_large"),
    "a text named xlsx": refused("a.xlsx", lambda: csv_text(HEADINGS).encode(), "name_disagrees"),
    "a workbook named csv": refused("a.csv", good, "name_disagrees"),
    "a workbook named ods": refused("a.ods", good, "name_disagrees"),
    "ods named xlsx": refused("a.xlsx", lambda: raw_ods(ods_row(HEADINGS)), "name_disagrees"),
    "no suffix": refused("lines", good, "wrong_kind"),
    "another suffix": refused("lines.exe", good, "wrong_kind"),
    "two suffixes": Case("lines.pdf.XLSX", good, GOOD),
    "pdf": refused("a.xlsx", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "wrong_kind"),
    "png": refused("a.xlsx", lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "wrong_kind"),
    "gzip": refused("a.csv", lambda: b"\x1f\x8b\x08\0\0\0\0\0\0\x03\0\0", "wrong_kind"),
    "rtf": refused("a.csv", lambda: b"{\\rtf1 text}", "wrong_kind"),
    "html that calls itself a table": refused(
        "a.csv", lambda: b"\n <html><table><tr><td>1</td></tr></table>", "wrong_kind"
    ),
    "xml of an old excel": refused("a.csv", lambda: b'<?xml version="1.0"?><Workbook/>', "wrong_kind"),
    "a zip of something else": refused("a.xlsx", lambda: zipped({"a.txt": b"x"}), "wrong_kind"),
    "a text document": refused(
        "a.xlsx", lambda: zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "wrong_kind"
    ),
    "a binary workbook": refused("a.xlsx", lambda: zipped({"xl/workbook.bin": b"x"}), "wrong_kind"),
    "an empty zip": refused("a.xlsx", lambda: zipped({}), "wrong_kind"),
    "old excel": refused("a.xlsx", ole, "old_excel"),
    "old excel by its own name": refused("a.xls", ole, "old_excel"),
    "a workbook with a password": refused("a.xlsx", lambda: ole("EncryptedPackage"), "password"),
    "ods with a password": refused("a.ods", encrypted_ods, "password"),
    "a zip with a password": refused("a.xlsx", lambda: with_flag(good(), 1), "password"),
    "macro suffix": refused("a.xlsm", good, "macros"),
    "macro inside": refused("a.xlsx", with_part("xl/vbaProject.bin"), "macros"),
    "macro under another name": refused("a.xlsx", with_part("xl/x/VBAPROJECT.BIN"), "macros"),
    "macros of ods": refused("a.ods", lambda: ods_with(Basic__Standard__Module1=b"x"), "macros"),
    "truncated": refused("a.xlsx", lambda: good()[:-40], "damaged"),
    "truncated in the middle": refused("a.xlsx", lambda: good()[: len(good()) // 2], "damaged"),
    "truncated ods": refused("a.ods", lambda: ods(HEADINGS, line())[:-60], "damaged"),
    "flipped bytes": refused("a.xlsx", flipped, "damaged"),
    "broken xml": refused("a.xlsx", lambda: raw_xlsx(TOP + "<row r='9'><c r='A9'><f>1</wrong>"), "damaged"),
    "broken xml of ods": refused(
        "a.ods", lambda: raw_ods(ods_row(HEADINGS) + "<table:table-row>"), "damaged"
    ),
    "no sheet where the book says": refused("a.xlsx", lambda: without("xl/worksheets/sheet1.xml"), "damaged"),
    "no relations": refused("a.xlsx", lambda: without("xl/_rels/workbook.xml.rels"), "damaged"),
    "missing shared string": refused(
        "a.xlsx", lambda: raw_xlsx('<row r="1"><c r="A1" t="s"><v>9</v></c></row>'), "damaged"
    ),
    "a member twice": refused("a.xlsx", member_twice, "damaged"),
    "xml in utf-16": refused("a.xlsx", in_utf16, "damaged"),
    "lying size": refused("a.xlsx", lying_size, "damaged"),
    "entities": refused("a.xlsx", lambda: raw_xlsx(TOP, prolog=BILLION_LAUGHS), "entities"),
    "external entity": refused("a.xlsx", lambda: raw_xlsx(TOP, prolog=EXTERNAL), "entities"),
    "parameter entity": refused("a.xlsx", lambda: raw_xlsx(TOP, prolog=PARAMETER), "entities"),
    "entities in the shared texts": refused(
        "a.xlsx", with_part("xl/sharedStrings.xml", f"{BILLION_LAUGHS}<sst/>".encode()), "entities"
    ),
    "entities of ods": refused(
        "a.ods", lambda: raw_ods(ods_row(HEADINGS), prolog=BILLION_LAUGHS), "entities"
    ),
    "external entity of ods": refused(
        "a.ods", lambda: raw_ods(ods_row(HEADINGS), prolog=EXTERNAL), "entities"
    ),
    "two rows of one number": refused(
        "a.xlsx", lambda: raw_xlsx(TOP + raw_row(3, line(2)) + raw_row(3, line(3))), "damaged"
    ),
    "rows out of order": refused(
        "a.xlsx", lambda: raw_xlsx(TOP + raw_row(4, line(2)) + raw_row(3, line(3))), "damaged"
    ),
    "a cell twice": refused(
        "a.xlsx",
        lambda: raw_xlsx(TOP + '<row r="3"><c r="A3"><v>1</v></c><c r="A3"><v>2</v></c></row>'),
        "damaged",
    ),
    "a cell twice where rows say nothing": refused(
        "a.xlsx", lambda: raw_xlsx(TOP + '<row><c r="A2"><v>1</v></c></row>'), "damaged"
    ),
    "a path that leads out": Case("a.xlsx", with_part("../../../tmp/evil.xml", b"<x/>"), GOOD),
    "links to other books": Case("a.xlsx", with_part("xl/externalLinks/externalLink1.xml", b"<x/>"), GOOD),
    "an embedded file": Case("a.xlsx", with_part("xl/embeddings/oleObject1.bin", ole()), GOOD),
    "a zip within": Case("a.xlsx", with_part("xl/media/inner.zip", zipped({"a": b"x" * 1000})), GOOD),
}


def without(member: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good())) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            if name != member:
                after.writestr(name, before.read(name))
    return target.getvalue()
