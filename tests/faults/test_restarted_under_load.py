"""A new version takes the place of the old one while people read and send: two web servers are restarted one after the
other behind nginx, and no request fails. On a plain server they answer at one socket, which is held by neither of them;
containers have a socket each.

`make faults` does it at 200 requests a second, the short form at 50, and for containers at the worst moment alone.
"""

import http.client
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from urllib.parse import urlencode

import psutil
import pytest

from tests.faults.amounts import DONE, IN_FULL
from tests.servers import GUNICORN, HOST, Server, SharedSocket, start_nginx, start_web, upstream_of_containers
from tests.workers import database_url, eventually

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


@pytest.fixture
def sockets() -> Iterator[Path]:
    """A folder whose name is short enough for a socket's."""
    with TemporaryDirectory(dir="/tmp") as place:
        yield Path(place)


def start_containers(
    folder: Path, sockets: Path, names: tuple[str, ...] = ("web-1", "web-2"), config: Path = GUNICORN
) -> list[Server]:
    variables = {"DATABASE_URL": database_url()}
    with ThreadPoolExecutor() as pool:
        starts = [
            pool.submit(start_web, folder, variables, at=sockets / name, config=config) for name in names
        ]
        webs = [one.result() for one in starts]
    for web in webs:
        web.ask("/healthz")  # its socket is there before the process that answers
    return webs


def waiting_at(socket: Path) -> int:
    """Connections that nobody has taken up, of a process that stands still; 1 is the socket itself."""
    return (
        sum(line.split()[-1] == str(socket) for line in Path("/proc/net/unix").read_text().splitlines()) - 1
    )


def sent_around_the_end_of_one(folder: Path, sockets: Path, config: Path = GUNICORN) -> Counter[int]:
    """The worst moment, held: forms wait at the socket of a server that is told to end before it has taken them up."""
    webs = start_containers(folder, sockets, config=config)
    nginx = start_nginx(folder, upstream_of_containers(sockets))
    (process,) = psutil.Process(webs[0].process.pid).children()

    def send(_number: int) -> int:
        headers = {name.replace("-", "_"): value for name, value in FORM_HEADERS.items()}
        return nginx.ask("/i18n/setlang/", method="POST", body=FORM, **headers).status

    try:
        process.suspend()
        with ThreadPoolExecutor(12) as pool:
            before = [pool.submit(send, number) for number in range(6)]
            eventually(lambda: waiting_at(sockets / "web-1") == 3, "three wait")
            webs[0].process.terminate()
            eventually(lambda: not (sockets / "web-1").exists(), "its name is gone")
            after = [pool.submit(send, number) for number in range(6)]
            assert {one.result() for one in after} == {302}, "the other one answers"
            process.resume()
            return Counter(one.result() for one in before)
    finally:
        for server in (nginx, *webs):
            server.stop()


def test_a_form_that_waits_at_a_container_that_ends_is_answered(
    transactional_db: None, tmp_path: Path, sockets: Path
) -> None:
    assert sent_around_the_end_of_one(tmp_path, sockets) == {302: 6}


@pytest.mark.skipif(not IN_FULL, reason="make faults")
def test_without_the_last_second_such_forms_fail(
    transactional_db: None, tmp_path: Path, sockets: Path
) -> None:
    """The negative control."""
    config = tmp_path / "hasty.py"
    config.write_text("from config.gunicorn import *\ndel post_worker_init\n")
    assert sent_around_the_end_of_one(tmp_path, sockets, config)[502]


@pytest.mark.skipif(not IN_FULL, reason="make faults")
def test_no_request_fails_while_containers_take_turns(
    transactional_db: None, tmp_path: Path, sockets: Path
) -> None:
    webs = dict(zip(("web-1", "web-2"), start_containers(tmp_path, sockets), strict=True))
    nginx = start_nginx(tmp_path, upstream_of_containers(sockets))

    def restart_both() -> None:
        for name in webs:
            webs[name].end()
            (webs[name],) = start_containers(tmp_path, sockets, (name,))

    try:
        outcomes = Load(nginx).beside(restart_both)
    finally:
        for server in (nginx, *webs.values()):
            server.stop()
    assert set(outcomes) == {"answered"}, outcomes
    DONE["requests amid containers that take turns"] += outcomes["answered"]


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
