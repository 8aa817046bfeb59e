"""The pages for what went wrong."""

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from config.failures import failed
from config.urls import handler500


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def without_a_database(request: HttpRequest) -> HttpResponse:
    raise OperationalError("the connection was closed: host=10.0.0.5")


urlpatterns = [path("broken/", broken), path("without/", without_a_database)]


def test_a_failure_gives_a_number_to_ask_by() -> None:
    assert handler500 == "config.failures.failed"
    request = RequestFactory().get("/broken/", QAMTU_REQUEST_ID="4f2a")
    shown = failed(request).content.decode()
    assert "4f2a" in shown
    assert all(word in shown for word in ("Ақау болды", "Произошёл сбой", "Something failed"))


@override_settings(ROOT_URLCONF="tests.config.test_failures")
def test_a_failure_tells_a_stranger_nothing_of_its_cause() -> None:
    response = Client(raise_request_exception=False).get("/broken/")
    assert response.status_code == 500
    assert "ZeroDivisionError" not in response.content.decode()


@override_settings(ROOT_URLCONF="tests.config.test_failures")
def test_while_the_database_does_not_answer_it_says_that_nothing_is_lost_and_when_to_come_back() -> None:
    response = Client(raise_request_exception=False).get("/without/")
    shown = response.content.decode()
    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (
        503,
        "60",
        "no-store",
    )
    assert all(
        words in shown for words in ("толық сақталды", "сохранено целиком", "saved whole or not at all")
    )
    assert "10.0.0.5" not in shown
    assert response["X-Request-ID"] in shown


@pytest.mark.django_db
def test_what_is_not_there_is_said_in_the_readers_language() -> None:
    response = Client().get("/en/nowhere/")
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()
    assert '<html lang="en">' in response.content.decode()


@pytest.mark.parametrize("host", ["somebody.else", "a b"])
def test_a_request_to_another_host_is_refused_in_the_form_of_who_asks(host: str) -> None:
    refused = Client(headers={"host": host}).get("/api/v1/coverage/", headers={"accept-language": "ru"})
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    assert refused.json()["status"] == 400
    page = Client(headers={"host": host}).get("/en/")
    assert page.status_code == 400
    assert "<h1>" in page.content.decode()
