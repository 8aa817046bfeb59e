"""What the API refuses, and that it says why, where, and what would be right."""

from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from reports.models import Release

pytestmark = pytest.mark.django_db

# Address, and the parameter that is at fault in it.
BAD = [
    ("coverage/?dimension=planet", "dimension"),
    ("coverage/?dimension=region&dimension=planet", "dimension"),
    ("coverage/?key=%00", "key"),
    ("coverage/?key=KZ%2071", "key"),
    ("coverage/?key=%20", "key"),
    ("coverage/?key=06%0A", "key"),
    ("export/coverage/?key=%E3%80%80", "key"),
    ("crossings/?as_at=%20", "as_at"),
    ("coverage/?share_min=2", "share_min"),
    ("coverage/?share_min=-1", "share_min"),
    ("coverage/?share_min=NaN", "share_min"),
    ("coverage/?share_max=1e400", "share_max"),
    ("coverage/?share_max=Infinity", "share_max"),
    ("coverage/?ordering=password", "ordering"),
    ("coverage/?ordering=requirement__adopted_by__password", "ordering"),
    ("coverage/?ordering=met&ordering=share", "ordering"),
    ("coverage/?snapshot__release__released_by__email__startswith=a", None),
    ("coverage/?as_at__year=0", "as_at__year"),
    ("coverage/?as_at__year=999999", "as_at__year"),
    ("coverage/?as_at__year=-1", "as_at__year"),
    ("coverage/?page_size=0", "page_size"),
    ("coverage/?page_size=-5", "page_size"),
    ("coverage/?page_size=%D9%A3", "page_size"),
    ("coverage/?page_size=ten", "page_size"),
    ("coverage/?page_size=000", "page_size"),
    ("coverage/?cursor=abc", "cursor"),
    ("coverage/?cursor=%00", "cursor"),
    ("coverage/?format=xml", "format"),
    ("coverage/?format=", "format"),
    ("coverage/?release=newest", "release"),
    ("coverage/?release=-1", "release"),
    (f"coverage/?release={'9' * 5000}", "release"),
    ("coverage/?release=%D9%A3", "release"),
    ("institutions/?release=all", "release"),
    ("institutions/?requirement=%27%3B--", "requirement"),
    ("institutions/?region=%ED%A0%80", "region"),
    ("institutions/?search=%00", "search"),
    (f"institutions/?search={'a' * 101}", "search"),
    ("institutions/?kind=%00", "kind"),
    ("institutions/kaznu/?fields=name", "fields"),
    ("institutions/kaznu/?release=all", "release"),
    ("programmes/?level=9X", "level"),
    ("programmes/?ai_disciplines_min=99999999999999999999", "ai_disciplines_min"),
    ("programmes/?ai_disciplines_min=1.5", "ai_disciplines_min"),
    (f"programmes/?ai_credits_min={'9' * 5000}", "ai_credits_min"),
    ("programmes/?" + "&".join(f"code=6B{n:05}" for n in range(101)), "code"),
    ("indicators/?indicator=wealth", "indicator"),
]


@pytest.mark.parametrize(("address", "parameter"), BAD, ids=[address[:60] for address, _name in BAD])
def test_a_parameter_that_cannot_be_read_is_named_with_the_remedy(
    client: Client, release: Release, address: str, parameter: str | None
) -> None:
    response = client.get(f"/api/v1/{address}", headers={"accept-language": "en"})
    assert_problem(response, 400)
    body = response.json()
    assert len(body["errors"]) == 1
    assert body["errors"][0]["parameter"] == parameter or parameter is None
    assert body["errors"][0]["message"] in body["detail"]


def assert_problem(response: Any, status: int) -> None:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert response["Access-Control-Allow-Origin"] == "*"
    body = response.json()
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert body["title"]
    assert body["detail"]


def test_an_unknown_parameter_is_answered_with_the_known_ones(client: Client, release: Release) -> None:
    (fault,) = client.get("/api/v1/coverage/?dimenson=region").json()["errors"]
    assert fault["parameter"] == "dimenson"
    assert "dimension" in fault["allowed"]


