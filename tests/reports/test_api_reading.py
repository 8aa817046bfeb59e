"""The public API as a visitor's program reads it."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from institutions.models import Institution
from reports import catalogue, tables
from reports.models import Release
from tests.reports.releases import make_country, make_release
from tests.reports.walking import walk

pytestmark = pytest.mark.django_db

LISTS = {
    "releases": tables.RELEASES,
    "coverage": tables.COVERAGE,
    "crossings": tables.CROSSINGS,
    "indicators": tables.INDICATORS,
    "programmes": tables.PROGRAMMES,
    "disciplines": catalogue.TABLE,
    "metadata": tables.METADATA,
    "movements": tables.MOVEMENTS,
    "exposure": tables.EXPOSURE,
    "institutions": tables.INSTITUTIONS,
    "regions": tables.REGIONS,
    "fields": tables.FIELDS,
    "requirements": tables.REQUIREMENTS,
    "reference-values": tables.REFERENCE_VALUES,
}
EXPORTS = ("coverage", "indicators", "programmes", "disciplines")
COVERAGE_COLUMNS = (
    "release, period, requirement, dimension, key, in_scope, met, not_met, no_data, exempt, "
    "share, share_of_reported"
)


def rows(client: Client, address: str, **headers: str) -> list[dict[str, Any]]:
    response = client.get(f"/api/v1/{address}", headers=headers or None)
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


def test_the_first_address_leads_to_all_others(client: Client, release: Release) -> None:
    addresses = client.get("/api/v1/").json()
    assert set(addresses) == {*LISTS, *(f"export-{name}" for name in EXPORTS), "own", "schema", "docs"}
    of_universities = addresses.pop("own")
    assert all(client.get(address).status_code == 200 for address in addresses.values())
    assert client.get(of_universities).status_code == 401


@pytest.mark.parametrize("name", LISTS)
def test_every_row_has_exactly_the_columns_of_its_table(client: Client, release: Release, name: str) -> None:
    found = rows(client, f"{name}/")
    assert found or name in ("reference-values", "movements")
    assert all(list(row) == LISTS[name].names for row in found)


def test_rows_of_coverage_have_the_columns_that_were_promised(client: Client, release: Release) -> None:
    assert ", ".join(rows(client, "coverage/?dimension=nation")[0]) == COVERAGE_COLUMNS


def test_the_nation_is_what_one_works_out_by_hand(client: Client, release: Release) -> None:
    (nation,) = rows(client, "coverage/?dimension=nation")
    assert nation == {
        "release": 1,
        "period": "2025",
        "requirement": nation["requirement"],
        "dimension": "nation",
        "key": "",
        "in_scope": 4,
        "met": 1,
        "not_met": 1,
        "no_data": 1,
        "exempt": 1,
        "share": "0.333333",
        "share_of_reported": "0.500000",
    }


def test_where_nothing_counts_there_is_no_share_rather_than_none_of_it(
    client: Client, release: Release
) -> None:
    (excused,) = rows(client, "coverage/?dimension=region&key=KZ-75")
    assert (excused["in_scope"], excused["exempt"], excused["share"]) == (1, 1, None)
    line = (
        client.get("/api/v1/coverage/?dimension=region&key=KZ-75&format=csv")
        .content.decode()
        .split("\r\n")[1]
    )
    assert line.endswith(",1,0,0,0,1,,,false")


def test_an_indicator_names_its_numerator_its_denominator_and_what_is_missing(
    client: Client, release: Release
) -> None:
    (indicator,) = rows(client, "indicators/?dimension=nation&indicator=programmes_meeting_mandate")
    assert (indicator["numerator"], indicator["denominator"], indicator["missing"]) == (1, 3, 1)


def test_each_programme_says_its_outcome_and_why(client: Client, release: Release) -> None:
    headers = {"accept-language": "en"}
    found = {row["code"]: row for row in rows(client, "programmes/", **headers)}
    assert {code: row["outcome"] for code, row in found.items()} == {
        "6B06101": "met",
        "6B06102": "not_met",
        "7M06103": "no_data",
        "8D10101": "exempt",
    }
    assert found["6B06101"]["reason"] == "1 AI discipline, 5 credits"
    assert found["6B06101"]["ai_credits"] == "5.0"
    assert "excused" in found["8D10101"]["reason"]
    assert found["6B06102"]["reason"] == "no accepted AI discipline among the approved lines"
    assert found["7M06103"]["reason"] == "no approved curriculum for 2025/26"
    counted = {code: (row["ai_disciplines"], row["ai_credits"]) for code, row in found.items()}
    assert (counted["6B06102"], counted["7M06103"]) == ((0, "0.0"), (None, None))  # none, and nobody knows


def test_an_institution_shows_its_coverage_its_indicators_and_its_former_names(
    client: Client, release: Release
) -> None:
    body = client.get("/api/v1/institutions/satbayev/").json()
    assert body["former_names"][0]["name_ru"] == "Политех"
    assert body["coverage"][0]["exempt"] == 1
    assert {row["indicator"] for row in body["indicators"]} >= {"institutions_with_ai", "faculty_trained"}


def test_a_release_lists_its_files_where_they_are(client: Client, release: Release) -> None:
    body = client.get("/api/v1/releases/1/").json()
    assert {"coverage.csv", "indicators.csv", "programmes.csv", "release.json"} <= {
        file["name"] for file in body["files"]
    }
    for file in body["files"]:
        answer = client.get(file["address"])
        assert (answer.status_code, len(answer.content)) == (200, file["bytes"]), file["name"]


@pytest.mark.parametrize("name", LISTS)
def test_csv_says_the_same_as_json(client: Client, release: Release, name: str) -> None:
    response = client.get(f"/api/v1/{name}/?format=csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = response.content.decode()
    assert not text.startswith("\ufeff")
    assert text.count("\n") == text.count("\r\n")
    as_csv = list(csv.DictReader(io.StringIO(text, newline="")))
    as_json = rows(client, f"{name}/")
    assert [{key: row[key] for key in LISTS[name].names} for row in as_csv] == [
        {key: in_csv(value) for key, value in row.items()} for row in as_json
    ]


def in_csv(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "|".join(value) if isinstance(value, list) else "" if value is None else str(value)


def test_accept_asks_for_csv_as_well(client: Client, release: Release) -> None:
    response = client.get("/api/v1/coverage/", headers={"accept": "text/csv"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "Accept" in response["Vary"]


def test_the_newest_release_is_read_unless_another_is_named(client: Client, release: Release) -> None:
    kaznu = Institution.objects.get(code="kaznu")
    make_country((kaznu, "6B06104", "met"))
    make_release()
    assert rows(client, "coverage/?dimension=nation")[0]["met"] == 2
    assert rows(client, "coverage/?dimension=nation&release=1")[0]["met"] == 1
    assert [row["met"] for row in rows(client, "coverage/?dimension=nation&release=all")] == [1, 2]
    assert rows(client, "institutions/?search=kaznu")[0]["met"] == 2
    assert rows(client, "institutions/?search=kaznu&release=1")[0]["met"] == 1
    assert client.get("/api/v1/institutions/kaznu/?release=1").json()["met"] == 1


def test_a_correction_and_what_it_corrects_name_each_other(client: Client, release: Release) -> None:
    make_release(corrects=release, correction_reason="One programme was counted twice.")
    newer, older = rows(client, "releases/")
    assert (newer["number"], newer["corrects"], newer["corrected_by"]) == (2, 1, None)
    assert (older["number"], older["corrects"], older["corrected_by"]) == (1, None, 2)


FILTERS = [
    ("programmes/?outcome=met", ["6B06101"]),
    ("programmes/?outcome=met&outcome=exempt", ["6B06101", "8D10101"]),
    ("programmes/?institution=kaznu&level=7M", ["7M06103"]),
    ("programmes/?region=KZ-75", ["8D10101"]),
    ("programmes/?kind=private", ["8D10101"]),
    ("programmes/?field=10", ["8D10101"]),
    ("programmes/?direction=061&level=7M", ["7M06103"]),
    ("programmes/?ai_disciplines_min=1", ["6B06101", "8D10101"]),
    ("programmes/?ai_credits_max=0.5", ["6B06102"]),
    ("programmes/?ai_disciplines_min=0&institution=kaznu", ["6B06101", "6B06102"]),
    ("programmes/?search=6b0610", ["6B06101", "6B06102"]),
    ("programmes/?ordering=-code&page_size=2", ["8D10101", "7M06103"]),
    ("institutions/?kind=private", ["satbayev"]),
    ("institutions/?region=KZ-71", ["kaznu"]),
    ("institutions/?search=ӘЛ-ФАРАБИ", ["kaznu"]),
    ("institutions/?search=политех", ["satbayev"]),
    ("institutions/?ordering=-code", ["satbayev", "kaznu"]),
    ("regions/?search=kz-7&ordering=-code", ["KZ-75", "KZ-71"]),
    ("fields/?kind=field", ["06", "10"]),
    ("fields/?parent=06", ["061"]),
]


@pytest.mark.parametrize(("address", "expected"), FILTERS)
def test_lists_are_narrowed_and_ordered(
    client: Client, release: Release, address: str, expected: list[str]
) -> None:
    assert [row["code"] for row in rows(client, address)] == expected


def test_coverage_is_found_by_its_share(client: Client, release: Release) -> None:
    low = rows(client, "coverage/?dimension=institution&share_max=0.4")
    assert [row["key"] for row in low] == ["kaznu"]
    by_share = rows(client, "coverage/?dimension=institution&ordering=-share")
    assert [row["key"] for row in by_share] == ["kaznu", "satbayev"]  # what has no share comes last


@pytest.mark.parametrize(
    "address",
    ["coverage/", "coverage/?ordering=-share", "coverage/?ordering=met", "programmes/?ordering=ai_disciplines",
     "indicators/?ordering=-missing", "institutions/", "fields/", "regions/?ordering=-name", "releases/",
     "requirements/?ordering=-effective_from"],
)  # fmt: skip
def test_pages_together_hold_every_row_once(client: Client, release: Release, address: str) -> None:
    whole = rows(client, address)
    joined = "&" if "?" in address else "?"
    assert list(walk(client, f"{address}{joined}page_size=1")) == whole


def test_pages_stay_with_their_release_while_a_newer_one_comes_out(client: Client, release: Release) -> None:
    before = rows(client, "coverage/")
    first = client.get("/api/v1/coverage/?page_size=1").json()
    make_country((Institution.objects.get(code="kaznu"), "6B06104", "met"))
    make_release()
    rest = list(walk(client, first["next"].removeprefix("http://testserver/api/v1/")))
    assert [*first["results"], *rest] == before


def test_the_next_page_is_named_in_a_header_too(client: Client, release: Release) -> None:
    response = client.get("/api/v1/coverage/?page_size=1&format=csv")
    address = response["Link"].removeprefix("<").removesuffix('>; rel="next"')
    assert client.get(address).content.decode().count("\r\n") == 2
