"""A new address fails until docs/permissions.md says who may do what there: the control of the matrices beside.

What they try is taken from the URL configuration each time, and compared with the document line by line.
"""

import sys
from types import ModuleType
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import urlpatterns
from tests.curricula.test_foreign_addresses import other_addresses
from tests.reports.permissions import below, compare, table

NEW = "one-more"


def answers(_request: HttpRequest, **_named: str) -> HttpResponse:
    return HttpResponse("What nobody has thought about.")


@pytest.fixture
def added(settings: Any, monkeypatch: pytest.MonkeyPatch, route: str) -> None:
    """The program with one address more."""
    urls: Any = ModuleType("tests.one_more_address")
    urls.urlpatterns = [path(route, answers, name=NEW), *urlpatterns]
    monkeypatch.setitem(sys.modules, urls.__name__, urls)
    settings.ROOT_URLCONF = urls.__name__


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize(
    ("route", "heading", "column"),
    [
        ("api/v1/own/more/<slug:code>/", "The API of a university's own", "read"),
        ("en/workspace/<slug:code>/more/", "The workspace", "viewer"),
        ("api/v1/more/", "Other addresses", "open to"),
        ("api/v2/own/more/", "Other addresses", "open to"),
    ],
)
def test_an_address_without_a_line_in_the_document_fails(heading: str, column: str) -> None:
    tried = {
        "The API of a university's own": set(below("api/v1/own/")),
        "The workspace": set(below("en/workspace/<", "en/evidence/")),
        "Other addresses": {name for name, _where in other_addresses()},
    }[heading]
    as_written = {name: cells[column] for name, cells in table(heading).items()}
    assert tried == {*as_written, NEW}
    compare(heading, column, as_written)
    with pytest.raises(AssertionError, match=f"{NEW}: written: no line; answered: anything"):
        compare(heading, column, {**as_written, NEW: "anything"})
