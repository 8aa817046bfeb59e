"""What is watched, and what is said of it: each matter by its cause, the same on every side."""

import json
import re
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone, translation
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from institutions.models import Heartbeat, Letter, Tally, TrailMark, User, WebhookDelivery
from institutions.tallying import SIGN_IN_REFUSED, TASK, tally
from reports import snapshots, verifying, watching
from reports.models import Snapshot
from reports.watching.matters import BACKED_UP, BACKUP_COMPARED, CHECKS, TRAIL_WHOLE, lasting
from tests.config.test_health import beat
from tests.factories import PASSWORD, make_institution, make_letter, make_period, make_user
from tests.reports.releases import make_release
from tests.webhooks import make_message

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
DASHBOARD = ROOT / "deploy/grafana/dashboard.json"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def well(settings: Settings) -> None:
    """A server of which nothing is to be said."""
    settings.DEMO = False
    beat("worker", "beat", BACKED_UP, BACKUP_COMPARED, TRAIL_WHOLE)
    verify(refuted=False)


def verify(*, refuted: bool) -> Snapshot:
    """A snapshot as its verification left it."""
    snapshot = snapshots.take(snapshots.request(period=make_period()).pk)
    verifying.verify(snapshot.pk)
    if refuted:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("UPDATE reports_snapshot SET state = 'refuted' WHERE id = %s", [snapshot.pk])
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    return snapshot


def codes() -> list[str]:
    return [matter.code for matter in watching.judge(watching.look())]


