"""In which format the API answers, by the parameter `format` and by the header `Accept`."""

import pytest
from django.test import Client

from reports.models import Release

pytestmark = pytest.mark.django_db

WANTED = [
    ("text/csv, application/json;q=0.5", "text/csv"),
    ("application/json;q=0.1, text/csv", "text/csv"),
    ("application/json, text/csv;q=0.9", "application/json"),
    ("text/csv;q=0.2, */*;q=0.1", "text/csv"),
    ("*/*, application/json;q=0", "text/csv"),
    ("application/json; charset=utf-8", "application/json"),
    ("TEXT/CSV; header=present", "text/csv"),
    ("text/*", "text/csv"),
    ("text/html, image/gif, *; q=.2, */*; q=.2", "application/json"),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
    ("", "application/json"),
    ("application/json, application/json, application/json", "application/json"),
    ("text/csv;q=nonsense", "text/csv"),
]


@pytest.mark.parametrize(("accept", "given"), WANTED)
def test_what_is_wanted_most_is_given(client: Client, release: Release, accept: str, given: str) -> None:
    answer = client.get("/api/v1/coverage/", headers={"accept": accept})
    assert answer.status_code == 200
    assert answer["Content-Type"].partition(";")[0] == given


@pytest.mark.parametrize(
    "accept", ["application/json;q=0", "application/xml", "text", "q=1", ",;=,", "text/csv;q=0, text/csv;q=0"]
)
def test_what_nobody_wants_is_not_given(client: Client, release: Release, accept: str) -> None:
    answer = client.get("/api/v1/coverage/", headers={"accept": accept, "accept-language": "en"})
    assert answer.status_code == 406
    assert "text/csv" in answer.json()["detail"]


@pytest.mark.parametrize("address", ["coverage/", "export/coverage/", "institutions/kaznu/", "schema/"])
def test_the_parameter_goes_before_the_header(client: Client, release: Release, address: str) -> None:
    form, given = ("json", "application/json") if address == "schema/" else ("csv", "text/csv")
    answer = client.get(f"/api/v1/{address}?format={form}", headers={"accept": "application/xml"})
    assert answer.status_code == 200
    assert answer["Content-Type"].partition(";")[0] == given
