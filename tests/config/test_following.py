"""From click to worker: who asked, for which institution, in every line; and nothing that opens a door."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings as configured
from django.test import Client

from curricula.models import Import, Period
from institutions.bell import TRACE, carried
from institutions.models import Institution, SignInAttempt, Tally, User
from tests.curricula.spreadsheet_files import HEADINGS, csv_text, line
from tests.factories import PASSWORD, make_letter, make_member, make_programme
from tests.servers import Server, start_web
from tests.workers import Worker, database_url, eventually

NUMBER = "4f1d0c2e9b7a4c55a3e0d1f2b3c4d5e6"
RUN = "curricula.tasks.run_import"
BORDER = "border-of-the-parts"


def lines(log: str) -> list[dict[str, Any]]:
    """A process says other things, too, before its log is set up; and of the last line the end may be missing."""
    return [json.loads(text) for text in log.splitlines() if text.startswith("{") and text.endswith("}")]


def find(log: str, **wanted: Any) -> list[dict[str, Any]]:
    return [said for said in lines(log) if {**said, **wanted} == said]


@pytest.fixture
def site(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    """Without https, so that its cookies are named as the tests' own."""
    variables = {
        "DATABASE_URL": database_url(),
        "LOG_LEVEL": "INFO",
        "HTTPS": "off",
        "WEB_CONCURRENCY": "2",
    }
    server = start_web(tmp_path, variables)
    yield server
    server.stop()


def click(site: Server, path: str, person: User, **fields: str) -> int:
    """A form that is sent by a browser in which the person is signed in; a field with a line break is a file."""
    client = Client()
    client.force_login(person)
    token = "c" * 32
    cookies = {configured.SESSION_COOKIE_NAME: client.cookies[configured.SESSION_COOKIE_NAME].value}
    cookies[configured.CSRF_COOKIE_NAME] = token
    body = ""
    for name, value in {**fields, "csrfmiddlewaretoken": token}.items():
        file = '; filename="plan.csv"' if "\n" in value else ""
        body += f'--{BORDER}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{value}\r\n'
    return site.ask(
        path,
        method="POST",
        body=f"{body}--{BORDER}--\r\n",
        Content_Type=f"multipart/form-data; boundary={BORDER}",
        Cookie="; ".join(f"{name}={value}" for name, value in cookies.items()),
        X_Request_ID=NUMBER,
    ).status


@pytest.mark.processes
def test_a_click_is_followed_from_the_web_server_to_the_worker(
    site: Server, worker: Worker, institution: Institution, editor: User, period: Period, tmp_path: Path
) -> None:
    make_programme(institution, code="6B06102")
    file = csv_text(HEADINGS, line())
    path = f"/en/workspace/{institution.code}/imports/new/"
    assert click(site, path, editor, period=str(period.pk), file=file) == 302
    eventually(lambda: find(worker.log_text(), event="task ended", task=RUN), "the task's line")

    whose = {"request_id": NUMBER, "user": editor.pk, "institution": institution.pk}
    web = (tmp_path / "web.log").read_text()
    (request,) = find(web, event="request", **whose)
    assert (request["method"], request["route"], request["status"]) == ("POST", "import-new", 302)
    assert request["ms"] > request["queries_ms"] > 0
    assert request["queries"] > 0

    (task,) = find(worker.log_text(), event="task ended", task=RUN)
    imported = Import.objects.get()
    assert {**task, **whose, "ids": [imported.pk], "outcome": "done"} == task
    assert task["task_id"]
    assert task["seconds"] >= 0
    eventually(
        lambda: Tally.objects.filter(name="task", detail=f"{RUN} done").exists(), "the task to be counted"
    )

    sent = [said for log in (web, worker.log_text()) for said in lines(log)]
    assert not [said for said in sent if editor.email in str(said) or editor.first_name in str(said)]
    for secret in (configured.SECRET_KEY, "c" * 32, PASSWORD):
        assert secret not in web + worker.log_text()


@pytest.mark.processes
def test_a_task_that_fails_says_so_and_is_counted_as_such(worker: Worker) -> None:
    current_app.send_task(RUN, args=[-1], headers={TRACE: {"request_id": NUMBER, "user": 7}})
    eventually(lambda: find(worker.log_text(), event="task ended", task=RUN), "the task's line")
    (ended,) = find(worker.log_text(), event="task ended", task=RUN)
    assert (ended["request_id"], ended["user"], ended["ids"]) == (NUMBER, 7, [-1])
    count = Tally.objects.filter(name="task", detail=f"{RUN} {ended['outcome']}")
    eventually(count.exists, "the task to be counted")


@pytest.mark.parametrize(
    "headers",
    [None, {}, {TRACE: "x"}, {TRACE: {"request_id": "x" * 32, "user": "7", "institution": True, "more": 1}}],
)
def test_a_forged_message_puts_nothing_but_ids_into_the_log(headers: Any) -> None:
    assert carried(headers) == {}


def test_a_message_says_whose_it_is() -> None:
    whose = {"request_id": NUMBER, "user": 7, "institution": 9}
    assert carried({TRACE: {**whose, "password": "x"}}) == whose


@pytest.mark.processes
def test_the_line_of_a_request_names_the_address_and_not_what_opens_a_door(
    site: Server, tmp_path: Path
) -> None:
    token = "Zq9" * 12
    for path in (f"/en/invitations/{token}/", f"/en/sign-in/?next=/{token}", "/readyz"):
        site.ask(path, X_Request_ID=NUMBER)
    web = (tmp_path / "web.log").read_text()
    routes = [said["route"] for said in find(web, event="request", request_id=NUMBER)]
    assert routes == ["invitation-link", "sign-in"]
    assert token not in web


@pytest.mark.processes
def test_what_the_database_knows_is_not_added_up_over_the_web_processes(site: Server) -> None:
    make_letter()
    for _asked in range(5):
        said = site.ask("/metrics").text
        assert re.findall(r'^qamtu_queue_length{queue="letters"} (.+)$', said, re.MULTILINE) == ["1.0"]
        assert len(re.findall(r"^qamtu_ready ", said, re.MULTILINE)) == 1
    assert {
        "qamtu_copies_total",
        "qamtu_throttled_total",
        "django_http_requests_before_middlewares_total",
    } <= {line.split(" ")[0].partition("{")[0] for line in said.splitlines()}


@pytest.mark.processes
def test_who_came_in_and_that_somebody_did_not_is_in_the_log_without_what_was_typed(
    site: Server, institution: Institution, tmp_path: Path
) -> None:
    log = (tmp_path / "web.log").read_text
    editor = make_member(institution, "editor", email="aru@kaznu.kz", password=PASSWORD)
    wrong = {"username": editor.email, "password": "Kokshetau-1949"}
    assert [click(site, "/en/sign-in/", editor, **wrong) for _time in range(11)] == [200] * 11
    assert click(site, "/en/sign-in/", editor, username="aru@kaznu.kz ", password=PASSWORD) == 200
    refused = [said["why"] for said in find(log(), event="sign-in refused")]
    assert refused == ["password"] * 10 + ["too many"] * 2
    SignInAttempt.objects.all().delete()
    assert click(site, "/en/sign-in/", editor, username=editor.email, password=PASSWORD) == 302
    (entered,) = find(log(), event="signed in")
    assert entered["user"] == editor.pk
    assert entered["request_id"]
    for typed in (editor.email, "Kokshetau-1949", PASSWORD):
        assert typed not in log()
