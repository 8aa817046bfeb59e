"""Small files that would take hours or gigabytes."""

import random
from collections.abc import Callable

from tests.curricula.corpus.case import Case, refused
from tests.curricula.corpus.containers import GOOD, MAIN, TOP
from tests.curricula.spreadsheet_files import (
    HEADINGS,
    csv_text,
    line,
    ods_row,
    raw_ods,
    raw_row,
    raw_xlsx,
)

MILLION = 1_000_000
MEGABYTE = 1024 * 1024


def repeated_ods(rows: int, columns: int) -> bytes:
    cell = f'<table:table-cell office:value-type="string" table:number-columns-repeated="{columns}"><text:p>x</text:p>'
    row = f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-cell></table:table-row>'
    return raw_ods(ods_row(HEADINGS) + row)


def shared_texts(length: int, cells: int, *, prefix: str = "") -> bytes:
    """One text that many cells share; `prefix` hides them from a simple search."""
    p = f"{prefix}:" if prefix else ""
    space = f' xmlns:{prefix}="{MAIN}"' if prefix else ""
    rows = "".join(
        f'<{p}row{space} r="{n}"><{p}c r="A{n}" t="s"><{p}v>0</{p}v></{p}c></{p}row>'
        for n in range(3, cells + 3)
    )
    table = f'<sst xmlns="{MAIN}" count="{cells}" uniqueCount="1"><si><t>{"x" * length}</t></si></sst>'
    return raw_xlsx(TOP + rows, extra={"xl/sharedStrings.xml": table.encode()})


def inline_texts(length: int, cells: int, last: str = "") -> bytes:
    """Texts that don't pack well, so that the file looks honest."""
    text = "".join(random.Random(1).choices("abcdefghij", k=length))  # noqa: S311 - not a secret
    rows = (
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{n}{text}{last}</t></is></c></row>'
        for n in range(3, cells + 3)
    )
    return raw_xlsx(TOP + "".join(rows))


def one_cell_of_ods(length: int) -> bytes:
    return raw_ods(ods_row(HEADINGS) + ods_row(line(discipline_title="x" * length)))


def nested_ods(depth: int) -> bytes:
    return raw_ods(ods_row(HEADINGS) + "<text:span>" * depth + "</text:span>" * depth + ods_row(line()))


def xlsx_rows(cell: str, rows: int = MILLION) -> bytes:
    return raw_xlsx(TOP + "".join(f'<row r="{n}">{cell.format(n=n)}</row>' for n in range(3, rows)))


def ods_blank(rows: int, cell: str = "<table:table-cell/>") -> bytes:
    row = f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'
    return raw_ods(ods_row(HEADINGS) + ods_row(line()) + row)


def wide(column: str) -> Callable[[], bytes]:
    return lambda: raw_xlsx(TOP + f'<row r="3"><c r="{column}3"><v>1</v></c></row>')


