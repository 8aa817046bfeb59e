"""Requests that nobody would think of, with a key that may do all: no 5xx, and no answer that breaks the schema."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from institutions.models import Institution
from reports.api.serving import document
from tests.api_keys import make_api_key
from tests.factories import make_discipline, make_institution, make_period, make_programme, make_version
from tests.made_up_requests import made_up, unbroken

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("QAMTU_API_EXAMPLES", "15"))  # of each operation; more for a long search
THEIRS = "Satbayev's own"

schema = schemathesis.openapi.from_dict(document()).include(path_regex="^/api/v1/own/")


def with_the_key(environ: dict[str, Any], start_response: Any) -> Any:
    """The program behind one that adds the key, whatever header of that name was made up."""
    return application({**environ, "HTTP_AUTHORIZATION": "Bearer qamtu_all"}, start_response)


application = get_wsgi_application()
schema.app = with_the_key


@pytest.fixture
def server(institution: Institution) -> Iterator[None]:
    make_api_key(institution, secret="qamtu_all")
    for whose in (institution, make_institution(code="satbayev")):
        title = {"title_en": "Ours" if whose == institution else THEIRS}
        make_discipline(whose, code="AI101", **title)
        make_version(make_programme(whose, code="6B06102", **title), period=make_period())
    with unbroken():
        yield


@schema.parametrize()
@made_up(EXAMPLES)
def test_every_answer_to_a_key_is_as_the_schema_says(case: Any, server: None) -> None:
    answer = case.call()
    assert answer.status_code != 401
    assert THEIRS not in answer.text
    case.validate_response(
        answer,
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )
