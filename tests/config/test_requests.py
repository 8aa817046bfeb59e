"""What every request meets first."""

import json
import logging

import pytest
import structlog
from django.test import Client

POLICY = "default-src 'none'"


@pytest.mark.parametrize("path", ["/en/sign-in/%00", "/healthz?next=%00", "/kk/?q=a%00b"])
def test_what_the_database_cannot_hold_is_refused(client: Client, path: str) -> None:
    assert client.get(path).status_code == 400


def test_too_large_a_body_is_refused_before_it_is_read(client: Client) -> None:
    answer = client.post(
        "/healthz", b"x" * 100, content_type="text/plain", CONTENT_LENGTH=str(11 * 1024 * 1024)
    )
    assert answer.status_code == 413
    assert "10" in answer.content.decode()


@pytest.mark.django_db
def test_every_answer_has_its_policy_and_its_number(client: Client) -> None:
    for path in ("/healthz", "/kk/?q=%00", "/nowhere"):
        answer = client.get(path)
        assert POLICY in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert len(answer["X-Request-ID"]) == 32
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_failure_is_logged_with_its_cause() -> None:
    formatters = [handler.formatter for handler in logging.getLogger().handlers]
    formatter = next(one for one in formatters if isinstance(one, structlog.stdlib.ProcessorFormatter))
    try:
        raise ValueError("the cause")
    except ValueError as error:
        cause = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "failed: %s", ("/en/",), cause)
    line = json.loads(formatter.format(record))
    assert line["event"] == "failed: /en/"
    assert line["level"] == "error"
    assert "the cause" in line["exception"]
