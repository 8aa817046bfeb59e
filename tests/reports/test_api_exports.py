"""Whole tables over the API: every row in one answer, streamed, the same as the pages of the list together."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from institutions.models import Institution
from reports.models import Release
from tests.factories import make_discipline, make_programme, make_version
from tests.reports.releases import make_release
from tests.reports.walking import walk

pytestmark = pytest.mark.django_db

TABLES = ("coverage", "indicators", "programmes", "disciplines")


def content(client: Client, address: str, **headers: str) -> str:
    response: Any = client.get(f"/api/v1/export/{address}", headers=headers or None)
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content).decode()


def listed(client: Client, name: str) -> list[dict[str, Any]]:
    return list(walk(client, f"{name}/?page_size=3", **{"accept-language": "en"}))


def in_order(rows: Iterable[Any]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


@pytest.mark.parametrize("name", TABLES)
def test_an_export_has_the_rows_of_all_pages(client: Client, release: Release, name: str) -> None:
    lines = content(client, f"{name}/", **{"accept-language": "en"}).splitlines()
    assert lines
    assert in_order(json.loads(line) for line in lines) == in_order(listed(client, name))


@pytest.mark.parametrize("name", TABLES)
def test_an_export_as_csv_says_the_same_as_the_list_as_csv(
    client: Client, release: Release, name: str
) -> None:
    english = {"accept-language": "en"}
    whole = csv.DictReader(io.StringIO(content(client, f"{name}/?format=csv", **english)))
    page = client.get(f"/api/v1/{name}/?format=csv", headers=english).content.decode()
    assert in_order(whole) == in_order(csv.DictReader(io.StringIO(page, newline="")))


def test_an_export_can_be_narrowed_as_its_list(client: Client, release: Release) -> None:
    lines = content(client, "programmes/?outcome=met&fields=code,outcome").splitlines()
    assert [json.loads(line) for line in lines] == [{"code": "6B06101", "outcome": "met"}]
    refused = client.get("/api/v1/export/programmes/?outcome=perhaps")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "outcome")
    assert client.get("/api/v1/export/programmes/?cursor=1").status_code == 400


@pytest.mark.parametrize("version", [160_000, 180_000])
def test_letters_that_copy_would_escape_arrive_as_they_are_whatever_the_server(
    client: Client, release: Release, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    monkeypatch.setattr(connections["default"], "pg_version", version)
    hard = 'back\\slash "quoted", comma\nline \u2028 Қазақ 😀'
    programme = make_programme(Institution.objects.get(code="kaznu"), code="6B06150", title_kk=hard)
    make_version(programme, state="approved")
    make_release()
    (line,) = content(client, "programmes/?code=6B06150&fields=title_kk").split("\n")[:-1]
    row = json.loads(line)
    assert row == {"title_kk": hard}
    text = content(client, "programmes/?code=6B06150&fields=title_kk&format=csv")
    assert [row["title_kk"] for row in csv.DictReader(io.StringIO(text, newline=""))] == [hard]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_no_cell_of_an_export_is_a_formula(client: Client, release: Release, start: str) -> None:
    institution = Institution.objects.get(code="kaznu")
    made = make_discipline(institution, title_en=f"{start}SUM(A1)", title_kk="", title_ru="")
    make_version(
        make_programme(institution, code="6B06151"),
        state="approved",
        lines=({"ai_category": "core", "discipline": made},),
    )
    make_release()
    text = content(client, "disciplines/?programme=6B06151&format=csv")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["title_en"].startswith("'") or not row["title_en"].startswith(start)


def test_an_export_that_is_known_already_is_not_sent_again(client: Client, release: Release) -> None:
    first = client.get("/api/v1/export/coverage/")
    assert 'filename="qamtu-1-coverage.ndjson"' in first["Content-Disposition"]
    assert client.get("/api/v1/export/coverage/", headers={"if-none-match": first["ETag"]}).status_code == 304
    head: Any = client.head("/api/v1/export/coverage/")
    assert (head.status_code, head.getvalue()) == (200, b"")
