"""Whatever a file holds, its rows are reconciled and nothing is saved silently otherwise than it was read."""

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from curricula.spreadsheets.rows import read_file
from curricula.spreadsheets.vocabulary import HEADINGS as ALL_HEADINGS
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

# XML can hold neither most control characters nor half of a pair; CSV is tried with them elsewhere.
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
good = st.integers(1, 400).map(lambda number: line(number))
spoilt = st.tuples(
    good, st.integers(0, 8), st.one_of(texts, st.floats(allow_nan=False), st.integers(-9, 99))
).map(lambda parts: [*parts[0][: parts[1]], parts[2], *parts[0][parts[1] + 1 :]])
UNFILLED = re.compile(r"%\(\w+\)")  # a place in a sentence; the file's own words may hold half of one
blank = st.sampled_from([[], [""] * 9, [" ", "\u00a0"]])
noise = st.lists(st.one_of(texts, st.integers(-5, 5)), max_size=12)
bodies = st.lists(st.one_of(good, good, spoilt, blank, noise), max_size=25)


def is_blank(row: list[Any]) -> bool:
    return all(isinstance(cell, str) and not cell.strip() for cell in row)


def expected(body: list[list[Any]]) -> tuple[int, int]:
    """Rows down to the last one with content, and the blank ones among them."""
    while body and is_blank(body[-1]):
        body = body[:-1]
    return len(body), sum(map(is_blank, body))


def check(content: bytes, name: str, body: list[list[Any]]) -> None:
    reading = read_file(content, name)
    if reading.layout is None:
        assert reading.faults
        assert reading.rows == []
        return
    assert reading.read == reading.accepted + reading.rejected + reading.blank
    assert (reading.read, reading.blank) == expected(body)
    assert reading.accepted == len(reading.rows)
    assert not reading.rejected or reading.faults
    rows_at_fault = {fault.row for fault in reading.faults}
    assert not rows_at_fault & {row.row for row in reading.rows} or reading.layout.missing
    for fault in reading.faults:
        assert not UNFILLED.search(fault.message)
        assert fault.code in str(fault.as_json())


@settings(max_examples=150)
@given(bodies, st.sampled_from(";,\t"))
def test_rows_of_any_csv_are_reconciled(body: list[list[Any]], separator: str) -> None:
    content = csv_text(HEADINGS, *body, separator=separator).encode()
    check(content, "a.csv", body)


@settings(max_examples=60)
@given(bodies)
def test_rows_of_any_workbook_are_reconciled(body: list[list[Any]]) -> None:
    plain = [
        [f"'{cell}" if isinstance(cell, str) and cell[:1] == "=" else cell for cell in row] for row in body
    ]
    check(xlsx(HEADINGS, *plain), "a.xlsx", plain)
    check(ods(HEADINGS, *plain), "a.ods", plain)


@settings(max_examples=150)
@given(st.permutations(list(ALL_HEADINGS)), st.integers(0, len(ALL_HEADINGS)), good)
def test_columns_may_stand_in_any_order(order: list[str], cut: int, row: list[Any]) -> None:
    values = dict(zip(HEADINGS, row, strict=True))
    kept = order[:cut]
    reading = read_file(csv_text(kept, [values.get(name, "") for name in kept]).encode(), "a.csv")
    if set(HEADINGS) <= set(kept):
        assert reading.faults == []
        assert reading.rows[0].discipline_code == values["discipline_code"]
    else:
        assert reading.faults
        assert reading.rows == []


@settings(max_examples=200)
@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.xlsx", "a.ods"]))
def test_no_bytes_raise(content: bytes, name: str) -> None:
    reading = read_file(content, name)
    assert reading.faults
    assert reading.read == reading.accepted + reading.rejected + reading.blank


@settings(max_examples=150)
@given(st.data())
def test_no_damaged_workbook_raises(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([raw_xlsx("<row r='1'><c r='A1'><v>1</v></c></row>"), raw_ods("")]))
    place = data.draw(st.integers(0, len(whole) - 1))
    spoilt = whole[:place] + data.draw(st.binary(min_size=1, max_size=8)) + whole[place + 3 :]
    for name in ("a.xlsx", "a.ods"):
        assert read_file(spoilt, name).faults


SNIPPETS = [
    *(
        "<row>",
        "</row>",
        "<c>",
        "</c>",
        "<v>",
        "</v>",
        "<v>1</v>",
        "<f>1+1</f>",
        "<is><t>x</t></is>",
        "&#0;",
        "&amp;",
    ),
    *(
        't="s"',
        't="e"',
        't="str"',
        'r="A1"',
        'r="XFD1048576"',
        'r=""',
        's="99"',
        "\u202e",
        "😀",
        '"',
        ",",
        "\n",
    ),
    *("<table:table-row>", "</table:table-row>", "<text:p>", "</text:p>", 'table:number-rows-repeated="3"'),
    '<table:table-cell table:number-columns-repeated="99999"/>',
]
GOOD_BODY = raw_row(1, HEADINGS) + "".join(raw_row(n, line(n)) for n in range(2, 6))
GOOD_TABLE = "".join(map(ods_row, [HEADINGS, *map(line, range(1, 5))]))


@st.composite
def mutated(draw: st.DrawFn, whole: str) -> str:
    """A text with pieces taken out, put in twice, or put in from elsewhere."""
    for _edit in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(whole)))
        end = min(start + draw(st.integers(0, 60)), len(whole))
        middle = draw(st.sampled_from(["", whole[start:end] * 2, *SNIPPETS]))
        whole = whole[:start] + middle + whole[end:]
    return whole


def reconciles(content: bytes, name: str) -> None:
    reading = read_file(content, name)
    assert reading.read == reading.accepted + reading.rejected + reading.blank
    assert reading.accepted == len(reading.rows)
    assert not reading.rejected or reading.faults
    for fault in reading.faults:
        assert not UNFILLED.search(fault.message)


@settings(max_examples=300)
@given(mutated(GOOD_BODY))
def test_a_mutated_workbook_never_raises_and_always_reconciles(body: str) -> None:
    reconciles(raw_xlsx(body), "a.xlsx")


@settings(max_examples=300)
@given(mutated(GOOD_TABLE))
def test_a_mutated_ods_never_raises_and_always_reconciles(table: str) -> None:
    reconciles(raw_ods(f'<table:table table:name="Lines">{table}</table:table>'), "a.ods")


@settings(max_examples=300)
@given(mutated(csv_text(HEADINGS, *map(line, range(1, 5)))), st.sampled_from(["utf-8", "cp1251", "utf-16"]))
def test_a_mutated_csv_never_raises_and_always_reconciles(text: str, encoding: str) -> None:
    reconciles(text.encode(encoding, errors="replace"), "a.csv")


@settings(max_examples=200)
@given(st.data(), st.sampled_from(["a.xlsx", "a.ods", "a.csv"]))
def test_bytes_changed_anywhere_never_raise_and_always_reconcile(data: st.DataObject, name: str) -> None:
    makers = {"a.xlsx": lambda: raw_xlsx(GOOD_BODY), "a.ods": lambda: raw_ods(GOOD_TABLE), "a.csv": csv_bytes}
    content = bytearray(makers[name]())
    for _edit in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    reconciles(bytes(content), name)


def csv_bytes() -> bytes:
    return csv_text(HEADINGS, *map(line, range(1, 5))).encode()
