"""What machines are told: that it runs, whether its figures can be trusted, how it does; and nothing to strangers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from config.delivery import beat_schedule
from institutions.models import Generation, Heartbeat
from reports import snapshots
from reports.models import Snapshot
from tests.factories import make_institution, make_letter, make_period


def beat(*names: str, seconds_ago: float = 1) -> None:
    for name in names or ("worker", "beat"):
        Heartbeat.objects.update_or_create(
            name=name, defaults={"beat_at": timezone.now() - timedelta(seconds=seconds_ago)}
        )


def settle() -> None:
    """As if every institution's live figures had been computed."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE institutions_generation SET computed = generation")


def readiness(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_the_process_answers_without_a_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_ready_while_the_worker_beats(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_institution()
    beat()
    settle()
    with django_assert_max_num_queries(20):
        status, report = readiness(client)
    assert status == 200
    assert report["problems"] == []
    assert report["database"] is report["redis"] is True
    assert 0 <= report["worker_heartbeat_age"] < 60
    assert report["stale_scopes"] == 0


@pytest.mark.django_db
def test_not_ready_when_no_worker_has_ever_worked(client: Client) -> None:
    status, report = readiness(client)
    assert status == 503
    assert report["problems"] == ["No worker has done any work yet.", "Beat has not rung yet."]


@pytest.mark.django_db
def test_not_ready_when_the_heart_stands_still(client: Client) -> None:
    beat()
    beat("worker", seconds_ago=90)
    status, report = readiness(client)
    assert status == 503
    assert report["problems"] == ["No worker has done any work for 90 s."]


@pytest.mark.django_db
def test_a_fresh_change_is_named_and_an_old_one_makes_it_unready(client: Client) -> None:
    institution = make_institution()
    beat()
    settle()
    Generation.objects.update_or_create(
        institution=institution,
        defaults={
            "generation": 7,
            "computed": 6,
            "changed_at": timezone.now(),
            "stale_since": timezone.now(),
        },
    )
    status, report = readiness(client)
    assert (status, report["stale_scopes"]) == (200, 1)
    Generation.objects.update(stale_since=timezone.now() - timedelta(seconds=150))
    status, report = readiness(client)
    assert status == 503
    assert "Live figures have been out of date" in report["problems"][0]


@pytest.mark.django_db
def test_not_ready_without_redis(client: Client, settings: Settings) -> None:
    beat()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    status, report = readiness(client)
    assert status == 503
    assert report["problems"] == ["Redis does not answer."]


@pytest.mark.django_db
def test_metrics_are_for_this_machine_and_for_the_token(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "a-long-word"
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR="192.0.2.7").status_code == 404
    assert (
        client.get("/metrics", REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION="Bearer wrong").status_code == 404
    )
    known = client.get("/metrics", REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION="Bearer a-long-word")
    assert known.status_code == 200
    assert b"django_http_requests" in known.content


def test_without_a_token_nobody_elsewhere_gets_the_metrics(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION="Bearer ").status_code == 404


def test_every_scheduled_task_exists() -> None:
    from config import celery_app

    celery_app.loader.import_default_modules()
    assert {entry["task"] for entry in beat_schedule.values()} <= set(celery_app.tasks)


@pytest.mark.django_db
def test_a_snapshot_that_waits_too_long_makes_it_unready(client: Client) -> None:
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    requested = snapshots.request(period=make_period())
    assert client.get("/readyz").json()["oldest_outstanding_age"] < 60
    Snapshot.objects.filter(pk=requested.pk).update(requested_at=timezone.now() - timedelta(hours=1))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert any("snapshot" in problem for problem in answer.json()["problems"])


@pytest.mark.django_db
def test_a_letter_that_waits_is_told_and_does_not_make_figures_doubtful(client: Client) -> None:
    Heartbeat.objects.create(name="worker", beat_at=timezone.now())
    make_letter(created_at=timezone.now() - timedelta(hours=3))
    report = client.get("/readyz").json()
    assert report["oldest_letter_age"] > 10_000
    assert not [problem for problem in report["problems"] if "etter" in problem]