HEAVY: dict[str, Case] = {
    "zip bomb": refused(
        "a.xlsx", lambda: raw_xlsx(TOP, extra={"xl/media/b": bytes(130 * MEGABYTE)}), "unpacked_too_large"
    ),
    "zip bomb of ods": refused("a.ods", lambda: one_cell_of_ods(90 * MEGABYTE), "unpacked_too_large"),
    "a small bomb by its ratio": refused(
        "a.xlsx", lambda: raw_xlsx(TOP, extra={"xl/media/b": bytes(20 * MEGABYTE)}), "unpacked_too_large"
    ),
    "many members": refused(
        "a.xlsx", lambda: raw_xlsx(TOP, extra={f"xl/media/{n}.bin": b"" for n in range(1100)}), "damaged"
    ),
    "a text that thousands of cells share": refused(
        "a.xlsx", lambda: shared_texts(MILLION, 300), "unpacked_too_large"
    ),
    "the same hidden by prefixes": refused(
        "a.xlsx", lambda: shared_texts(MILLION, 300, prefix="x"), "unpacked_too_large"
    ),
    "many texts that are short enough to be told": Case(
        "a.xlsx", lambda: shared_texts(400, 50_000), (50_001, 1, 50_000, 0), ["too_long", "required", "more"]
    ),
    "60 MB of texts in their cells": Case(
        "a.xlsx", lambda: inline_texts(30_000, 2_000), (2_001, 1, 2_000, 0), ["too_long", "required"]
    ),
    "texts that one letter makes four times as wide": refused(
        "a.xlsx", lambda: inline_texts(30_000, 1_500, "😀"), "unpacked_too_large"
    ),
    "one cell of 4 MB in ods": Case(
        "a.ods", lambda: one_cell_of_ods(4 * MILLION), (1, 0, 1, 0), ["too_long"]
    ),
    "100,000 elements within each other": Case("a.ods", lambda: nested_ods(100_000), GOOD),
    "a cell at the far corner": refused(
        "a.xlsx",
        lambda: raw_xlsx(TOP + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "too_many_rows",
    ),
    "16,384 columns": refused("a.xlsx", wide("XFD"), "too_many_columns"),
    "one column too many": refused("a.xlsx", wide("BA"), "too_many_columns"),
    "a column past the last": refused("a.xlsx", wide("ZZZZ"), "too_many_columns"),
    "a column of nine letters": refused("a.xlsx", wide("ZZZZZZZZZ"), "too_many_columns"),
    "the last column that is taken": Case("a.xlsx", wide("AZ"), (2, 1, 1, 0), ["required", "no_heading"]),
    "16,384 headings": refused(
        "a.csv",
        lambda: csv_text([*HEADINGS, *("x" for _ in range(16_375))], line()).encode(),
        "too_many_columns",
    ),
    "a far row whose cells say nothing": refused(
        "a.xlsx", lambda: raw_xlsx(TOP + '<row r="1048576"><c><v>1</v></c></row>'), "too_many_rows"
    ),
    "a far cell among prefixes": refused(
        "a.xlsx",
        lambda: raw_xlsx(
            TOP + f'<x:row xmlns:x="{MAIN}" r="70000"><x:c r="A70000"><x:v>1</x:v></x:c></x:row>'
        ),
        "too_many_rows",
    ),
    "too many rows": refused(
        "a.xlsx", lambda: xlsx_rows('<c r="A{n}"><v>1</v></c>', 60_003), "too_many_rows"
    ),
    "a million rows of one space": refused(
        "a.xlsx",
        lambda: xlsx_rows('<c r="A{n}" t="inlineStr"><is><t> </t></is></c>', 400_000),
        "too_many_rows",
    ),
    "a million styled rows": Case("a.xlsx", lambda: xlsx_rows('<c r="A{n}" s="0"/>'), GOOD),
    "a million declared rows": Case(
        "a.xlsx", lambda: raw_xlsx(TOP, before='<dimension ref="A1:XFD1048576"/>'), GOOD
    ),
    "a million blank rows of ods": Case("a.ods", lambda: ods_blank(MILLION), GOOD),
    "a million blank rows one by one in ods": refused(
        "a.ods",
        lambda: raw_ods(ods_row(HEADINGS) + ods_row(line()) + ods_row([""]) * MILLION),
        "unpacked_too_large",
    ),
    "a million lines without a word": Case(
        "a.csv", lambda: csv_text(HEADINGS, line()).encode() + b"\n" * MILLION, GOOD
    ),
    "a million lines of separators": Case(
        "a.csv", lambda: csv_text(HEADINGS, line()).encode() + b",,,,,,,,\n" * MILLION, GOOD
    ),
    "ods repeated to the corner": refused(
        "a.ods", lambda: repeated_ods(1_048_576, 16_384), "too_many_columns"
    ),
    "ods repeated down": refused("a.ods", lambda: repeated_ods(1_048_576, 9), "too_many_rows"),
    "ods of a thousand sheets": refused(
        "a.ods",
        lambda: raw_ods(*(f'<table:table table:name="{n}"></table:table>' for n in range(1000))),
        "damaged",
    ),
    "ods repeated without end": refused(
        "a.ods",
        lambda: raw_ods(
            ods_row(HEADINGS) + ods_row(["x"]).replace(">", f' table:number-rows-repeated="{"9" * 9}">', 1)
        ),
        "too_many_rows",
    ),
    "csv of many rows": refused(
        "a.csv", lambda: (csv_text(HEADINGS) + "1\n" * 60_001).encode(), "too_many_rows"
    ),
    "csv of many columns": refused(
        "a.csv", lambda: csv_text(HEADINGS, ["x"] * 60).encode(), "too_many_columns"
    ),
    "csv of millions of cells": refused(
        "a.csv", lambda: (csv_text(HEADINGS) + ("ab," * 51 + "ab\n") * 59_000).encode(), "unpacked_too_large"
    ),
    "csv of a million cells without headings": Case(
        "a.csv",
        lambda: (csv_text(HEADINGS) + ("ab," * 25 + "ab\n") * 59_000).encode(),
        (59_000, 0, 59_000, 0),
        ["programme_code", "not_number", "not_choice", "not_whole", "url", "no_heading", "more"],
    ),
    "each cell of a full file wrong": Case(
        "a.csv",
        lambda: (csv_text(HEADINGS) + ("?x" + ",?x" * 8 + "\n") * 59_000).encode(),
        (59_000, 0, 59_000, 0),
        ["programme_code", "discipline_code", "not_number", "not_choice", "not_whole", "url", "more"],
    ),
    "csv with a cell of 5 MB": Case(
        "a.csv",
        lambda: csv_text(HEADINGS, line(discipline_title="x" * 5 * MEGABYTE)).encode(),
        (1, 0, 1, 0),
        ["too_long"],
    ),
    "csv of open quotes": refused(
        "a.csv", lambda: (csv_text(HEADINGS) + '"' + "x\n" * MILLION).encode(), "csv_broken"
    ),
    "a full file": Case("a.xlsx", lambda: full(), (59_000, 59_000, 0, 0)),
}


def full() -> bytes:
    """As many lines as are taken, each different, for 590 programmes."""
    rows = (
        raw_row(n + 2, line(n, programme_code=f"6B{n // 100:05}", discipline_title=f"Пән атауы {n}"))
        for n in range(59_000)
    )
    return raw_xlsx(raw_row(1, HEADINGS) + "".join(rows))
