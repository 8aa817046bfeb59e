"""Requests that nobody would think of, made up from the API's own schema: no 5xx, and no answer that breaks it."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings

from curricula.api.describing_imports import KINDS
from reports.api.serving import document
from reports.models import Release

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("QAMTU_API_EXAMPLES", "25"))  # of each operation; more for a long search


@schemathesis.serializer(*(kind for kind in KINDS if kind not in ("application/json", "text/csv")))
def as_it_is(_context: Any, body: Any) -> bytes:
    """What the API takes in as a file: any bytes at all."""
    return bytes(getattr(body, "data", b"") or str(body).encode())


schema = schemathesis.openapi.from_dict(document())
schema.app = get_wsgi_application()


@pytest.fixture
def server() -> Iterator[None]:
    """Requests within the test's transaction, which the end of each would otherwise cut off."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
def test_every_answer_is_as_the_schema_says(case: Any, release: Release, server: None) -> None:
    # A cursor is what an earlier answer gave; anything else is refused, which no schema can tell.
    case.query.pop("cursor", None)
    for which in ("since", "as_at"):  # nor which releases there are, nor the moment of the newest
        case.query.pop(which, None)
    case.call_and_validate()
