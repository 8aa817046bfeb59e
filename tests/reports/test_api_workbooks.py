"""Whole tables as workbooks: made while they are sent, with what the CSV says in them, and never a formula."""

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from institutions.models import Institution
from reports.api import exports
from reports.charts.drawing import NOT_XML
from reports.files import XLSX, streaming
from reports.models import Release
from reports.tables import Column
from tests.factories import make_discipline, make_programme, make_version
from tests.reports.releases import make_release
from tests.reports.test_api_exports import TABLES, content

pytestmark = pytest.mark.django_db

COLUMNS = (
    Column("number", None, "integer", ""),
    Column("one", None, "text", ""),
    Column("share", None, "share", ""),
    Column("two", None, "text", ""),
    Column("flag", None, "flag", ""),
)
LETTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
TEXTS = st.none() | st.text(LETTERS | st.sampled_from("\\\t\r\n\v&<>_x01 =\ufffe"), max_size=20)
ROWS = st.lists(st.tuples(st.none() | st.integers(0, 2**31), TEXTS, TEXTS, st.booleans()), max_size=6)


def workbook(client: Client, address: str) -> bytes:
    response: Any = client.get(f"/api/v1/export/{address}", headers={"accept-language": "en"})
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == XLSX
    return b"".join(response.streaming_content)


def cells(book: bytes) -> list[tuple[Any, ...]]:
    (sheet,) = load_workbook(io.BytesIO(book)).worksheets
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"n", "s", "inlineStr", "b"}
    return list(sheet.iter_rows(values_only=True))


@pytest.mark.parametrize("name", TABLES)
def test_a_workbook_has_the_rows_and_values_of_the_csv(client: Client, release: Release, name: str) -> None:
    heading, *rows = cells(workbook(client, f"{name}/?format=xlsx"))
    text = content(client, f"{name}/?format=csv", **{"accept-language": "en"})
    expected = list(csv.DictReader(io.StringIO(text, newline="")))
    assert rows
    assert list(heading) == list(expected[0])
    types = {column.name: column.type for column in getattr(exports, name.capitalize()).table.columns}
    assert sorted(map(str, (as_csv(row, list(heading), types) for row in rows))) == sorted(map(str, expected))


def as_csv(row: tuple[Any, ...], heading: list[str], types: dict[str, str]) -> dict[str, str]:
    """A row of the workbook in the words of CSV; numbers must be numbers."""
    found = {}
    for name, value in zip(heading, row, strict=True):
        kind = types.get(name, "flag")
        if value is None:
            found[name] = ""
        elif kind == "flag":
            found[name] = {True: "true", False: "false"}[value]
        elif kind in ("integer", "share", "credits"):
            assert isinstance(value, int | float), (name, value)
            found[name] = {"integer": "{:d}", "share": "{:.6f}", "credits": "{:.1f}"}[kind].format(value)
        else:
            found[name] = value
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_any_text_arrives_but_for_what_xml_can_t_hold(db: None, rows: list[tuple[Any, ...]]) -> None:
    book = b"".join(sent(rows))
    assert ZipFile(io.BytesIO(book)).testzip() is None
    heading, *found = cells(book)
    assert heading == ("number", "one", "share", "two", "flag")
    assert [(number, one or None, share, two or None, flag) for number, one, share, two, flag in found] == [
        (number, kept(one), None if number is None else 0.25, kept(two), flag)
        for number, one, two, flag in rows
    ]


def kept(text: str | None) -> str | None:
    """Whether a cell is empty or has an empty text nobody sees."""
    return NOT_XML.sub("", text or "") or None


