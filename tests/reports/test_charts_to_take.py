"""Each chart of each public page in every form: its drawing, its rows, and what others need to draw it again."""

import csv
import io
import json
import re
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import altair
import jsonschema  # type: ignore[import-untyped]
import openpyxl
import pytest
from django.test import Client

from reports.models import Coverage, Release
from tests.factories import make_institution, make_region
from tests.reports.releases import make_country, make_release

pytestmark = pytest.mark.django_db

PAGES = (
    "/",
    "/releases/1/",
    "/institutions/kaznu/",
    "/regions/KZ-75/",
    "/fields/06/",
    "/work/",
    "/compare/?institution=kaznu&institution=satbayev",
)
FORMS = {
    "svg": "image/svg+xml; charset=utf-8",
    "png": "image/png",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "vl.json": "application/vnd.vegalite.v6+json",
}
SCHEMA = Path(altair.__file__).parent / "vegalite/v6/schema/vega-lite-schema.json"


@pytest.fixture(scope="module")
def vega_lite() -> Any:
    return jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))


def offered(client: Client, address: str) -> list[str]:
    html = client.get(address).content.decode()
    found = re.findall(r'href="(\?[^"]*chart=[\w-]+&amp;as=[\w.]+)"', html)
    return [address.partition("?")[0] + query.replace("&amp;", "&") for query in found]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_each_chart_of_a_page_is_there_in_every_form(
    client: Client, release: Release, page: str, language: str, vega_lite: Any
) -> None:
    addresses = offered(client, f"/{language}{page}")
    assert addresses
    assert len(addresses) % len(FORMS) == 0
    for address in addresses:
        response = client.get(address)
        form = address.rpartition("as=")[2]
        assert response.status_code == 200, address
        assert response["Content-Type"] == FORMS[form]
        assert response["ETag"]
        name = response["Content-Disposition"]
        assert re.fullmatch(rf'attachment; filename="qamtu-1-{language}[\w-]*\.{re.escape(form)}"', name), (
            name
        )
        match form:
            case "svg":
                ElementTree.fromstring(response.content)  # noqa: S314
            case "png":
                width, height = struct.unpack(">II", response.content[16:24])
                assert width > 600
                assert height > 100
            case "vl.json":
                check_specification(json.loads(response.content), vega_lite)
            case "csv":
                assert list(csv.DictReader(io.StringIO(response.content.decode(), newline=""), strict=True))


def check_specification(chart: dict[str, Any], vega_lite: Any) -> None:
    """Valid, with its data inside, and it says what it found, from where, and how it may be used."""
    vega_lite.validate(chart)
    told = chart["usermeta"]
    assert " ".join(chart["title"]["text"]) == told["finding"]
    assert told["licence"]["name"] == "CC-BY-4.0"
    assert told["release"] == 1
    assert told["demonstration"] is False
    assert "Qamtu" in " ".join(chart["title"]["subtitle"])
    assert "url" not in json.dumps(chart["data"])


def test_a_specification_that_is_none_would_be_found(vega_lite: Any) -> None:
    assert not vega_lite.is_valid({"mark": "pie", "data": {"values": []}, "encoding": {}})


def test_the_rows_of_a_chart_are_those_of_the_release(client: Client, release: Release) -> None:
    answer = client.get("/en/releases/1/?release=1&chart=map&as=csv")
    rows = {row["key"]: row for row in csv.DictReader(io.StringIO(answer.content.decode(), newline=""))}
    stored = Coverage.objects.filter(snapshot=release.snapshot_id, dimension="region")
    assert set(rows) == {cell.key for cell in stored}
    for cell in stored:
        row = rows[cell.key]
        assert [int(row[name]) for name in ("in_scope", "met", "not_met", "no_data", "exempt")] == [
            cell.in_scope, cell.met, cell.not_met, cell.no_data, cell.exempt,
        ]  # fmt: skip


def test_every_form_of_the_rows_says_the_same(client: Client, release: Release) -> None:
    address = "/ru/?release=1&chart=universities&as="
    rows = list(csv.DictReader(io.StringIO(client.get(address + "csv").content.decode(), newline="")))
    document = json.loads(client.get(address + "json").content)
    book = openpyxl.load_workbook(io.BytesIO(client.get(address + "xlsx").content))
    header, *cells = book["chart"].iter_rows(values_only=True)
    assert [row["key"] for row in rows] == [row["key"] for row in document["rows"]]
    assert [row["met"] for row in rows] == [str(row["met"]) for row in document["rows"]]
    assert [row["met"] for row in rows] == [str(row[header.index("met")]) for row in cells]
    assert [row["share"] for row in rows] == [row["share"] or "" for row in document["rows"]]
    assert document["finding"]


PAYLOADS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "\x0b=1", "</script>")


def test_a_name_is_no_formula_and_no_markup_in_any_form(client: Client, release: Release) -> None:
    for number, payload in enumerate(PAYLOADS):
        names = dict.fromkeys(("name_kk", "name_ru", "name_en"), payload)
        region = make_region(f"KZ-{80 + number}", **names)
        make_country((make_institution(code=f"u{number}", region=region, **names), "6B06101", "met"))
    newer = make_release().number
    for chart, of in (("map", "KZ-8"), ("universities", "u")):
        address = f"/en/?release={newer}&chart={chart}&as="
        rows = list(csv.reader(io.StringIO(client.get(address + "csv").content.decode(), newline="")))
        assert {f"{of}{number}" for number in range(len(PAYLOADS))} <= {cell for row in rows for cell in row}
        for row in rows:
            assert not [cell for cell in row if cell and cell[0] in "=+-@\t\r\n＝"]
        book = openpyxl.load_workbook(io.BytesIO(client.get(address + "xlsx").content))
        kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
        assert kinds <= {"s", "n", "b", "d"}
        ElementTree.fromstring(client.get(address + "svg").content)  # noqa: S314
        assert client.get(address + "png").content.startswith(b"\x89PNG")
        assert json.loads(client.get(address + "vl.json").content)


@pytest.mark.parametrize(
    "query",
    ["chart=nothing", "chart=map&as=pdf", "chart=map&as=", "chart=%00", "chart=map&as=../svg", "chart=&as=svg",
     "chart=map&release=9", "chart=%ED%A0%80"],
)  # fmt: skip
def test_what_is_no_chart_is_not_found(client: Client, release: Release, query: str) -> None:
    assert client.get(f"/en/?{query}").status_code in (400, 404)


def test_a_chart_is_kept_by_its_address_like_the_page(client: Client, release: Release) -> None:
    address = "/en/?release=1&chart=map&as=png"
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"if-none-match": tag}).status_code == 304
    assert client.get("/en/?release=1&chart=map&as=csv")["ETag"] != tag


def test_a_drawing_of_a_page_is_that_of_the_files(client: Client, release: Release) -> None:
    """What is drawn on request and what was drawn with the release: one drawing, one specification."""
    for form, name in {"svg": "level-wide.svg", "png": "level.png", "vl.json": "level.vl.json"}.items():
        stored = bytes(release.files.get(name=name, language="ru").content)
        assert client.get(f"/ru/?release=1&chart=level&as={form}").content == stored
