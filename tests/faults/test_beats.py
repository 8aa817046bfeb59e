"""Three beats ring at once, and then none: what is due is done once, and it is said that nobody rings.

They ring every second, at night's work too. `make faults` lets them do so for a minute, and then waits ten for real.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import redis
from django.conf import settings as configured
from django.core.management import call_command
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from config.delivery import beat_schedule
from curricula.models import Reminder
from institutions.models import Generation, Heartbeat, Letter, Tally, User, WebhookDelivery
from institutions.tallying import TASK
from reports import daily, live, snapshots, verifying
from reports.models import LiveDay, Snapshot
from tests.factories import make_member, make_period, make_programme, make_version
from tests.faults.amounts import DONE, IN_FULL, measured
from tests.mail_server import MailServer
from tests.rules import make_requirement
from tests.webhooks import Receiver, make_message, make_webhook
from tests.workers import ROOT, Worker, celery, database_url, eventually

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("english"),
]

BEATS = 3
TIMES = 60 if IN_FULL else 1  # that each of them rings for each task
EVERY_SECOND = """
from config import delivery
for entry in delivery.beat_schedule.values():
    entry["schedule"] = 1
"""
AT_ANY_HOUR = """
import datetime, django
django.setup()
from curricula import telling
telling.FROM = datetime.time(0)
"""
TEN_MINUTES = 600


@contextmanager
def three_beats(folder: Path) -> Iterator[None]:
    """As deploy/ starts one, each in a place of its own."""
    processes = [
        subprocess.Popen(
            celery("beat", f"--schedule={folder}/{number}", "--pidfile=", first=EVERY_SECOND),
            cwd=ROOT, env={**os.environ, "DATABASE_URL": database_url()},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for number in range(BEATS)
    ]  # fmt: skip
    try:
        yield
        assert [process.poll() for process in processes] == [None] * BEATS
    finally:
        for process in processes:
            process.kill()
            process.wait()


def ask_for_everything(address: str) -> None:
    """An editor has a curriculum yet to hand in; a system waits for a message; two snapshots are asked for."""
    period = make_period(due_on=timezone.localdate() + timedelta(days=3))
    make_requirement()
    webhook = make_webhook(address=address)
    make_member(webhook.institution, "editor")
    make_programme(webhook.institution)
    make_version(make_programme(webhook.institution), period=period, state="approved")
    make_message(webhook)
    for _number in range(2):
        snapshots.request(period=period)


def rung(task: str) -> int:
    """How often a worker has done it."""
    done = Tally.objects.filter(name=TASK, detail=f"{task} done")
    return done.aggregate(times=Sum("count"))["times"] or 0


def every_task_was_rung_for_often() -> bool:
    return all(rung(entry["task"]) >= BEATS * TIMES for entry in beat_schedule.values())


def nothing_is_left() -> bool:
    letters, messages = Letter.objects.outstanding(), WebhookDelivery.objects.outstanding()
    unverified = Snapshot.objects.exclude(state=Snapshot.State.VERIFIED)
    return not any(rows.exists() for rows in (letters, messages, unverified, Generation.objects.stale()))


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> Iterator[tuple[Receiver, MailServer]]:
    """Who is told by worker and beats."""
    empty_redis()
    with Receiver(tmp_path) as receiver, MailServer() as mail:
        ask_for_everything(receiver.address)
        yield receiver, mail


def empty_redis() -> None:
    redis.Redis.from_url(configured.REDIS_URL).flushdb()


def test_by_three_at_once_all_is_done_once_and_without_any_it_is_said(
    world: tuple[Receiver, MailServer], auditor: User, client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.DEMO = True
    receiver, mail = world
    told = {"EMAIL_URL": mail.url, "MEDIA_ROOT": str(tmp_path), **receiver.environment}
    with ExitStack() as beats:
        beats.enter_context(three_beats(tmp_path))
        worker = Worker.start(clean=False, first=AT_ANY_HOUR, **told)
        try:
            eventually(every_task_was_rung_for_often, "each task to be rung for", seconds=300)
            eventually(nothing_is_left, "all to be done")
            eventually(lambda: client.get("/readyz").status_code == 200, "it to be said that all is well")
            beats.close()
            empty_redis()  # what they rang last is heard no more
            until_it_is_said_that_beat_is_silent(client)
        finally:
            worker.kill()
            worker.stop()
    client.force_login(auditor)
    page = client.get("/en/admin/institutions/operations/").content.decode()
    assert "Figures can’t be trusted now." in page
    assert "Beat has not rung for" in page
    all_is_done_once(receiver, mail)
    DONE["rounds of three beats"] += TIMES


def until_it_is_said_that_beat_is_silent(client: Client) -> None:
    """By the answer to machines, which says nothing else. `make test` moves time on."""

    def is_said() -> bool:
        if not IN_FULL:
            ago = timezone.now() - timedelta(seconds=TEN_MINUTES + 1)
            Heartbeat.objects.filter(name="beat").update(beat_at=ago)
        answer = client.get("/readyz")
        return (answer.status_code, answer.json()["problems"]) == (503, ["Beat has not rung for 10 min."])

    began = time.monotonic()
    eventually(is_said, "it to be said that beat is silent", seconds=2 * TEN_MINUTES)
    if IN_FULL:
        what = "until it was said that no beat has rung for ten minutes"
        measured(what, time.monotonic() - began, promised=TEN_MINUTES + 60)


def all_is_done_once(receiver: Receiver, mail: MailServer) -> None:
    assert not Tally.objects.filter(name=TASK).exclude(detail__endswith=" done").exists()
    assert Snapshot.objects.count() == 2
    assert all(verifying.differences(taken) == [] for taken in Snapshot.objects.all())
    assert live.disagreements() == []
    assert LiveDay.objects.count() == daily.KEPT
    assert [reminder.days_left for reminder in Reminder.objects.all()] == [3]
    addresses = [letter["To"] for letter in mail.letters]
    assert len(addresses) == len(set(addresses)) == Letter.objects.count() > 0
    assert len(receiver.told) == 1
    call_command("verify_audit_trail", stdout=StringIO())
