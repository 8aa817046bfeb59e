"""A page for the tests of the wall: behind all of the program's middlewares it runs what a test gives it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from institutions.models import User

Asked = Callable[[], Any]
ASKED: list[Asked] = []
FOUND: list[Any] = []


def probe(request: HttpRequest) -> HttpResponse:
    str(request.user)  # as every page of the workspace does first
    FOUND.append(ASKED.pop()())
    return HttpResponse()


urlpatterns = [path("probe/", probe)]


def within_request(who: User | None, ask: Asked) -> Any:
    """What `ask` returns within a request of this person, None for a visitor."""
    client = Client()
    if who:
        client.force_login(who)
    ASKED.append(ask)
    assert client.get("/probe/").status_code == 200
    return FOUND.pop()
