"""Messages to universities' systems are as the schema says: no member more, none less, each of its type."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from django.conf import settings as configured

from curricula import reviewing
from institutions.models import User, Webhook, WebhookDelivery
from institutions.webhooks import announcing
from institutions.webhooks.delivering import deliver_outstanding
from reports.announcing import announce_releases
from reports.api.serving import document
from tests.factories import make_institution, make_programme, make_submission, make_version
from tests.reports.releases import make_country, make_release
from tests.webhooks import Receiver, make_webhook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def schema_of(event: str, *, of: str = "body") -> dict[str, Any]:
    """By which a message is judged: with all that it refers to, and strict about members."""
    told = document()["webhooks"][event]["post"]
    if of == "headers":
        named = {one["name"]: one["schema"] for one in told["parameters"]}
        return {"type": "object", "properties": named, "required": list(named)}
    body = told["requestBody"]["content"]["application/json"]["schema"]
    components = json.loads(json.dumps(document()["components"]))
    for name, schema in components["schemas"].items():
        if name.endswith("Message") or name.startswith(("Told", "PingData")):
            schema["additionalProperties"] = False
    return {**body, "components": components}


def judge(event: str, content: Any) -> None:
    validator = jsonschema_rs.Draft202012Validator(schema_of(event), validate_formats=True)
    assert [error.message for error in validator.iter_errors(content)] == []


def test_every_event_is_described_with_an_example_that_is_one() -> None:
    assert set(document()["webhooks"]) == {*Webhook.Event.values, WebhookDelivery.PING}
    for event, webhook in document()["webhooks"].items():
        told = webhook["post"]["requestBody"]["content"]["application/json"]
        for example in told["examples"].values():
            judge(event, example["value"])
        assert webhook["post"]["summary"]
        headers = {one["name"]: one["example"] for one in webhook["post"]["parameters"]}
        assert jsonschema_rs.is_valid(schema_of(event, of="headers"), headers)


def test_what_is_really_sent_is_as_described(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reviewer: User
) -> None:
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    kaznu = make_institution(code="kaznu")
    with Receiver(tmp_path) as receiver:
        monkeypatch.setenv("SSL_CERT_FILE", str(receiver.authority))
        webhook = make_webhook(kaznu, address=receiver.address)
        make_country((kaznu, "6B06101", "met"))
        first = make_release()
        make_release(corrects=first, correction_reason="A programme was counted twice")
        drafts = [make_version(make_programme(kaznu, code=f"7M0610{n}")) for n in (1, 2)]
        submission = make_submission(kaznu, versions=drafts)
        reviewing.return_for_correction(version=drafts[0], by=reviewer, reason="No evidence")
        ids = [drafts[1].pk]
        reviewing.approve_all(submission=submission, by=reviewer, seen_version_ids=ids, with_staff=True)
        announce_releases()
        announcing.ping(webhook)
        deliver_outstanding()
        told = receiver.told
    assert {one.content["type"] for one in told} == set(document()["webhooks"])
    for one in told:
        judge(one.content["type"], one.content)
        headers = {name.lower(): value for name, value in one.headers.items()}
        assert jsonschema_rs.is_valid(schema_of(one.content["type"], of="headers"), headers)
        assert configured.SITE_URL in json.dumps(one.content) or one.content["type"] == "ping"


def test_a_member_that_is_not_described_is_found() -> None:
    content = {
        "type": "ping",
        "timestamp": "2026-01-01T00:00:00Z",
        "data": {"institution": "x", "webhook": 1},
    }
    judge("ping", content)
    for wrong in (
        {**content, "more": 1},
        {**content, "data": {"institution": "x"}},
        {**content, "type": "pong"},
    ):
        with pytest.raises(AssertionError):
            judge("ping", wrong)
