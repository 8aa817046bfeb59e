"""A list tells the columns that are asked for, in the form that is asked for, whatever changes meanwhile."""

import io
import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from institutions.models import Institution
from reports import releasing, snapshots, tables, verifying
from reports.files import XLSX
from reports.models import Release
from tests.factories import make_earlier_period, make_programme, make_reviewer, make_version
from tests.reports.test_api_reading import LISTS
from tests.reports.walking import walk

pytestmark = pytest.mark.django_db


def ask(client: Client, address: str) -> Any:
    return client.get(f"/api/v1/{address}", headers={"accept-language": "en"})


def rows(client: Client, address: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(client, address).json()["results"]
    return found


@pytest.mark.parametrize("name", LISTS)
def test_any_column_can_be_asked_for_alone(client: Client, release: Release, name: str) -> None:
    whole = rows(client, f"{name}/")
    for column in LISTS[name].names:
        assert rows(client, f"{name}/?fields={column}") == [{column: row[column]} for row in whole], column


@settings(max_examples=25)
@given(names=st.lists(st.sampled_from(tables.PROGRAMMES.names), min_size=1))
def test_some_columns_are_these_columns_of_the_whole_in_its_order(
    client: Client, release: Release, names: list[str]
) -> None:
    found = rows(client, f"programmes/?fields={','.join(names)}")
    wanted = [name for name in tables.PROGRAMMES.names if name in names]
    assert [list(row.items()) for row in found] == [
        [(name, row[name]) for name in wanted] for row in rows(client, "programmes/")
    ]
    heading = (
        ask(client, f"programmes/?format=csv&fields={','.join(names)}").content.decode().split("\r\n")[0]
    )
    assert heading == ",".join([*wanted, "demonstration"])


def test_a_column_that_is_none_is_refused_with_those_that_are(client: Client, release: Release) -> None:
    response = ask(client, "coverage/?fields=key,colour")
    (fault,) = response.json()["errors"]
    assert (response.status_code, fault["parameter"]) == (400, "fields")
    assert "colour" in fault["message"]
    assert fault["allowed"] == tables.COVERAGE.names


def test_the_pages_of_some_columns_hold_every_row_once(client: Client, release: Release) -> None:
    found = list(walk(client, "programmes/?fields=code,reason&page_size=1"))
    assert sorted(row["code"] for row in found) == ["6B06101", "6B06102", "7M06103", "8D10101"]
    assert all(set(row) == {"code", "reason"} for row in found)


@pytest.mark.parametrize("name", LISTS)
def test_a_workbook_says_the_same_as_json(client: Client, release: Release, name: str) -> None:
    response = ask(client, f"{name}/?format=xlsx")
    assert response["Content-Type"] == XLSX
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    heading, *cells = book.get_sheet_by_name(name).to_python()
    assert heading[: len(LISTS[name].names)] == LISTS[name].names
    found = [dict(zip(heading, row, strict=True)) for row in cells]
    for row, expected in zip(found, rows(client, f"{name}/"), strict=True):
        for column in LISTS[name].columns:
            shown, value = row[column.name], expected[column.name]
            if column.type in ("integer", "share", "credits") and value is not None:
                assert shown == pytest.approx(float(value), abs=1e-9), column.name
            elif column.type not in ("date", "moment", "flag"):
                text = "|".join(value) if isinstance(value, list) else value or ""
                assert shown == text, column.name


def test_no_cell_of_a_workbook_is_a_formula(client: Client, release: Release) -> None:
    Institution.objects.filter(code="kaznu").update(name_en='=HYPERLINK("http://evil.example")')
    response = ask(client, "institutions/?format=xlsx&fields=code,name_en")
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    text = str(book.get_sheet_by_name("institutions").to_python())
    assert "=HYPERLINK" in text
    from zipfile import ZipFile

    with ZipFile(io.BytesIO(response.content)) as archive:
        assert b"<f>" not in b"".join(
            archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")
        )


def test_each_release_keeps_its_own_period(client: Client, release: Release) -> None:
    """What is the same for all rows of a release is put in by us and not looked up."""
    period = make_earlier_period()
    make_version(make_programme(Institution.objects.get(code="kaznu")), period=period, state="approved")
    snapshot = verifying.verify(snapshots.take(snapshots.request(period=period).pk).pk)
    assert snapshot.state == "verified", snapshot.differences
    made = releasing.release(snapshot=snapshot, by=make_reviewer(), confirmed_by=make_reviewer())
    releasing.prepare(made.pk)
    periods = {1: release.snapshot.period.code, made.number: period.code}
    assert {row["number"]: row["period"] for row in rows(client, "releases/")} == periods
    both = rows(client, "coverage/?release=all&dimension=nation")
    assert {row["release"]: row["period"] for row in both} == periods
    lines = b"".join(client.get("/api/v1/export/coverage/?release=all").streaming_content)  # type: ignore[attr-defined]
    found = [json.loads(line) for line in lines.splitlines()]
    assert {row["release"]: row["period"] for row in found} == periods
    lines = b"".join(ask(client, "export/programmes/?release=all").streaming_content)
    found = [json.loads(line) for line in lines.splitlines()]
    listed = rows(client, "programmes/?release=all")
    assert sorted(map(str, found)) == sorted(map(str, listed))  # with the reasons, which name the period


def test_words_and_days_narrow_as_codes_do(client: Client, release: Release) -> None:
    day = release.publish_at.date().isoformat()
    assert len(rows(client, "releases/?published_to=2100-01-01&published_from=2000-01-01")) == 1
    assert rows(client, "releases/?published_to=2000-01-01") == []
    assert ask(client, "releases/?published_from=soon").json()["errors"][0]["parameter"] == "published_from"
    assert rows(client, "requirements/?effective_on=1999-01-01") == []
    assert len(rows(client, f"requirements/?effective_on={day}&search=ai")) == 1
    assert [row["code"] for row in rows(client, "institutions/?code=kaznu")] == ["kaznu"]
    assert [row["key"] for row in rows(client, "metadata/?key=coverage")] == ["coverage"]


def test_ai_disciplines_say_who_teaches_them(client: Client, release: Release) -> None:
    found = rows(client, "disciplines/")
    assert {(row["institution"], row["programme"]) for row in found} == {
        ("kaznu", "6B06101"),
        ("satbayev", "8D10101"),
    }
    assert all(row["ai_category"] != "none" for row in found)
    of_kaznu = [row for row in found if row["institution"] == "kaznu"]
    category = of_kaznu[0]["ai_category"]
    assert rows(client, f"disciplines/?ai_category={category}&institution=kaznu&level=6B") == of_kaznu
    assert rows(client, "disciplines/?level=7M") == []
    assert rows(client, "disciplines/?area=none-of-them") == []
