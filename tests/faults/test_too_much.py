"""More is sent at once than there is room for: who sends it is refused at once or waits, and others are answered."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from tests.factories import make_institution, make_member, make_period
from tests.faults.amounts import DONE, IN_FULL, measured, took
from tests.posting import Sender
from tests.reports.releases import make_country, make_release
from tests.servers import Server, start_nginx, start_web
from tests.workers import database_url

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("english"),
]

ELEVEN_MB = b"x" * (11 * 1024 * 1024)
SENT = 200 if IN_FULL else 20  # by twenty at a time
READERS = 200
CONNECTIONS = [(1, 2), (5, 4)] if IN_FULL else [(1, 2)]  # processes, and how many of each


class TooLarge:
    """A file of 11 MB that an editor uploads."""

    def __init__(self) -> None:
        institution, self.period = make_institution(), make_period()
        self.sender = Sender(make_member(institution, "editor"))
        self.address = reverse("import-new", args=[institution.code])

    def send(self, nginx: Server) -> int:
        file = SimpleUploadedFile("lines.csv", ELEVEN_MB, "text/csv")
        return self.sender.post(nginx, self.address, {"period": self.period.pk, "file": file}).status


def test_while_twenty_send_what_is_too_large_others_are_answered(
    transactional_db: None, tmp_path: Path
) -> None:
    web = start_web(tmp_path, {"DATABASE_URL": database_url()})
    nginx = start_nginx(tmp_path, web.port)
    statuses: Counter[int] = Counter()
    waited: list[float] = []

    def read() -> None:
        statuses[nginx.ask("/en/sign-in/").status] += 1

    try:
        large = TooLarge()
        alone = took(lambda: statuses.update([large.send(nginx)]))
        with ThreadPoolExecutor(20) as pool:
            sent = [pool.submit(large.send, nginx) for _number in range(SENT)]
            while not (waited and all(one.done() for one in sent)):
                waited.append(took(read))
        statuses.update(one.result() for one in sent)
    finally:
        nginx.stop()
        web.stop()
    assert statuses == {413: 1 + SENT, 200: len(waited)}
    measured("until a file of 11 MB was refused", alone, promised=2)
    what = f"longest of {len(waited)} pages while twenty at a time sent {SENT} such files"
    measured(what, max(waited), promised=2)


@pytest.mark.parametrize(("processes", "each"), CONNECTIONS)
def test_two_hundred_at_once_are_all_answered(
    transactional_db: None, tmp_path: Path, processes: int, each: int
) -> None:
    """More than there are connections to the database, and threads: they wait, and none is turned away. No page is
    one that was made for another."""
    make_country((make_institution(), "6B06101", "met"))
    make_release()
    variables = {"WEB_CONCURRENCY": str(processes), "DATABASE_POOL": str(each)}
    web = start_web(tmp_path, {"DATABASE_URL": database_url(), **variables})

    def read(number: int) -> int:
        address = (
            f"/api/v1/coverage/?requirement=no-{number}" if number % 2 else f"/en/institutions/?q={number}"
        )
        return web.ask(address, X_Forwarded_Proto="https").status

    try:
        with connections_of_others() as held, ThreadPoolExecutor(READERS) as pool:
            statuses = Counter(pool.map(read, range(READERS)))
    finally:
        web.stop()
    assert statuses == {200: READERS}
    assert max(held) <= processes * each
    DONE[f"of {READERS} readers on {processes * each} connections"] += statuses[200]


@contextmanager
def connections_of_others() -> Iterator[list[int]]:
    """How many there are, again and again within the block, besides those that there were before."""
    before = pids()
    enough, held = threading.Event(), list[int]()

    def watch() -> None:
        try:
            while not enough.wait(0.02):
                held.append(len(pids() - before) - 1)  # without this thread's own
        finally:
            connection.close()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield held
    finally:
        enough.set()
        thread.join()


def pids() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}
