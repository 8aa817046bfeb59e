"""Requests that nobody would think of, with a key that may do all: no 5xx, and no answer that breaks the schema."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application

from institutions.models import Institution
from reports.api.serving import document
from tests.api_keys import make_api_key
from tests.factories import make_discipline, make_institution, make_period, make_programme, make_version
from tests.made_up_requests import check, linked, made_up, plant, unbroken, walk

pytestmark = pytest.mark.django_db

schema = schemathesis.openapi.from_dict(linked(document())).include(path_regex="^/api/v1/own/")


def with_the_key(environ: dict[str, Any], start_response: Any) -> Any:
    """The program behind one that adds the key, whatever header of that name was made up."""
    return application({**environ, "HTTP_AUTHORIZATION": "Bearer qamtu_all"}, start_response)


application = get_wsgi_application()
schema.app = with_the_key


@pytest.fixture
def server(institution: Institution) -> Iterator[None]:
    make_api_key(institution, secret="qamtu_all")
    period = make_period()
    make_discipline(institution, code="AI101", title_en="Ours")
    make_version(make_programme(institution, code="6B06102", title_en="Ours"), period=period)
    plant(make_institution(code="satbayev"))
    with unbroken():
        yield


@schema.parametrize()
@made_up(15)
def test_every_answer_to_a_key_is_as_the_schema_says(case: Any, server: None) -> None:
    answer = case.call()
    assert answer.status_code != 401
    check("with a key", case, answer)


def test_nor_do_answers_to_what_answers_have_said(server: None) -> None:
    walk(schema, "with a key, one after the other", scenarios=20)
