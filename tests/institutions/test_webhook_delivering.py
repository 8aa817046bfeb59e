"""Delivering: each message arrives, signed, and what does not is tried again, for two days and at nobody's cost."""

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from institutions.errors import Refused
from institutions.letters import worded
from institutions.models import Institution, Letter, User, Webhook, WebhookAttempt, WebhookDelivery
from institutions.sending import PAUSES
from institutions.webhooks import announcing, managing, signing
from institutions.webhooks.delivering import SILENT_FOR, deliver_outstanding, forget_old
from tests.at_once import at_once, beside
from tests.factories import make_institution, make_member
from tests.webhooks import Receiver, make_message, make_webhook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def receiver(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Receiver]:
    with Receiver(tmp_path) as receiver:
        settings.WEBHOOKS_TO_THIS_MACHINE = True
        monkeypatch.setenv("SSL_CERT_FILE", str(receiver.authority))
        yield receiver


@pytest.fixture
def webhook(receiver: Receiver, institution: Institution, signatory: User) -> Webhook:
    return make_webhook(institution, address=receiver.address, made_by=signatory)


def due_again() -> None:
    WebhookDelivery.objects.outstanding().update(next_try_at=timezone.now())
    Webhook.objects.update(rests_until=None)


def failing_for(webhook: Webhook, time: timedelta) -> None:
    Webhook.objects.filter(pk=webhook.pk).update(failing_since=timezone.now() - time)


