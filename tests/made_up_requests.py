"""Requests that Schemathesis makes up from the API's own schema, and sends within the transaction of a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import schemathesis
from django.core import signals
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings

from curricula.api.describing_imports import KINDS


@schemathesis.serializer(*(kind for kind in KINDS if kind not in ("application/json", "text/csv")))
def as_it_is(_context: Any, body: Any) -> bytes:
    """What the API takes in as a file: any bytes at all."""
    return bytes(getattr(body, "data", b"") or str(body).encode())


def made_up(examples: int) -> settings:
    """So many requests of each operation, and those that its description shows."""
    return settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )


@contextmanager
def unbroken() -> Iterator[None]:
    """Requests within the test's transaction, which the end of each would otherwise cut off."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)
