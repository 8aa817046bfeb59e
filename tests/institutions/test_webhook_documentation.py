"""docs/webhooks.md: its snippet is run on real messages, and it names every event and every pause."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from institutions.models import User, Webhook, WebhookDelivery
from institutions.sending import PAUSES
from institutions.webhooks import managing, signing
from institutions.webhooks.delivering import deliver_outstanding
from tests.webhooks import Receiver, make_message, make_webhook

pytestmark = pytest.mark.django_db

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")


def verified(*args: Any, **kwargs: Any) -> bool:
    (snippet,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names: dict[str, Any] = {}
    exec(snippet, names)  # noqa: S102 - what readers copy
    return bool(names["verified"](*args, **kwargs))


def test_the_snippet_takes_what_we_send_and_nothing_else(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, signatory: User
) -> None:
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    with Receiver(tmp_path) as receiver:
        monkeypatch.setenv("SSL_CERT_FILE", str(receiver.authority))
        webhook = make_webhook(signatory.memberships.get().institution, address=receiver.address)
        old = signing.secret_of(webhook)
        managing.renew_secret(webhook=webhook, by=signatory)
        make_message(webhook)
        assert deliver_outstanding() == 1
        (told,) = receiver.told
    webhook.refresh_from_db()
    headers = dict(told.headers.items())
    for secret in (old, signing.secret_of(webhook)):
        assert verified(headers, told.body, secret)
        assert not verified(headers, told.body + b" ", secret)
        assert not verified({**headers, "webhook-id": "msg_other"}, told.body, secret)
        earlier = str(int(headers["webhook-timestamp"]) - 1)
        assert not verified({**headers, "webhook-timestamp": earlier}, told.body, secret)
    other = signing.secret_of(make_webhook())
    assert not verified(headers, told.body, other)
    assert not verified({**headers, "webhook-timestamp": "1"}, told.body, old)


def test_every_event_and_every_pause_is_named() -> None:
    named = set(re.findall(r"^\| `([a-z.]+)` \| (?!the number|when it was|one or two)", TEXT, re.MULTILINE))
    assert named == {*Webhook.Event.values, WebhookDelivery.PING}
    assert [pause.total_seconds() / 60 for pause in PAUSES] == [1, 5, 30, 120, 480, 960, 1440]
    assert "after 1, 5 and 30 minutes, 2, 8, 16 and 24 hours" in TEXT


def test_the_example_is_one() -> None:
    (example,) = re.findall(r'^    (\{"type".*?\}\})$', TEXT, re.DOTALL | re.MULTILINE)
    assert set(json.loads(example)) == {"type", "timestamp", "data"}