def sent(rows: list[tuple[Any, ...]]) -> Iterator[bytes]:
    pattern = streaming.pattern("table", COLUMNS, len(rows))
    with connection.cursor() as cursor:
        copied = []
        for row in rows:
            written = "SELECT %s::int8, %s::text, 0.25 * sign(%s::int8 + 1), %s::text, %s::bool::text"
            number, one, two, flag = row
            with cursor.copy(
                f"COPY ({written}) TO STDOUT ({streaming.COPIED})", (number, one, number, two, flag)
            ) as copy:
                copied += [bytes(piece) for piece in copy]
    return streaming.as_workbook(pattern, [streaming.as_markup(copied, pattern.row)])


def test_a_sheet_that_is_longer_than_the_old_form_of_zips_can_hold_arrives_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [(number, "x" * 600, "y" * 400, True) for number in range(20)]
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 20_000)  # instead of two gigabytes
    _heading, *found = cells(b"".join(sent(rows)))
    assert [(row[0], row[1], row[3], row[4]) for row in found] == rows


def test_what_excel_would_take_for_a_letter_by_its_number_stays_as_it_is() -> None:
    assert (
        streaming.as_markup([b"_x0041_ _x_ _xyz_\n"], b"<row>%b</row>")
        == b"<row>_x005F_x0041_ _x_ _xyz_</row>"
    )
    # COPY's \v, which can't stand in XML, is gone before.
    assert streaming.as_markup([b"_x00\\v41_\n"], b"<row>%b</row>") == b"<row>_x005F_x0041_</row>"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝"])
def test_what_begins_as_a_formula_does_stays_text(client: Client, release: Release, start: str) -> None:
    institution = Institution.objects.get(code="kaznu")
    title = f"{start}SUM(A1)"
    make_version(
        make_programme(institution, code="6B06151"),
        state="approved",
        lines=(
            {
                "ai_category": "core",
                "discipline": make_discipline(institution, title_en=title, title_kk="", title_ru=""),
            },
        ),
    )
    make_release()
    book = workbook(client, "disciplines/?programme=6B06151&fields=title_en&format=xlsx")
    assert [row[0] for row in cells(book)[1:]] == [title]


def test_the_heading_stays_in_sight_and_can_be_filtered_by(client: Client, release: Release) -> None:
    book = load_workbook(
        io.BytesIO(workbook(client, "coverage/?dimension=region&fields=key,met&format=xlsx"))
    )
    sheet = book["coverage"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet["A1"].font.bold) == ("A2", "A1:C3", True)
    assert next(iter(sheet.iter_rows(values_only=True))) == ("key", "met", "demonstration")


def test_without_rows_there_is_the_heading(client: Client, release: Release) -> None:
    assert cells(workbook(client, "coverage/?key=nowhere&fields=key&format=xlsx")) == [
        ("key", "demonstration")
    ]


def test_a_table_that_is_longer_than_a_sheet_is_refused_with_the_remedy(
    client: Client, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "MOST_ROWS", 3)
    response = client.get("/api/v1/export/programmes/?format=xlsx", headers={"accept-language": "en"})
    (fault,) = response.json()["errors"]
    assert (response.status_code, fault["parameter"]) == (400, "format")
    assert "holds 3 rows, and these are 4" in fault["message"]
    assert "format=csv" in fault["message"]
    assert client.get("/api/v1/export/programmes/?format=csv").status_code == 200
    assert client.get("/api/v1/export/programmes/?format=xlsx&outcome=met").status_code == 200


def test_it_is_sent_in_pieces_while_rows_are_read(
    client: Client, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = workbook(client, "programmes/?format=xlsx")
    monkeypatch.setattr(exports, "PIECE", 1)
    response: Any = client.get("/api/v1/export/programmes/?format=xlsx", headers={"accept-language": "en"})
    pieces = list(response.streaming_content)
    assert len(pieces) > 4  # a row in each
    assert cells(b"".join(pieces)) == cells(whole)


def test_the_same_table_has_the_same_bytes(client: Client, release: Release) -> None:
    first, second = (workbook(client, "coverage/?dimension=nation&format=xlsx") for _time in range(2))
    assert first == second