def test_a_message_arrives_as_it_was_written_and_signed(receiver: Receiver, webhook: Webhook) -> None:
    message = make_message(webhook)
    receiver.status, receiver.words = 200, "алды\x00".encode()
    assert deliver_outstanding() == 1
    (told,) = receiver.told
    assert told.body.decode() == message.body
    assert told.id == message.message_id
    assert re.fullmatch("msg_[0-9a-f]{32}", told.id)
    assert told.headers["webhook-signature"] == told.signature(signing.secret_of(webhook))
    assert abs(int(told.headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    message.refresh_from_db()
    assert message.delivered_at
    attempt = message.attempts.get()
    assert (attempt.status, attempt.answer, attempt.failure) == (200, "алды", "")
    assert deliver_outstanding() == 0


def test_a_secret_is_32_bytes_sealed_and_in_no_history(institution: Institution, signatory: User) -> None:
    webhook = managing.add(
        institution=institution, address="https://sis.kaznu.kz/", events=Webhook.Event.values, by=signatory
    )
    secret = signing.secret_of(webhook)
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert secret not in str(Webhook.objects.values())
    (event,) = Webhook.pgh_event_model.objects.values()  # type: ignore[attr-defined]
    assert not {name for name in event if "secret" in name} - {"old_secret_until"}


def test_after_renewing_both_secrets_sign_for_a_day(
    receiver: Receiver, webhook: Webhook, signatory: User
) -> None:
    old = signing.secret_of(webhook)
    managing.renew_secret(webhook=webhook, by=signatory)
    webhook.refresh_from_db()
    new = signing.secret_of(webhook)
    assert new != old
    make_message(webhook)
    deliver_outstanding()
    (told,) = receiver.told
    assert told.headers["webhook-signature"].split(" ") == [told.signature(new), told.signature(old)]
    with pytest.raises(Refused, match="still signs until"):
        managing.renew_secret(webhook=webhook, by=signatory)
    Webhook.objects.update(old_secret_until=timezone.now())
    make_message(webhook)
    deliver_outstanding()
    assert receiver.told[1].headers["webhook-signature"] == receiver.told[1].signature(new)


def test_a_secret_sealed_under_another_key_is_told_and_sends_nothing(
    receiver: Receiver, webhook: Webhook, settings: Any
) -> None:
    message = make_message(webhook)
    settings.SECRET_KEY = "another" * 10
    assert deliver_outstanding() == 0
    assert receiver.told == []
    assert "Make a new one" in message.attempts.get().words


@pytest.mark.parametrize("status", [300, 301, 302, 307, 400, 404, 429, 500, 503])
def test_only_200_to_299_count_as_received(receiver: Receiver, webhook: Webhook, status: int) -> None:
    message = make_message(webhook)
    receiver.status, receiver.headers, receiver.words = (
        status,
        "Location: https://localhost:1/\r\n",
        b"w" * 900,
    )
    assert deliver_outstanding() == 0
    message.refresh_from_db()
    assert message.is_outstanding
    attempt = message.attempts.get()
    assert (attempt.status, attempt.answer) == (status, "w" * 500)
    assert str(status) in attempt.words
    assert ("elsewhere" in attempt.words) == (300 <= status < 400)


def test_what_fails_is_tried_again_later_and_later_under_the_same_number(
    receiver: Receiver, webhook: Webhook
) -> None:
    message = make_message(webhook)
    receiver.status = 500
    for number, pause in enumerate(PAUSES, start=1):
        assert deliver_outstanding() == 0
        message.refresh_from_db()
        assert len(receiver.told) == message.tries == number
        assert timedelta() < message.next_try_at - timezone.now() <= pause
        due_again()
    receiver.status = 204
    assert deliver_outstanding() == 1
    assert {told.id for told in receiver.told} == {message.message_id}
    assert {told.body for told in receiver.told} == {message.body.encode()}
    assert message.attempts.count() == len(PAUSES) + 1
    webhook.refresh_from_db()
    assert (webhook.failing_since, webhook.rests_until, webhook.state) == (None, None, "on")


def test_after_two_days_it_is_given_up_the_webhook_paused_and_its_signatories_told(
    receiver: Receiver, webhook: Webhook, institution: Institution, signatory: User, editor: User
) -> None:
    make_member(institution, "signatory", language="ru")
    message, other = make_message(webhook, tries=len(PAUSES)), make_message(webhook)
    receiver.status = 500
    failing_for(webhook, SILENT_FOR)
    deliver_outstanding()
    message.refresh_from_db()
    webhook.refresh_from_db()
    assert message.given_up_at
    assert webhook.state == "paused"
    letters = list(Letter.objects.order_by("language"))
    assert [(letter.kind, letter.language) for letter in letters] == [("webhook", "kk"), ("webhook", "ru")]
    assert editor.pk not in {letter.user_id for letter in letters}
    assert letters[0].parameters["address"] == webhook.address
    assert letters[1].path == f"/ru/workspace/kaznu/webhooks/{webhook.number}/"
    due_again()
    receiver.status = 204
    assert deliver_outstanding() == 0, "what waits is kept"
    managing.resume(webhook=webhook, by=signatory)
    assert deliver_outstanding() == 1
    assert {told.id for told in receiver.told[-1:]} == {other.message_id}


def test_a_message_that_is_given_up_while_others_arrive_pauses_nothing(
    receiver: Receiver, webhook: Webhook
) -> None:
    make_message(webhook, tries=len(PAUSES))
    failing_for(webhook, SILENT_FOR - timedelta(hours=1))
    receiver.status = 422
    deliver_outstanding()
    webhook.refresh_from_db()
    assert webhook.state == "failing"
    assert not Letter.objects.exists()


def test_who_answers_410_wants_no_more(receiver: Receiver, webhook: Webhook) -> None:
    message = make_message(webhook)
    receiver.status = 410
    deliver_outstanding()
    message.refresh_from_db()
    webhook.refresh_from_db()
    assert message.given_up_at
    assert webhook.paused_at
    Letter.objects.update(language="en")
    words = worded(Letter.objects.get())
    assert "(410)" in words.text
    assert "for days" not in words.text


def test_one_failure_keeps_the_rest_from_being_tried_at_once(receiver: Receiver, webhook: Webhook) -> None:
    for _number in range(5):
        make_message(webhook)
    receiver.status = 500
    assert deliver_outstanding() == 0
    assert len(receiver.told) == 1
    webhook.refresh_from_db()
    assert webhook.rests_until
    assert timedelta() < webhook.rests_until - timezone.now() <= timedelta(minutes=1)
    due_again()
    failing_for(webhook, timedelta(days=9))
    deliver_outstanding()
    webhook.refresh_from_db()
    assert timedelta(minutes=59) < webhook.rests_until - timezone.now() <= timedelta(hours=1)


def test_who_works_is_served_before_who_fails_and_all_in_turn(receiver: Receiver) -> None:
    failing = make_webhook(
        make_institution(), address=f"{receiver.address}&who=failing", failing_since=timezone.now()
    )
    busy = make_webhook(make_institution(), address=f"{receiver.address}&who=busy")
    quiet = make_webhook(make_institution(), address=f"{receiver.address}&who=quiet")
    for webhook in (failing, busy, busy, busy, quiet):
        make_message(webhook)
    assert deliver_outstanding() == 5
    order = [told.path.rpartition("=")[2] for told in receiver.told]
    assert order == ["busy", "quiet", "busy", "busy", "failing"]


def test_a_test_message_goes_out_at_once_and_once(
    receiver: Receiver, webhook: Webhook, signatory: User
) -> None:
    managing.pause(webhook=webhook, by=signatory)
    make_message(webhook)
    ping = managing.try_out(webhook=webhook, by=signatory)
    with pytest.raises(Refused, match="on its way"):
        managing.try_out(webhook=webhook, by=signatory)
    receiver.status = 500
    deliver_outstanding()
    (told,) = receiver.told
    assert told.content["type"] == "ping"
    assert told.content["data"] == {"institution": "kaznu", "webhook": 1}
    ping.refresh_from_db()
    webhook.refresh_from_db()
    assert ping.given_up_at
    assert webhook.failing_since is None, "it says nothing about the others"
    receiver.status = 200
    managing.send_again(delivery=ping, by=signatory)
    assert deliver_outstanding() == 1


@pytest.mark.parametrize("end", ["delivered_at", "given_up_at"])
def test_sent_again_it_is_the_same_message(
    receiver: Receiver, webhook: Webhook, signatory: User, end: str
) -> None:
    message = make_message(webhook, tries=8, **{end: timezone.now()})
    managing.send_again(delivery=message, by=signatory)
    assert deliver_outstanding() == 1
    assert receiver.told[0].id == message.message_id
    assert receiver.told[0].body.decode() == message.body
    message.refresh_from_db()
    assert (message.tries, message.given_up_at) == (1, None)


@pytest.mark.django_db(transaction=True)
def test_what_is_being_sent_is_neither_sent_again_nor_removed_meanwhile(
    webhook: Webhook, signatory: User
) -> None:
    message = make_message(webhook)

    def try_both() -> list[str]:
        said = []
        steps: list[Callable[[], None]] = [
            lambda: managing.send_again(delivery=message, by=signatory),
            lambda: managing.remove(webhook=webhook, by=signatory),
        ]
        for step in steps:
            with pytest.raises(Refused) as caught:
                step()
            said.append(caught.value.code)
        return said

    with transaction.atomic():
        WebhookDelivery.objects.select_for_update().get(pk=message.pk)
        assert at_once(try_both) == [["being_sent", "being_sent"]]
    managing.remove(webhook=webhook, by=signatory)
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_webhook_is_removed_while_something_is_announced_to_it_and_neither_fails(
    webhook: Webhook, signatory: User
) -> None:
    said: dict[str, Any] = {
        "event": "curricula.returned",
        "at": timezone.now(),
        "data": {},
        "webhooks": [webhook.pk],
    }

    @contextmanager
    def announced() -> Iterator[None]:
        with transaction.atomic():
            announcing.deliver(once="before", **said)
            yield

    removed = beside(lambda: managing.remove(webhook=webhook, by=signatory), meanwhile=announced())
    assert removed == [None]
    with transaction.atomic():
        announcing.deliver(once="after", **said)
    assert not WebhookDelivery.objects.exists()
    steps: list[Callable[..., object]] = [managing.remove, managing.renew_secret, managing.try_out]
    for step in steps:
        with pytest.raises(Refused, match="removed meanwhile"):
            step(webhook=webhook, by=signatory)


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_message_once(receiver: Receiver, webhook: Webhook) -> None:
    messages = [make_message(webhook) for _number in range(12)]
    receiver.slowness = 0.02
    sent = at_once(*[deliver_outstanding] * 3)
    assert sum(int(str(number)) for number in sent) == 12
    assert sorted(told.id for told in receiver.told) == sorted(message.message_id for message in messages)


def test_the_database_keeps_the_rules(institution: Institution, signatory: User) -> None:
    for number in range(1, 6):
        make_webhook(institution, number=number, address=f"https://sis.kaznu.kz/{number}", made_by=signatory)
    message = make_message(institution.webhooks.first())
    webhooks, messages = Webhook.objects.filter(number=1), WebhookDelivery.objects.filter(pk=message.pk)

    def attempt(**over: Any) -> WebhookAttempt:
        return WebhookAttempt(delivery=message, at=timezone.now(), duration_ms=1, **over)

    broken: dict[str, Callable[[], object]] = {
        "number_once": lambda: webhooks.update(number=2),
        "so_many": lambda: webhooks.update(number=6),
        "address_once": lambda: webhooks.update(address="https://sis.kaznu.kz/2"),
        "https": lambda: webhooks.update(address="http://sis.kaznu.kz/"),
        "has_events": lambda: webhooks.update(wants=[]),
        "has_secret": lambda: webhooks.update(secret=""),
        "old_secret_ends": lambda: webhooks.update(old_secret="sealed"),
        "webhookdelivery_once": lambda: make_message(message.webhook, once=message.once),
        "one_end": lambda: messages.update(delivered_at=timezone.now(), given_up_at=timezone.now()),
        "one_ping": lambda: [make_message(message.webhook, event="ping", once=str(n)) for n in range(2)],
        "answer_or_failure": lambda: attempt().save(),
    }
    for rule, breaks in broken.items():
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            breaks()
    with pytest.raises(IntegrityError, match="answer_or_failure"), transaction.atomic():
        attempt(status=200, failure="time").save()


def test_messages_are_forgotten_after_a_month() -> None:
    old = make_message(created_at=timezone.now() - timedelta(days=31))
    kept = make_message(old.webhook)
    forget_old()
    assert WebhookDelivery.objects.get() == kept
