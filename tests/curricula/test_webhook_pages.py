"""The pages of webhooks: everybody of the university sees them, its signatories change them."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from institutions.models import Institution, User, Webhook, WebhookAttempt, WebhookDelivery
from institutions.webhooks import signing
from tests.webhooks import make_message, make_webhook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "period")]

SAID = {"address": "https://sis.kaznu.kz/qamtu", "description": "Platonus", "events": ["curricula.returned"]}


def at(name: str, *args: Any) -> str:
    return reverse(name, args=["kaznu", *args])


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def webhook(institution: Institution, signatory: User) -> Webhook:
    return make_webhook(institution, made_by=signatory)


@pytest.fixture
def message(webhook: Webhook) -> Any:
    return make_message(webhook)


def test_before_there_is_one_the_page_says_what_for_and_who(
    client: Client, signatory: User, editor: User
) -> None:
    client.force_login(editor)
    assert "A signatory can add one" in text(client.get(at("webhooks")))
    client.force_login(signatory)
    assert "Add a webhook" in text(client.get(at("webhooks")))


def test_a_signatory_adds_one_and_is_led_to_secret_and_test(
    client: Client, signatory: User, institution: Institution
) -> None:
    client.force_login(signatory)
    page = text(client.post(at("webhook-new"), SAID, follow=True))
    for words in ("The webhook is added", "https://sis.kaznu.kz/qamtu", "Platonus", "Send a test message"):
        assert words in page
    webhook = institution.webhooks.get()
    secret = signing.secret_of(webhook)
    assert secret not in page
    assert secret not in text(client.get(at("webhook-secret", 1)))
    assert secret in text(client.post(at("webhook-secret", 1), {"show": ""}))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"address": "http://sis.kaznu.kz/"}, "begins with https://"),
        ({"address": "https://127.0.0.1/"}, "not a public one"),
        ({"address": "https://sis.kaznu.kz:22/"}, "can’t be used|can&#x27;t be used"),
        ({"address": ""}, "required"),
        ({"address": "https://sis.kaznu.kz/" + "a" * 600}, "500"),
        ({"events": []}, "at least one event"),
        ({"events": ["something.else"]}, "something.else"),
    ],
)
def test_what_can_not_be_is_refused_with_the_remedy_and_stays_typed(
    client: Client, signatory: User, wrong: Any, words: str
) -> None:
    client.force_login(signatory)
    page = client.post(at("webhook-new"), {**SAID, **wrong})
    assert page.status_code == 422
    assert re.search(words, text(page))
    assert "Platonus" in text(page)
    assert not Webhook.objects.exists()


def test_there_are_five_at_most_each_address_once(
    client: Client, signatory: User, institution: Institution
) -> None:
    client.force_login(signatory)
    for number in range(5):
        client.post(at("webhook-new"), {**SAID, "address": f"https://sis.kaznu.kz/{number}"})
    assert "already" in text(client.post(at("webhook-new"), SAID))
    assert institution.webhooks.count() == 5
    assert "as many as there can be" in text(client.get(at("webhooks")))
    client.post(at("webhook-remove", 2))
    twice = client.post(at("webhook-new"), {**SAID, "address": "https://sis.kaznu.kz/0"})
    assert twice.status_code == 422
    client.post(at("webhook-new"), SAID)
    assert institution.webhooks.get(number=2).address == SAID["address"]


def test_it_is_changed_paused_resumed_renewed_and_removed(
    client: Client, signatory: User, webhook: Webhook
) -> None:
    client.force_login(signatory)
    assert webhook.address in text(client.get(at("webhook-edit", 1)))
    client.post(at("webhook-edit", 1), SAID)
    webhook.refresh_from_db()
    assert (webhook.address, webhook.wants) == (SAID["address"], ["curricula.returned"])
    assert "is paused" in text(client.post(at("webhook-pause", 1), follow=True))
    assert "is on" in text(client.post(at("webhook-resume", 1), follow=True))
    old = signing.secret_of(webhook)
    assert old not in text(client.post(at("webhook-secret", 1), {"renew": ""}))
    assert "still signs until" in text(client.post(at("webhook-secret", 1), {"renew": ""}))
    client.get(at("webhook-remove", 1))
    assert Webhook.objects.exists()
    assert "Nothing is sent to" in text(client.post(at("webhook-remove", 1), follow=True))
    assert not Webhook.objects.exists()


CHANGES = ["new", "edit", "secret", "remove", "pause", "resume", "ping", "again"]


@pytest.mark.parametrize("who", ["editor", "viewer", "stranger", "reviewer"])
@pytest.mark.parametrize("name", CHANGES)
def test_nobody_else_changes_anything_or_sees_a_secret(
    client: Client, webhook: Webhook, message: Any, name: str, who: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    args = {"new": [], "again": [1, message.pk]}.get(name, [1])
    before = [list(model.objects.values()) for model in (Webhook, WebhookDelivery)]
    for method in (client.get, client.post):
        answer = method(at(f"webhook-{name}", *args), {**SAID, "show": ""})
        assert answer.status_code in ((403, 405) if who in ("editor", "viewer") else (404, 405))
        assert "whsec_" not in text(answer)
    assert [list(model.objects.values()) for model in (Webhook, WebhookDelivery)] == before


@pytest.mark.parametrize("who", ["editor", "viewer", "signatory"])
def test_everybody_of_it_reads_what_was_sent_and_what_came_back(
    client: Client, webhook: Webhook, message: Any, who: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    WebhookAttempt.objects.create(
        delivery=message, at=timezone.now(), duration_ms=1234, status=500, answer="<b>Ошибка</b>"
    )
    WebhookDelivery.objects.update(tries=1)
    client.force_login(person)
    assert webhook.address in text(client.get(at("webhooks")))
    log = text(client.get(at("webhook", 1)))
    assert "the ministry has returned" in log
    assert "Answered 500" in log
    page = text(client.get(at("webhook-delivery", 1, message.pk)))
    for words in (
        "Answered 500",
        "&lt;b&gt;Ошибка&lt;/b&gt;",
        message.message_id,
        "Кредиты",
        "is tried again",
    ):
        assert words in page
    assert ("Send now" in page) == (who == "signatory")


def test_a_test_message_is_made_and_its_page_waits_for_the_result(
    client: Client, signatory: User, webhook: Webhook
) -> None:
    client.force_login(signatory)
    page = client.post(at("webhook-ping", 1), follow=True)
    message = WebhookDelivery.objects.get()
    assert message.event == "ping"
    assert "on its way" in text(page)
    assert 'hx-trigger="every 1s"' in text(page)
    assert "A test message is on its way" in text(client.post(at("webhook-ping", 1), follow=True))
    WebhookAttempt.objects.create(delivery=message, at=timezone.now(), duration_ms=3, status=204)
    WebhookDelivery.objects.update(delivered_at=timezone.now(), tries=1)
    page = client.get(at("webhook-delivery", 1, message.pk))
    assert "Answered 204: received." in text(page)
    assert "hx-trigger" not in text(page)


def test_sent_again_from_the_log(client: Client, signatory: User, message: Any) -> None:
    WebhookDelivery.objects.update(given_up_at=timezone.now(), tries=8)
    client.force_login(signatory)
    assert "given up" in text(client.get(at("webhook-delivery", 1, message.pk)))
    client.post(at("webhook-again", 1, message.pk))
    message.refresh_from_db()
    assert (message.given_up_at, message.tries) == (None, 0)
    Webhook.objects.update(paused_at=timezone.now())
    assert "Resume it first" in text(client.post(at("webhook-again", 1, message.pk), follow=True))


def test_the_state_is_said_in_words(client: Client, signatory: User, webhook: Webhook) -> None:
    client.force_login(signatory)
    now = timezone.now()
    for state, words in (
        ({"failing_since": now}, "it is tried again for two days"),
        ({"failing_since": now, "paused_at": now}, "Nothing has arrived there for days"),
        ({"failing_since": None, "paused_at": now}, "paused"),
    ):
        Webhook.objects.update(**state)
        assert words in text(client.get(at("webhook", 1)))
        assert client.get(at("webhooks")).status_code == 200


def test_a_message_of_one_webhook_is_not_found_under_another(
    client: Client, signatory: User, institution: Institution, message: Any
) -> None:
    make_webhook(institution, made_by=signatory)
    client.force_login(signatory)
    assert client.get(at("webhook-delivery", 2, message.pk)).status_code == 404
    assert client.post(at("webhook-again", 2, message.pk)).status_code == 404
    assert client.get(at("webhook", 9)).status_code == 404


@pytest.mark.parametrize("name", ["webhooks", "webhook"])
def test_it_costs_the_same_for_few_and_for_many(
    client: Client,
    signatory: User,
    institution: Institution,
    webhook: Webhook,
    name: str,
    django_assert_num_queries: Any,
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(signatory)
    args = [1] if name == "webhook" else []
    make_message(webhook)
    client.get(at(name, *args))
    with CaptureQueriesContext(connection) as few:
        client.get(at(name, *args))
    for number in range(2, 6):
        make_webhook(institution, made_by=signatory, number=number)
        for _time in range(5):
            message = make_message(webhook)
            WebhookAttempt.objects.create(delivery=message, at=timezone.now(), duration_ms=1, status=500)
    with django_assert_num_queries(len(few)):
        client.get(at(name, *args))
