"""Requests that nobody would think of, made up from the API's own schema: no 5xx, and no answer that breaks it."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application

from reports.api.serving import document
from reports.models import Release
from tests.made_up_requests import made_up, unbroken

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("QAMTU_API_EXAMPLES", "25"))  # of each operation; more for a long search


schema = schemathesis.openapi.from_dict(document())
schema.app = get_wsgi_application()


@pytest.fixture
def server() -> Iterator[None]:
    with unbroken():
        yield


@schema.parametrize()
@made_up(EXAMPLES)
def test_every_answer_is_as_the_schema_says(case: Any, release: Release, server: None) -> None:
    # A cursor is what an earlier answer gave; anything else is refused, which no schema can tell.
    case.query.pop("cursor", None)
    for which in ("since", "as_at"):  # nor which releases there are, nor the moment of the newest
        case.query.pop(which, None)
    case.call_and_validate()
