"""A failure tells its number, and nothing of what failed; a request that makes no sense is no failure."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from config.urls import urlpatterns as real


def broken(request: HttpRequest) -> HttpResponse:
    raise DatabaseError(f"SELECT password FROM institutions_user; {settings.SECRET_KEY} in {__file__}")


def broken_by_sql(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column FROM institutions_user")
    return HttpResponse()


def wrongly_asked(request: HttpRequest) -> HttpResponse:
    secret_of_this_frame = settings.SECRET_KEY
    nothing: dict[str, str] = {}
    return HttpResponse(nothing[secret_of_this_frame])


urlpatterns = [
    path("en/broken/", broken),
    path("api/v1/broken/", broken),
    path("en/admin/broken/", wrongly_asked),
    path("en/workspace/broken/", broken_by_sql),
    *real,
]
handler500 = "config.failures.failed"

TELLING = re.compile(
    r"Traceback|File \"|\.py\b|SELECT|institutions_user|no_such_column|DatabaseError|KeyError|/tmp/|/home/"
    r"|site-packages|psycopg|django|postgres|SECRET_KEY|DATABASE_URL",
    re.IGNORECASE,
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/en/broken/", "/api/v1/broken/", "/en/admin/broken/", "/en/workspace/broken/"]
)
def test_a_failure_tells_its_number_and_nothing_else(address: str) -> None:
    with override_settings(ROOT_URLCONF="tests.security.test_failures"):
        answer = Client(raise_request_exception=False).get(address)
    shown = answer.content.decode()
    assert answer.status_code == 500
    assert settings.SECRET_KEY not in shown
    assert TELLING.findall(shown) == []
    assert answer["X-Request-ID"] in shown
    kind = "application/problem+json" if address.startswith("/api/") else "text/html; charset=utf-8"
    assert answer["Content-Type"] == kind
    assert (
        TELLING.findall(
            str({name: value for name, value in answer.headers.items() if "/static" not in value})
        )
        == []
    )


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "NONSENSE"])
def test_a_method_that_nobody_knows_is_no_failure(client: Client, method: str) -> None:
    for address in ("/en/sign-in/", "/api/v1/coverage/", "/api/v1/own/", "/healthz", "/violations"):
        answer = client.generic(method, address, headers={"x-secret": "echo-me"})
        assert answer.status_code < 500, address
        assert b"echo-me" not in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent",
    [
        {"HTTP_COOKIE": "sessionid=\x01; csrftoken=;;;===; django_language=../../etc"},
        {"HTTP_ACCEPT_LANGUAGE": "x" * 5000},
        {"HTTP_ACCEPT": "q=q=q;;;,/*"},
        {"HTTP_IF_NONE_MATCH": '"' * 999},
        {"HTTP_IF_MODIFIED_SINCE": "Mon, 99 Foo 99999 99:99:99"},
        {"HTTP_X_FORWARDED_FOR": "',;\x01" * 99},
        {"HTTP_RANGE": "bytes=5-1,,,-"},
        {"CONTENT_TYPE": "multipart/form-data; boundary=\x01"},
        {"HTTP_AUTHORIZATION": "Bearer " + "\xff" * 99},
    ],
    ids=lambda sent: next(iter(sent)),
)
def test_headers_that_make_no_sense_are_no_failure(client: Client, sent: dict[str, Any]) -> None:
    for address in (
        "/en/",
        "/en/sign-in/",
        "/api/v1/coverage/",
        "/api/v1/own/",
        "/static/qamtu.css",
        "/metrics",
    ):
        answer = client.get(address, **sent)
        b"".join(answer)  # a file that nobody reads to its end stays open
        assert answer.status_code < 500, address
    assert client.post("/en/sign-in/", b"--x", content_type="multipart/form-data; boundary=x", **{
        name: value for name, value in sent.items() if name != "CONTENT_TYPE"}).status_code < 500  # fmt: skip
