"""The process that streams a table is killed amid it: nobody takes the half for the whole, and the next gets it all."""

import hashlib
import http.client
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.faults.amounts import DONE, KILLS
from tests.reports.test_api_export_broken_off import release_many_rows
from tests.servers import HOST, Server, start_web
from tests.workers import database_url

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

BUFFERED = 12_000_000  # bytes that may be on their way already when the process dies


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    release_many_rows()
    web = start_web(tmp_path, {"DATABASE_URL": database_url()})
    yield web
    web.stop()


def download(web: Server, *, kill_after: int | None = None) -> str:
    """The digest of the whole table; the process that sends it is killed after so many bytes."""
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=120)
    with closing(line):
        line.request("GET", "/api/v1/export/coverage/", headers={"Host": HOST, "X-Forwarded-Proto": "https"})
        with line.getresponse() as answer:
            assert answer.status == 200
            content = answer.read(kill_after) if kill_after else b""
            if kill_after:
                for process in psutil.Process(web.process.pid).children():
                    process.kill()
            content += answer.read()
    rows = sorted(
        content.splitlines()
    )  # a table that is read from where another has stopped comes in another order
    return f"{len(content)} bytes, {hashlib.sha256(b'#'.join(rows)).hexdigest()}"


def test_half_a_table_is_never_taken_for_the_whole(web: Server) -> None:
    whole = download(web)
    length = int(whole.split()[0])
    assert length > BUFFERED
    chance = random.Random(20261130)  # noqa: S311 - the same instants in every run
    for _number in range(max(KILLS // 2, 2)):
        with pytest.raises((http.client.HTTPException, OSError)):
            download(web, kill_after=chance.randrange(1, length - BUFFERED))
        assert download(web) == whole
        DONE["kills amid a download"] += 1
