"""The API before there is much to read, and when there is a lot."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from curricula.models import Programme
from reports.reference import load_statements
from tests.deepest import Row, deepest, lists
from tests.factories import make_discipline, make_institution, make_version, three_titles
from tests.reports.releases import make_country, make_release

pytestmark = pytest.mark.django_db

MOST_QUERIES = 10


def test_a_page_holds_at_most_a_hundred_rows_however_many_are_asked_for(client: Client) -> None:
    for number in range(101):
        make_institution(code=f"u{number:03}")
    make_release()
    body = client.get("/api/v1/institutions/?page_size=100000").json()
    assert len(body["results"]) == 100
    assert len(client.get(body["next"]).json()["results"]) == 1


def test_by_every_parameter_at_once_a_list_costs_ten_queries_at_most(client: Client) -> None:
    """With all the values that each takes; and there is a row that meets it all."""
    load_statements()
    kaznu = make_institution(code="kaznu")
    make_country((kaznu, "6B06101", "met"), (kaznu, "6B06102", "no_data"))
    make_release()
    learning = make_discipline(kaznu, **three_titles("Machine learning"))
    lines = [{"ai_category": "core", "discipline": learning}]
    make_version(Programme.objects.get(code="6B06102"), state="approved", lines=lines)
    make_release()

    def ask(address: str) -> list[Row]:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content
        rows: list[Row] = answer.json()["results"]
        assert rows, address
        return rows

    costs = {}
    for name in lists():
        address = deepest(name, ask)
        with CaptureQueriesContext(connection) as queries:
            ask(address)
        costs[name] = len(queries)
    assert len(costs) >= 13
    assert {name: cost for name, cost in costs.items() if cost > MOST_QUERIES} == {}


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