def test_a_closed_list_is_answered_with_what_is_in_it(client: Client, release: Release) -> None:
    (fault,) = client.get("/api/v1/programmes/?outcome=maybe").json()["errors"]
    assert fault["allowed"] == ["met", "not_met", "no_data", "exempt"]


def test_all_faults_are_told_at_once(client: Client, release: Release) -> None:
    errors = client.get("/api/v1/programmes/?level=9X&kind=big").json()["errors"]
    assert {fault["parameter"] for fault in errors} == {"level", "kind"}


@pytest.mark.parametrize(
    "address",
    [
        "nothing/",
        "releases/2/",
        "releases/999999999999999999999/",
        f"releases/{'9' * 5000}/",
        "releases/two/",
        "institutions/nowhere/",
        "institutions/%00/",
        "institutions/%ED%A0%80/",
        "coverage/?release=2",
        "../v2/",
    ],
)
def test_what_is_not_there_is_a_problem_too(client: Client, release: Release, address: str) -> None:
    assert_problem(client.get(f"/api/v1/{address}"), 404)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", ["", "coverage/", "releases/1/", "institutions/kaznu/", "schema/"])
def test_nothing_can_be_written(client: Client, release: Release, address: str, method: str) -> None:
    hostile = {"data": '{"a": "\\u0000\\ud800", "b": ' + "[" * 3000, "content_type": "application/json"}
    response = getattr(client, method)(f"/api/v1/{address}", **hostile)
    assert_problem(response, 405)
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_a_format_that_we_have_not_is_refused(client: Client, release: Release) -> None:
    assert_problem(client.get("/api/v1/coverage/", headers={"accept": "application/xml"}), 406)


def test_an_address_without_its_slash_leads_on(client: Client, release: Release) -> None:
    response = client.get("/api/v1/coverage?dimension=region")
    assert (response.status_code, response["Location"]) == (308, "/api/v1/coverage/?dimension=region")


def test_problems_speak_the_language_of_the_caller(client: Client, release: Release) -> None:
    titles = {
        client.get("/api/v1/coverage/?x=1", headers={"accept-language": language})["Content-Language"]
        for language in ("kk", "ru", "en", "en-GB;q=0.5, ru;q=0.9", "de", "")
    }
    assert titles == {"kk", "ru", "en"}


def test_too_many_requests_are_told_when_to_come_back(
    client: Client, release: Release, settings: Settings
) -> None:
    cache.clear()
    settings.API_RATE = "3/min"
    for _number in range(3):
        assert client.get("/api/v1/coverage/").status_code == 200
    response = client.get("/api/v1/coverage/", headers={"x-forwarded-for": "203.0.113.7"})
    assert_problem(response, 429)
    assert 1 <= int(response["Retry-After"]) <= 61
    assert client.get("/api/v1/coverage/", REMOTE_ADDR="203.0.113.8").status_code == 200
    cache.clear()


INJECTIONS = [
    "' OR '1'='1",
    "'; DROP TABLE reports_release; --",
    '" OR ""="',
    "1) OR 1=1 --",
    "' UNION SELECT password FROM institutions_user --",
    "%' OR 1=1 --",
    "\\' OR 1=1 --",
    "$$; SELECT pg_sleep(5); $$",
    "%(release)s",
    "%s%s%s",
    "{0.__class__}",
    "_______",
    "%%%",
]


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize(
    "address", ["institutions/?search=", "programmes/?search=", "regions/?search=", "fields/?search="]
)
def test_what_is_searched_for_is_text_and_never_a_query(
    client: Client, release: Release, address: str, text: str
) -> None:
    response = client.get(f"/api/v1/{address}{quote(text)}")
    assert (response.status_code, response.json()["results"]) == (200, [])


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize(
    "address", ["coverage/?key=", "coverage/?requirement=", "programmes/?institution=", "fields/?parent="]
)
def test_a_code_that_is_none_is_refused_or_finds_nothing(
    client: Client, release: Release, address: str, text: str
) -> None:
    response = client.get(f"/api/v1/{address}{quote(text)}")
    assert response.status_code == 400 or response.json()["results"] == []
