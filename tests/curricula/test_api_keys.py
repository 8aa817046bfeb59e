"""With which key one comes in to an institution's own addresses, and what is said to everybody else."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from institutions import keys
from institutions.models import Institution, User
from tests.api_keys import make_api_key

pytestmark = pytest.mark.django_db

OWN = "/api/v1/own/"


@pytest.fixture
def secret(institution: Institution, signatory: User) -> str:
    _key, secret = keys.make(institution=institution, name="Platonus", scopes=["read"], days=30, by=signatory)
    return secret


def asked(client: Client, secret: str, **headers: str) -> Any:
    return client.get(OWN, headers={"authorization": f"Bearer {secret}", "accept-language": "en", **headers})


def assert_refused(answer: Any, status: int, code: str) -> None:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    assert answer.json()["code"] == code
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_program_learns_whose_key_it_has_and_what_that_may_do(client: Client, secret: str) -> None:
    answer = asked(client, secret)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["institution"], body["key"]["name"], body["key"]["scopes"]) == (
        "kaznu", "Platonus", ["read"],
    )  # fmt: skip
    assert secret not in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer["Vary"]
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "header",
    ["Bearer ", "Bearer qamtu_x", "bearer qamtu_é", "Bearer \x7f", "Bearer " + "q" * 9999, "Bearer a b c"],
)
def test_a_wrong_key_is_told_how_to_ask_and_nothing_else(client: Client, secret: str, header: str) -> None:
    answer = client.get(OWN, headers={"authorization": header, "accept-language": "en"})
    assert_refused(answer, 401, "invalid_token")
    assert answer["WWW-Authenticate"] == 'Bearer realm="qamtu", error="invalid_token"'
    assert "kaznu" not in answer.content.decode().lower()


@pytest.mark.parametrize("headers", [{}, {"authorization": "Basic YTpi"}, {"authorization": ""}])
def test_without_a_key_nothing_but_the_realm_is_said(client: Client, headers: dict[str, str]) -> None:
    answer = client.get(OWN, headers=headers)
    assert_refused(answer, 401, "no_key")
    assert answer["WWW-Authenticate"] == 'Bearer realm="qamtu"'


def test_a_session_of_the_workspace_is_no_key(client: Client, signatory: User) -> None:
    client.force_login(signatory)
    assert_refused(client.get(OWN), 401, "no_key")


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_the_refusal_is_in_the_callers_language(client: Client, language: str) -> None:
    answer = client.get(OWN, headers={"accept-language": language})
    assert answer["Content-Language"] == language


def test_a_method_that_is_not_there_is_refused_with_those_that_are(client: Client, secret: str) -> None:
    headers = {"authorization": f"Bearer {secret}", "accept-language": "en"}
    full = make_api_key(Institution.objects.get(code="kaznu"), secret="qamtu_full")
    assert full.scopes
    answer = client.delete(OWN, headers={**headers, "authorization": "Bearer qamtu_full"})
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD, OPTIONS"
    asked_for = client.options(OWN, headers=headers)
    assert (asked_for.status_code, asked_for["Allow"]) == (204, "GET, HEAD, OPTIONS")


def test_a_key_without_the_scope_is_told_which_is_missing(client: Client, institution: Institution) -> None:
    make_api_key(institution, "write", secret="qamtu_w")
    answer = asked(client, "qamtu_w")
    assert_refused(answer, 403, "insufficient_scope")
    assert 'scope="read"' in answer["WWW-Authenticate"]
    assert "“read”" in answer.json()["detail"]


def test_one_key_may_ask_only_so_often(client: Client, institution: Institution, settings: Settings) -> None:
    settings.API_RATE = "3/min"
    cache.clear()
    for name in "ab":
        make_api_key(institution, secret=f"qamtu_{name}")
    for _number in range(3):
        assert asked(client, "qamtu_a").status_code == 200
    refused = client.get(OWN, headers={"authorization": "Bearer qamtu_a"}, REMOTE_ADDR="203.0.113.7")
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 61
    other = client.get(OWN, headers={"authorization": "Bearer qamtu_b"}, REMOTE_ADDR="203.0.113.8")
    assert other.status_code == 200
    cache.clear()


def test_who_guesses_is_braked_before_the_database_is_asked(
    client: Client, django_assert_num_queries: Any, settings: Settings
) -> None:
    settings.API_RATE = "3/min"
    cache.clear()
    assert [asked(client, f"qamtu_{number}").status_code for number in range(3)] == [401, 401, 401]
    with django_assert_num_queries(0):
        assert asked(client, "qamtu_3").status_code == 429
    cache.clear()
