"""The pages for what went wrong."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from config.failures import failed
from config.urls import handler500


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [path("broken/", broken)]


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


@pytest.mark.django_db
def test_what_is_not_there_is_said_in_the_readers_language() -> None:
    response = Client().get("/en/nowhere/")
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()
    assert '<html lang="en">' in response.content.decode()
