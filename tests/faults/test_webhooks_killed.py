"""Workers killed amid a message lose none, whatever becomes of Redis, and a system that hangs keeps nobody waiting."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings

from institutions.bell import ring
from institutions.models import WebhookDelivery
from institutions.webhooks.announcing import SEND_TASK
from tests.factories import make_institution
from tests.webhooks import Receiver, make_message, make_webhook
from tests.workers import Worker, eventually

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

MESSAGES = 4


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with Receiver(tmp_path) as receiver:
        yield receiver


def all_arrived() -> bool:
    return not WebhookDelivery.objects.outstanding().exists()


def test_a_worker_killed_amid_a_message_leaves_it_to_the_next_under_the_same_number(
    receiver: Receiver,
) -> None:
    """The system is slow, so that the worker dies when the message has arrived and nothing says so yet."""
    webhook = make_webhook(address=receiver.address)
    messages = [make_message(webhook) for _number in range(MESSAGES)]
    receiver.behaviour = "says_nothing"
    worker = Worker.start(clean=False, **receiver.environment)
    try:
        ring(SEND_TASK)
        assert receiver.arriving.wait(timeout=60)
    finally:
        worker.kill()
        worker.stop()
    assert WebhookDelivery.objects.outstanding().count() == MESSAGES
    redis.Redis.from_url(settings.REDIS_URL).flushdb()  # no bell is left; a new worker looks by itself
    receiver.behaviour = "answers"
    worker = Worker.start(**receiver.environment)
    try:
        eventually(all_arrived, "the messages to arrive")
    finally:
        worker.stop()
    ids = [told.id for told in receiver.told]
    assert set(ids) == {message.message_id for message in messages}
    assert len(ids) == MESSAGES + 1, "once more only what was under way"
    assert len({(told.id, told.body) for told in receiver.told}) == MESSAGES


def test_one_that_hangs_does_not_keep_others_from_being_told(receiver: Receiver, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    receiver.behaviour = "says_nothing"
    hanging = make_webhook(make_institution(), address=receiver.address)
    for _number in range(3):
        make_message(hanging)
    with Receiver(tmp_path / "other") as works:
        # One authority for both: the certificate is the same.
        webhook = make_webhook(make_institution(), address=works.address)
        make_message(webhook)
        worker = Worker.start(**receiver.environment)
        try:
            eventually(webhook.deliveries.exclude(delivered_at=None).exists, "the message")
        finally:
            worker.kill()  # it would wait for the one that hangs
            worker.stop()
    assert len(works.told) == 1
    assert len(receiver.told) <= 1, "what hangs rests for a minute"
