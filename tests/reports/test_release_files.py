"""The files of a release: the same figures as everywhere, safe to open, and nothing that could change later."""

import csv
import gzip
import io
import json
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, IntegerField, Value
from django.test import Client
from hypothesis import example, given, settings
from hypothesis import strategies as st

from institutions.models import Institution, Region
from reports import files, tables
from reports.models import Release
from tests.factories import make_programme
from tests.reports.releases import make_release
from tests.reports.walking import walk

pytestmark = pytest.mark.django_db

REASONS = ["reason_kk", "reason_ru", "reason_en"]
TABLES = {"coverage": tables.COVERAGE, "indicators": tables.INDICATORS, "programmes": tables.PROGRAMMES}
FORMATS = ("csv", "xlsx", "json", "parquet")
LANGUAGES = {"kk": "Демонстрациялық деректер", "ru": "Демонстрационные данные", "en": "Demonstration data"}


def content(release: Release, name: str, language: str = "") -> bytes:
    return bytes(release.files.get(name=name, language=language).content)


def parsed(release: Release, name: str) -> list[dict[str, str]]:
    text = content(release, name).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_says_the_same_as_the_api(client: Client, release: Release, name: str) -> None:
    stored = list(TABLES[name].lookups())
    rows = parsed(release, f"{name}.csv")
    assert list(rows[0]) == [*stored, *(REASONS if name == "programmes" else []), "demonstration"]
    rows = [{column: row[column] for column in (*stored, "demonstration")} for row in rows]
    expected = [
        {column: "" if row[column] is None else str(row[column]) for column in stored}
        | {"demonstration": "false"}
        for row in walk(client, f"{name}/")
    ]
    assert sorted(map(str, rows)) == sorted(map(str, expected))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_programme_says_its_outcome_and_why_in_every_language(
    client: Client, release: Release, language: str
) -> None:
    listed = client.get("/api/v1/programmes/", headers={"accept-language": language}).json()["results"]
    expected = {row["code"]: row["reason"] for row in listed}
    assert len(set(expected.values())) == 4
    in_table = {row["code"]: row[f"reason_{language}"] for row in parsed(release, "programmes.csv")}
    document = json.loads(content(release, "release.json"))
    in_document = {row["code"]: row[f"reason_{language}"] for row in document["programmes"]}
    assert in_table == in_document == expected


def test_the_document_holds_every_table_and_what_it_was_made_by(client: Client, release: Release) -> None:
    document = json.loads(content(release, "release.json"))
    for name in TABLES:
        shown = [{key: row[key] for key in TABLES[name].lookups()} for row in walk(client, f"{name}/")]
        in_document = [{key: row[key] for key in row if key not in REASONS} for row in document[name]]
        assert sorted(map(str, in_document)) == sorted(map(str, shown))
    assert document["release"]["fingerprint"] == release.snapshot.fingerprint
    assert document["release"]["period"] == "2025"
    assert document["release"]["methodology_version"] == 1
    assert document["requirements"][0]["min_disciplines"] == 1
    assert document["licence"]["name"] == "CC-BY-4.0"
    assert document["demonstration"] is False
    assert set(document["citation"]) == set(LANGUAGES)


def test_the_package_describes_each_column_of_each_table(release: Release) -> None:
    package = json.loads(content(release, "datapackage.json"))
    for resource in package["resources"]:
        if resource["format"] != "csv":
            continue
        header = content(release, resource["path"]).decode().split("\r\n")[0]
        assert [field["name"] for field in resource["schema"]["fields"]] == header.split(",")
        assert all(field["description"] for field in resource["schema"]["fields"])


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_plain_csv(release: Release, name: str) -> None:
    table = content(release, f"{name}.csv")
    assert not table.startswith(b"\xef\xbb\xbf")
    assert table.endswith(b"\r\n")
    assert table.count(b"\n") == table.count(b"\r\n")


PAYLOADS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=HYPERLINK(\"http://x\")", "＝1", "＋1", "－1", "＠x",
    "=cmd|' /C calc'!A0", '"quoted", with a comma', "two\r\nlines", "Қамту – ÿ 漢", "'already",
]  # fmt: skip


def test_no_cell_is_a_formula_and_every_text_comes_back(client: Client, release: Release) -> None:
    called = {f"6B061{number}": payload for number, payload in enumerate(PAYLOADS, start=20)}
    kaznu = Institution.objects.get(code="kaznu")
    for code, payload in called.items():
        make_programme(kaznu, code=code, **dict.fromkeys(("title_kk", "title_ru", "title_en"), payload))
    newer = make_release()
    in_file = {row["code"]: row for row in parsed(newer, "programmes.csv")}
    for code, payload in called.items():
        api = client.get(f"/api/v1/programmes/?format=csv&code={code}").content.decode()
        (from_list,) = csv.DictReader(io.StringIO(api, newline=""), strict=True)
        for row in (in_file[code], from_list):
            for cell in row.values():
                assert not cell or cell[0].isalnum() or cell[0] in "'\"", cell
            # What was put before whatever opens a cell taken away again, as a reader would.
            text = re.sub(r"(^|[;\t\r\n])'(?=[=+@＝＋－＠\-\t\r\n])", r"\1", row["title_en"])
            assert text == payload


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chart_is_drawn_in_every_language_for_wide_and_narrow(release: Release, language: str) -> None:
    drawn = release.files.filter(language=language)
    assert {file.name for file in drawn} == {
        f"{name}{ending}"
        for name in ("map", "series", "field", "universities", "level", "kind")
        for ending in ("-wide.svg", "-narrow.svg", ".png", ".vl.json")
    }
    for file in drawn.filter(name__endswith=".svg"):
        root = ElementTree.fromstring(bytes(file.content))  # noqa: S314
        used = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not used & {"script", "a", "foreignObject", "image", "use"}
        assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]


