"""Announcing releases: every webhook that wants to know is told once, and not a moment before the public."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from curricula.models import Period
from institutions.models import WebhookDelivery
from reports import releasing, snapshots, verifying
from reports.announcing import announce_releases
from reports.models import Release
from tests.factories import make_institution, make_programme, make_reviewer, make_version
from tests.rules import make_requirement
from tests.webhooks import make_webhook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]


def released(period: Period, **said: Any) -> Release:
    snapshot = verifying.verify(snapshots.take(snapshots.request(period=period).pk).pk)
    return releasing.release(snapshot=snapshot, by=make_reviewer(), confirmed_by=make_reviewer(), **said)


@pytest.fixture
def counted(period: Period) -> Period:
    make_requirement()
    make_version(make_programme(make_institution(code="kaznu")), period=period, state="approved")
    return period


def test_a_release_is_told_once_it_is_public_and_once_only(
    counted: Period, client: Client, settings: Any
) -> None:
    settings.SITE_URL = "http://testserver"
    webhook = make_webhook()
    make_webhook(wants=["curricula.returned"])
    release = released(counted)
    assert announce_releases() == 0, "its files are not there yet"
    releasing.prepare(release.pk)
    assert [announce_releases() for _time in range(3)] == [1, 0, 0]
    message = WebhookDelivery.objects.get()
    assert message.webhook == webhook
    assert message.content["type"] == "release.published"
    data = message.content["data"]
    assert (data["release"], data["period"], data["state"], data["corrects"]) == (
        1,
        "2025",
        "published",
        None,
    )
    assert client.get(data["url"]).json()["number"] == 1


def test_what_is_not_public_yet_is_told_to_nobody(counted: Period) -> None:
    make_webhook()
    release = released(counted, publish_at=timezone.now() + timedelta(days=1))
    releasing.prepare(release.pk)
    assert announce_releases() == 0
    assert not WebhookDelivery.objects.exists()


def test_a_new_webhook_is_not_told_of_old_releases(counted: Period) -> None:
    releasing.prepare(released(counted).pk)
    make_webhook()
    assert announce_releases() == 0


def test_a_correction_says_what_it_corrects_and_why(counted: Period) -> None:
    make_webhook()
    first = released(counted)
    releasing.prepare(first.pk)
    second = released(counted, corrects=first, correction_reason="A programme was counted twice.")
    releasing.prepare(second.pk)
    assert announce_releases() == 2
    data = WebhookDelivery.objects.get(once="release.published:2").content["data"]
    assert (data["corrects"], data["reason"]) == (1, "A programme was counted twice.")
