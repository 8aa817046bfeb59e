"""What browsers report of the policy: a line and a count each, and nothing that a stranger could make grow."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from prometheus_client import REGISTRY

from tests.security.test_headers import missing

OLD_FORM = {
    "csp-report": {
        "document-uri": "https://qamtu.example/kk/invitations/secret-of-an-invitation/?next=secret",
        "effective-directive": "script-src-elem",
        "blocked-uri": "https://evil.example/x.js?stolen=1",
        "line-number": 7,
    }
}
NEW_FORM = [
    {
        "type": "csp-violation",
        "body": {
            "documentURL": "https://u:word@qamtu.example/en/",
            "effectiveDirective": "img-src",
            "blockedURL": "inline",
        },
    }
] * 2


@pytest.fixture(autouse=True)
def nobody_has_reported() -> None:
    cache.clear()


def counted(directive: str) -> float:
    return REGISTRY.get_sample_value("qamtu_policy_violations_total", {"directive": directive}) or 0


def report(client: Client, body: Any, kind: str = "application/csp-report") -> Any:
    said = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/violations", said, content_type=kind)


def test_the_policy_names_the_address_in_both_ways(client: Client) -> None:
    answer = client.get("/healthz")
    policy = answer["Content-Security-Policy"].split("; ")
    assert {"report-uri /violations", "report-to violations"} < set(policy)
    assert answer["Reporting-Endpoints"] == 'violations="/violations"'


def test_a_report_is_a_line_without_secrets_and_a_count(client: Client, caplog: Any) -> None:
    before = counted("script-src"), counted("img-src")
    assert report(client, OLD_FORM).status_code == 204
    assert report(client, NEW_FORM, "application/reports+json").status_code == 204
    assert (counted("script-src"), counted("img-src")) == (before[0] + 1, before[1] + 2)
    assert "policy violated" in caplog.text
    assert "evil.example/x.js" in caplog.text
    assert "secret" not in caplog.text
    assert "stolen" not in caplog.text
    assert "word" not in caplog.text


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff", b"null", b"7", b'"x"', b"[]", b"[null, 3]", b'{"csp-report": 7}', b'{"csp-report": []}', b"{}",
        b"[" * 9000, b"1" * 9000,
        b'{"csp-report": {"document-uri": {}, "blocked-uri": "http://[", "line-number": [1]}}',
    ],
)  # fmt: skip
def test_whatever_else_is_sent_is_taken_without_a_fault(client: Client, body: bytes) -> None:
    assert report(client, body).status_code == 204


def test_directives_that_are_made_up_make_no_counters_of_their_own(client: Client) -> None:
    before = counted("other")
    for number in range(5):
        report(client, {"csp-report": {"effective-directive": f"made-up-{number}"}})
    assert counted("other") == before + 5
    assert not counted("made-up-0")


def test_large_and_frequent_reports_are_refused(client: Client, caplog: Any) -> None:
    assert report(client, b" " * (16 * 1024 + 1)).status_code == 413
    report(client, NEW_FORM * 1000)
    assert caplog.text.count("policy violated") <= 10
    answers = [report(client, OLD_FORM) for _number in range(40)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 10
    assert refused[0]["Retry-After"]


def test_it_is_only_sent_to_and_answers_with_the_headers_of_all(client: Client) -> None:
    assert client.get("/violations").status_code == 405
    assert [one for one in missing("", report(client, OLD_FORM)) if not one.startswith("Strict")] == []