def readiness(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def scraped(client: Client) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """The values of /metrics by name and labels."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(client.get("/metrics").content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def test_nothing_is_said_where_all_is_well(well: None, client: Client) -> None:
    assert codes() == []
    assert readiness(client)[0] == 200


def test_only_a_refuted_newest_snapshot_makes_figures_doubtful(well: None, client: Client) -> None:
    number = verify(refuted=True).pk
    status, report = readiness(client)
    assert status == 503
    assert report["problems"] == [f"The newest snapshot, {number}, was refuted by its verification."]
    verify(refuted=False)
    assert readiness(client)[0] == 200


def test_a_trail_that_was_found_altered_makes_figures_doubtful_until_it_is_whole_again(
    well: None, client: Client
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE reports_release DISABLE TRIGGER USER")
    with pytest.raises(CommandError):
        call_command("verify_audit_trail", stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE reports_release ENABLE TRIGGER USER")
    status, report = readiness(client)
    assert (status, codes()) == (503, ["trail-broken"])
    assert report["problems"][0].startswith("The trail was found altered")
    call_command("verify_audit_trail", stdout=StringIO())
    assert readiness(client)[0] == 200


@pytest.mark.parametrize(
    ("undone", "table"),
    [
        ("ALTER TABLE reports_release DISABLE TRIGGER USER", "reports_release"),
        ("DROP POLICY institutions_wall_select ON curricula_line", "curricula_line"),
        ("ALTER POLICY institutions_wall_delete ON curricula_line USING (true)", "curricula_line"),
    ],
)
def test_a_rule_of_the_database_that_is_switched_off_makes_figures_doubtful(
    well: None, client: Client, undone: str, table: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(undone)
    status, report = readiness(client)
    assert status == 503
    assert report["problems"] == [f"Rules of the database are switched off: {table}."]


def test_without_beat_the_health_says_so(well: None, client: Client) -> None:
    beat("beat", seconds_ago=500)
    assert codes() == []
    beat("beat", seconds_ago=601)
    status, report = readiness(client)
    assert status == 503
    assert report["problems"] == ["Beat has not rung for 10 min."]


@pytest.mark.parametrize(
    ("name", "code", "limit"),
    [
        (BACKED_UP, "no-backup", 26 * HOUR),
        (BACKUP_COMPARED, "backup-unverified", 8 * DAY),
        (TRAIL_WHOLE, "trail-unverified", 50 * HOUR),
    ],
)
def test_what_is_done_by_a_timer_and_is_not_done_wants_attention_and_no_more(
    well: None, client: Client, settings: Settings, name: str, code: str, limit: timedelta
) -> None:
    beat(name, seconds_ago=limit.total_seconds() - 60)
    assert codes() == []
    beat(name, seconds_ago=limit.total_seconds() + 60)
    assert codes() == [code]
    Heartbeat.objects.filter(name=name).delete()
    assert codes() == [code]
    status, report = readiness(client)
    assert (status, report["problems"], len(report["besides"])) == (200, [], 1)
    settings.DEMO = True  # which has nothing to lose
    assert codes() == []


def test_letters_and_messages_that_wait_or_were_given_up_want_attention(well: None) -> None:
    make_letter(created_at=timezone.now() - timedelta(minutes=50))
    assert codes() == []
    Letter.objects.update(created_at=timezone.now() - 2 * HOUR)
    assert codes() == ["letters-wait"]
    Letter.objects.update(given_up_at=timezone.now(), secret="")
    assert codes() == ["letters-given-up"]
    Letter.objects.update(given_up_at=timezone.now() - 2 * DAY)
    assert codes() == []
    make_message()
    assert codes() == []
    WebhookDelivery.objects.update(next_try_at=timezone.now() - HOUR)
    assert codes() == ["webhooks-wait"]


def test_a_trail_that_is_sealed_no_more_wants_attention(well: None) -> None:
    mark = TrailMark.objects.create(pk=1, horizon=1)
    assert codes() == []
    TrailMark.objects.filter(pk=mark.pk).update(marked_at=timezone.now() - 2 * HOUR)
    assert codes() == ["trail-unsealed"]


def test_many_failures_in_a_day_want_attention(well: None) -> None:
    for name, detail, number, code in (
        (TASK, "reports.tasks.sweep failed", 21, "tasks-fail"),
        (SIGN_IN_REFUSED, "password", 501, "sign-ins-refused"),
    ):
        tally(name, detail)
        assert codes() == []
        Tally.objects.filter(name=name).update(count=number)
        assert codes() == [code]
        Tally.objects.filter(name=name).update(day=timezone.localdate() - DAY)
        assert codes() == []


def test_how_long_is_said_in_the_unit_that_one_would_take() -> None:
    assert [lasting(seconds) for seconds in (0, 90, 119.9, 120, 7199, 7200, 172_799, 172_800)] == [
        "0 s", "90 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 days",
    ]  # fmt: skip


def test_a_wrong_password_is_counted_without_a_word_of_it(client: Client) -> None:
    user = make_user(password=PASSWORD)
    for _attempt in range(2):
        client.post("/en/sign-in/", {"username": user.email, "password": "wrong horse battery"})
    client.post("/en/sign-in/", {"username": user.email, "password": PASSWORD})
    row = Tally.objects.get(name=SIGN_IN_REFUSED)
    assert (row.detail, row.count, row.day) == ("password", 2, timezone.localdate())
    assert scraped(client)["qamtu_sign_ins_refused_total"] == {(("why", "password"),): 2}


def test_a_failure_to_count_fails_nobody() -> None:
    with transaction.atomic():
        tally("x" * 50)
        transaction.set_rollback(True)
    assert not Tally.objects.exists()


def test_metrics_are_of_the_same_facts(well: None, client: Client) -> None:
    make_letter(created_at=timezone.now() - 2 * HOUR)
    for seconds in (0.05, 0.5, 5, 50, 500):
        tally(TASK, "reports.tasks.sweep done", seconds=seconds)
    found = scraped(client)
    matters = {labels[0][1]: value for labels, value in found["qamtu_matter"].items()}
    assert matters == {check.code: float(check.code == "letters-wait") for check in CHECKS}
    assert found["qamtu_ready"] == {(): 1}
    assert found["qamtu_queue_length"][(("queue", "letters"),)] == 1
    assert found["qamtu_queue_oldest_seconds"][(("queue", "letters"),)] >= 7200
    assert timezone.now().timestamp() - found["qamtu_heartbeat_timestamp_seconds"][(("of", "backup"),)] < 60
    task = (("outcome", "done"), ("task", "reports.tasks.sweep"))
    buckets = found["qamtu_task_duration_seconds_bucket"]
    within = [buckets[tuple(sorted((*task, ("le", le))))] for le in ("0.1", "1.0", "10.0", "60.0", "+Inf")]
    assert within == [1, 2, 3, 4, 5]
    assert found["qamtu_task_duration_seconds_count"][task] == 5
    assert found["qamtu_task_duration_seconds_sum"][task] == 555.55


def test_the_watch_tells_in_sentences_and_by_its_exit(well: None) -> None:
    said = StringIO()
    call_command("watch", "--figures", stdout=said)
    assert said.getvalue() == "All is well.\n"
    beat("worker", seconds_ago=3600)
    with pytest.raises(CommandError) as caught:
        call_command("watch")
    assert str(caught.value).startswith(
        "Figures can't be trusted to be up to date.\nNo worker has done any work for 60 min. Start a worker"
    )


def alert_rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def names_in(expression: str) -> set[str]:
    """Metrics that an expression names: ours, Django's, and what Prometheus itself adds is none of them."""
    return set(re.findall(r"\b(?:qamtu|django)_\w+", expression))


def test_every_metric_that_alerts_and_dashboard_name_is_there(well: None, client: Client) -> None:
    tally(TASK, "reports.tasks.sweep failed", seconds=1)
    tally(SIGN_IN_REFUSED, "password")
    TrailMark.objects.create(pk=1, horizon=1)
    make_release()
    client.get("/en/sign-in/")
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    drawn = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    named = set().union(*(names_in(text) for text in [*drawn, *(rule["expr"] for rule in alert_rules())]))
    assert len(named) > 15
    assert named - scraped(client).keys() == set()


def test_every_matter_has_an_alert_and_every_alert_a_place_in_the_runbook() -> None:
    rules = alert_rules()
    watched = [code for rule in rules for code in re.findall(r'matter="([\w-]+)"', rule["expr"])]
    assert sorted(watched) == sorted(check.code for check in CHECKS)
    runbook = (
        (ROOT / "docs/operations.md").read_text(encoding="utf-8").partition("## When something is wrong\n")[2]
    )
    anchors = {
        heading.lower().replace(" ", "-") for heading in re.findall(r"^### (.+)$", runbook, re.MULTILINE)
    }
    for rule in rules:
        path, _hash, anchor = rule["annotations"]["runbook"].partition("#")
        assert (path, anchor in anchors) == ("docs/operations.md", True), rule["alert"]
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["labels"]["severity"] in ("page", "ticket")
    severity = {
        rule["annotations"]["runbook"].partition("#")[2]: rule["labels"]["severity"] for rule in rules
    }
    assert {check.code for check in CHECKS if check.doubts} == {
        check.code for check in CHECKS if severity[check.code] == "page"
    }


def test_who_may_see_the_page_reads_what_is_wrong_and_what_to_do(
    well: None, client: Client, auditor: User, settings: Settings
) -> None:
    client.force_login(auditor)
    shown = client.get("/en/admin/institutions/operations/").content.decode()
    assert "All is well." in shown
    beat("worker", seconds_ago=300)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    shown = client.get("/en/admin/institutions/operations/").content.decode()
    assert "Figures can’t be trusted now." in shown
    assert "No worker has done any work for 5 min." in shown
    assert "Start a worker" in shown
    assert "Redis does not answer." in shown
    for secret in (settings.SECRET_KEY, settings.DATABASES["default"]["HOST"], settings.REDIS_URL):
        assert secret not in shown


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_page_opens_before_anything_has_happened(client: Client, lead: User, language: str) -> None:
    client.force_login(lead)
    with translation.override(language):
        answer = client.get(f"/{language}/admin/institutions/operations/")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.content.decode()
    make_institution()
