"""An address that goes is announced long before: by header, in the schema, in the changelog."""

import json
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from institutions.api.base import ApiView
from institutions.api.deprecations import Deprecation


class Leaving(ApiView):
    """The only address that is ever deprecated here: an example."""

    authentication_classes = ()
    permission_classes = ()
    deprecation = Deprecation(date(2030, 1, 1), date(2031, 1, 1), "/api/v2/example/")

    @extend_schema(operation_id="leaving", responses={200: str})
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse("still here", headers={"Link": '</next>; rel="next"'})


urlpatterns = [path("api/v1/example/", Leaving.as_view())]


@pytest.mark.urls(__name__)
def test_each_answer_says_since_when_until_when_and_what_comes_instead(client: Client) -> None:
    response = client.get("/api/v1/example/")
    assert (response.status_code, response["Deprecation"]) == (200, "@1893456000")
    assert response["Sunset"] == "Wed, 01 Jan 2031 00:00:00 GMT"
    assert response["Link"] == '</next>; rel="next", </api/v2/example/>; rel="successor-version"'


@pytest.mark.urls(__name__)
def test_a_refusal_says_it_as_well(client: Client) -> None:
    response = client.post("/api/v1/example/")
    assert (response.status_code, response["Deprecation"]) == (405, "@1893456000")


def test_the_schema_marks_it() -> None:
    made: dict[str, Any] = SchemaGenerator(patterns=urlpatterns).get_schema(public=True)
    assert made["paths"]["/api/v1/example/"]["get"]["deprecated"] is True, json.dumps(made["paths"])


def test_an_address_stays_for_a_year_after_its_end_is_announced() -> None:
    with pytest.raises(ValueError, match="365 days"):
        Deprecation(date(2030, 1, 1), date(2030, 6, 1), "/api/v2/example/")


def test_the_changelog_names_every_address_that_goes() -> None:
    changelog = (settings.BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8")
    leaving = [address for address, view in addresses(get_resolver().url_patterns) if view.deprecation]
    assert [address for address in leaving if address not in changelog] == []


def addresses(patterns: Any, before: str = "/") -> list[tuple[str, type[ApiView]]]:
    found = []
    for one in patterns:
        address = f"{before}{one.pattern}"
        if isinstance(one, URLResolver):
            found += addresses(one.url_patterns, address)
        elif isinstance(one, URLPattern):
            view = getattr(one.callback, "view_class", None)
            if isinstance(view, type) and issubclass(view, ApiView):
                found.append((address, view))
    return found


def test_the_addresses_of_the_api_are_looked_at() -> None:
    assert len(addresses(get_resolver().url_patterns)) > 20
