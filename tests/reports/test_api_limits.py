"""The API before there is much to read, and when there is a lot."""

from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from tests.factories import make_institution
from tests.reports.releases import make_country, make_release

pytestmark = pytest.mark.django_db


def test_a_page_holds_at_most_a_hundred_rows_however_many_are_asked_for(client: Client) -> None:
    for number in range(101):
        make_institution(code=f"u{number:03}")
    make_release()
    body = client.get("/api/v1/institutions/?page_size=100000").json()
    assert len(body["results"]) == 100
    assert len(client.get(body["next"]).json()["results"]) == 1


TYPED = (
    "1",
    "0",
    "true",
    "kaznu",
    "KZ-71",
    "nation",
    "met",
    "state",
    "06",
    "6",
    "kk",
    "core",
    "a",
    "2020-01-01",
)


@pytest.mark.parametrize("name", ["programmes", "institutions"])
def test_whatever_is_asked_for_together_costs_ten_queries_at_most(
    client: Client, name: str, django_assert_max_num_queries: Any
) -> None:
    make_country((make_institution(code="kaznu"), "6B06101", "met"))
    make_release()
    view = resolve(f"/api/v1/{name}/").func.cls()  # type: ignore[attr-defined]
    chosen = {"page_size": "100", "release": "1"}
    for parameter in {*view.parameters, *view.several} - {"cursor", "fields", "format", *chosen}:
        for value in TYPED:
            if client.get(f"/api/v1/{name}/", {parameter: value}).status_code == 200:
                chosen[parameter] = value
                break
    assert len(chosen) >= 6
    with django_assert_max_num_queries(10):
        assert client.get(f"/api/v1/{name}/", chosen).status_code == 200


def test_before_the_first_release_lists_are_empty_and_names_are_there(client: Client) -> None:
    make_institution(code="kaznu")
    assert all(
        client.get(f"/api/v1/{name}/").json()["results"] == []
        for name in ("releases", "coverage", "programmes")
    )
    assert [(row["code"], row["share"]) for row in client.get("/api/v1/institutions/").json()["results"]] == [
        ("kaznu", None)
    ]


def test_before_the_first_release_an_export_is_empty(client: Client) -> None:
    for table in ("coverage", "indicators", "programmes", "disciplines"):
        as_lines, as_csv = (
            client.get(f"/api/v1/export/{table}/?format={form}").getvalue() for form in ("ndjson", "csv")
        )
        assert as_lines == b""
        assert as_csv.startswith(b"release,")
        assert as_csv.count(b"\n") == 1


def test_rows_that_are_added_meanwhile_move_no_other_to_another_page(client: Client) -> None:
    for code in ("b", "d", "f", "h"):
        make_institution(code=code, name_kk=code, name_ru=code, name_en=code)
    make_release()
    first = client.get("/api/v1/institutions/?ordering=code&page_size=2&fields=code").json()
    make_institution(code="a", name_kk="a", name_ru="a", name_en="a")
    make_institution(code="g", name_kk="g", name_ru="g", name_en="g")
    second = client.get(first["next"]).json()
    assert [row["code"] for row in first["results"] + second["results"]] == ["b", "d", "f", "g"]
    last = client.get(second["next"]).json()
    assert ([row["code"] for row in last["results"]], last["next"]) == (["h"], None)
