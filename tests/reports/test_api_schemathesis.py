"""Requests that nobody would think of, made up from the API's own schema: no 5xx, and no answer that breaks it."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application

from reports.api.serving import document
from reports.models import Release
from tests.factories import make_institution
from tests.made_up_requests import check, linked, made_up, plant, unbroken, walk

pytestmark = pytest.mark.django_db

schema = schemathesis.openapi.from_dict(linked(document()))
schema.app = get_wsgi_application()


@pytest.fixture
def server(release: Release) -> Iterator[None]:
    plant(make_institution(code="unreleased"))
    with unbroken():
        yield


@schema.parametrize()
@made_up(25)
def test_every_answer_is_as_the_schema_says(case: Any, server: None) -> None:
    # A cursor is what an earlier answer gave; anything else is refused, which no schema can tell; nor which releases
    # there are, nor the moment of the newest. Without them a request may be right that was made up to be wrong.
    taken_out = [case.query.pop(which, None) for which in ("cursor", "since", "as_at")]
    check(
        "without a key",
        case,
        case.call(),
        **({} if any(one is not None for one in taken_out) else {"checks": None}),
    )


def test_nor_do_answers_to_what_answers_have_said(server: None) -> None:
    walk(schema, "without a key, one after the other", scenarios=10)
