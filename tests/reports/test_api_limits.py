"""The API before there is much to read, and when there is a lot."""

import pytest
from django.test import Client

from tests.factories import make_institution
from tests.reports.releases import make_release

pytestmark = pytest.mark.django_db


def test_a_page_holds_at_most_a_hundred_rows_however_many_are_asked_for(client: Client) -> None:
    for number in range(101):
        make_institution(code=f"u{number:03}")
    make_release()
    body = client.get("/api/v1/institutions/?page_size=100000").json()
    assert len(body["results"]) == 100
    assert len(client.get(body["next"]).json()["results"]) == 1


def test_before_the_first_release_lists_are_empty_and_names_are_there(client: Client) -> None:
    make_institution(code="kaznu")
    assert all(
        client.get(f"/api/v1/{name}/").json()["results"] == []
        for name in ("releases", "coverage", "programmes")
    )
    assert [(row["code"], row["share"]) for row in client.get("/api/v1/institutions/").json()["results"]] == [
        ("kaznu", None)
    ]
