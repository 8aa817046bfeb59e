"""A new version takes the place of the old one while people read and send: two web servers at one socket, which is
held by neither of them, are restarted one after the other behind nginx, and no request fails.

`make faults` does it at 200 requests a second, the short form at 50.
"""

import http.client
import ssl
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

import pytest

from tests.faults.amounts import DONE, IN_FULL
from tests.servers import HOST, Server, SharedSocket, start_nginx, start_web
from tests.workers import database_url

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

READERS = 20
RATE = 200 if IN_FULL else 50  # requests a second, of all readers together
AFTER = 10 if IN_FULL else 2  # seconds for which they go on when all is done

TOKEN = "k" * 32
FORM = urlencode({"csrfmiddlewaretoken": TOKEN, "language": "ru", "next": "/ru/"})
FORM_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Cookie": f"__Host-csrftoken={TOKEN}",
    "Referer": f"https://{HOST}/en/",
}


class Load:
    """Readers and senders behind nginx, each with a connection that stays open; nothing of it is answered by copies."""

    def __init__(self, nginx: Server) -> None:
        self.nginx, self.enough = nginx, Event()
        self.outcomes: Counter[str] = Counter()

    def one(self) -> Counter[str]:
        context = ssl.create_default_context(cafile=self.nginx.trusted)
        line = http.client.HTTPSConnection("127.0.0.1", self.nginx.port, timeout=60, context=context)
        mine: Counter[str] = Counter()
        number, due = 0, time.monotonic()
        while not self.enough.is_set():
            number, due = number + 1, due + READERS / RATE
            try:
                if number % 5:
                    line.request(
                        "GET", "/healthz" if number % 5 > 1 else "/en/sign-in/", headers={"Host": HOST}
                    )
                else:
                    line.request("POST", "/i18n/setlang/", FORM, {"Host": HOST, **FORM_HEADERS})
                answer = line.getresponse()
                answer.read()
                mine["answered" if answer.status == (200 if number % 5 else 302) else f"{answer.status}"] += 1
            except (OSError, http.client.HTTPException) as error:
                mine[repr(error)] += 1
                line.close()
            self.enough.wait(max(0, due - time.monotonic()))
        line.close()
        return mine

    def beside(self, work: Callable[[], object]) -> Counter[str]:
        with ThreadPoolExecutor(READERS) as pool:
            readers = [pool.submit(self.one) for _number in range(READERS)]
            try:
                time.sleep(1)
                work()
                time.sleep(AFTER)
            finally:
                self.enough.set()
            return sum((reader.result() for reader in readers), Counter())


def test_no_request_fails_while_one_after_the_other_is_restarted(
    transactional_db: None, tmp_path: Path
) -> None:
    variables = {"DATABASE_URL": database_url()}
    with SharedSocket.open() as shared:
        webs = [shared.start_web(tmp_path, variables) for _number in range(2)]
        nginx = start_nginx(tmp_path, shared.port)
        first = [web.process.pid for web in webs]

        def restart_both() -> None:
            for number in range(2):
                webs[number].end()
                webs[number] = shared.start_web(tmp_path, variables)

        try:
            assert nginx.ask("/en/sign-in/").status == 200
            outcomes = Load(nginx).beside(restart_both)
        finally:
            nginx.stop()
            for web in webs:
                web.stop()
    assert set(outcomes) == {"answered"}, outcomes
    DONE["requests amid a rolling restart"] += outcomes["answered"]
    assert outcomes["answered"] > READERS
    assert not set(first) & {web.process.pid for web in webs}


def test_restarting_the_only_one_fails_requests(transactional_db: None, tmp_path: Path) -> None:
    """The negative control: the load is one that notices."""
    web = start_web(tmp_path, {"DATABASE_URL": database_url()})
    nginx = start_nginx(tmp_path, web.port)
    try:
        outcomes = Load(nginx).beside(web.end)
    finally:
        nginx.stop()
        web.stop()
    assert set(outcomes) - {"answered"}