def test_generated_data_say_so_in_every_file_in_its_language(release: Release, demonstration: None) -> None:
    newer = make_release()
    for name in TABLES:
        rows = parsed(newer, f"{name}.csv")
        assert rows
        assert {row["demonstration"] for row in rows} == {"true"}
    assert json.loads(content(newer, "release.json"))["demonstration"] is True
    assert json.loads(content(newer, "datapackage.json"))["demonstration"] is True
    for file in newer.files.filter(name__endswith=".svg"):
        text = " ".join(ElementTree.fromstring(bytes(file.content)).itertext())  # noqa: S314
        assert LANGUAGES[file.language] in text, (file.name, file.language)


def test_files_are_made_once(release: Release) -> None:
    before = list(release.files.order_by("pk").values_list("pk", "sha256"))
    files.make_files(release)
    assert list(release.files.order_by("pk").values_list("pk", "sha256")) == before
    with pytest.raises(IntegrityError), transaction.atomic():
        release.files.filter(name="coverage.csv").update(content=b"other")


def test_the_same_release_makes_the_same_files(release: Release) -> None:
    stored = {(file.name, file.language): bytes(file.content) for file in release.files.all()}
    again = {(made.name, made.language): made.content for made in files.contents(release)}
    assert again == stored


# Handing them out


def test_a_table_is_kept_a_drawing_is_looked_at_and_both_for_good(client: Client, release: Release) -> None:
    table = client.get("/ru/releases/1/files/coverage.csv")
    drawing = client.get("/ru/releases/1/files/map-wide.svg")
    assert table["Content-Disposition"] == 'attachment; filename="qamtu-1-coverage.csv"'
    assert drawing["Content-Disposition"] == 'inline; filename="qamtu-1-map-wide-ru.svg"'
    for response in (table, drawing):
        assert response.status_code == 200
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "unsafe" not in response["Content-Security-Policy"]
        assert "default-src 'none'" in response["Content-Security-Policy"]


def test_a_drawing_speaks_the_language_of_its_address(client: Client, release: Release) -> None:
    drawings = {client.get(f"/{code}/releases/1/files/field-wide.svg").content for code in LANGUAGES}
    assert len(drawings) == 3


def test_a_copy_is_known_by_the_digest_of_its_content(client: Client, release: Release) -> None:
    digest = release.files.get(name="coverage.csv").sha256
    address = "/kk/releases/1/files/coverage.csv"
    assert client.get(address)["ETag"] == f'"{digest}"'
    assert client.get(address, headers={"if-none-match": f'"{digest}"'}).status_code == 304


def test_a_large_file_travels_compressed(client: Client, release: Release) -> None:
    address = "/kk/releases/1/files/map-wide.svg"
    packed = client.get(address, headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == client.get(address).content


@pytest.mark.parametrize(
    "address",
    [
        "1/files/nothing.csv",
        "2/files/coverage.csv",
        "99999999999/files/coverage.csv",
        "1/files/%00",
        "1/files/..%2f",
    ],
)
def test_what_is_no_file_is_not_found(client: Client, release: Release, address: str) -> None:
    assert client.get(f"/kk/releases/{address}").status_code in (400, 404)


def test_one_dimension_of_the_table_can_be_kept_by_itself(client: Client, release: Release) -> None:
    response = client.get("/kk/releases/1/coverage-region.csv")
    assert response["Content-Disposition"] == 'attachment; filename="qamtu-1-region.csv"'
    rows = list(csv.DictReader(io.StringIO(response.content.decode(), newline="")))
    assert rows == [row for row in parsed(release, "coverage.csv") if row["dimension"] == "region"]


# Shares


def in_sql(part: int, whole: int) -> Any:
    queryset = Region.objects.annotate(
        met=Value(part, IntegerField()), whole=Value(whole, IntegerField())
    ).annotate(share=tables.as_text(tables.RoundedShare(F("met"), F("whole"))))
    return queryset.values_list("share", flat=True)[0]


@given(st.integers(1, 2**31 - 1).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
@example((1, 128))  # 0.0078125: a tie, whose even neighbour is lower
@example((3, 128))  # 0.0234375: a tie, whose even neighbour is higher
@example((1, 3))
@example((2**31 - 1, 2**31 - 1))
@example((2**31 - 2, 2**31 - 1))
@settings(max_examples=200)
def test_a_share_has_six_places_rounded_half_to_even(release: Release, parts: tuple[int, int]) -> None:
    part, whole = parts
    exact = round(Fraction(part, whole) * 1_000_000)  # Python rounds fractions half to even, exactly
    assert in_sql(part, whole) == f"{Decimal(exact) / 1_000_000:.6f}"


def test_nothing_to_divide_by_is_no_share(release: Release) -> None:
    assert in_sql(0, 0) is None
