"""Whoever stops reading a whole table in the middle leaves nothing behind in the database."""

import socket
import time
from urllib.parse import urlsplit

import pytest
from django.db import connection
from pytest_django.live_server_helper import LiveServer

from tests.factories import make_institution
from tests.reports.releases import make_country, make_release

MANY = 60_000  # rows, 20 MB, zipped 4: more than the buffers between a server and who has stopped reading


@pytest.mark.django_db(transaction=True)
def test_who_goes_away_in_the_middle_leaves_nothing_running_or_locked(live_server: LiveServer) -> None:
    release_many_rows()
    for form in ("ndjson", "xlsx"):
        with connected(live_server.url) as line:
            asked = f"GET /api/v1/export/coverage/?format={form} HTTP/1.1\r\nHost: localhost\r\n\r\n"
            line.sendall(asked.encode())
            assert line.recv(4096).startswith(b"HTTP/1.1 200")
            assert copying() == 1, form  # it waits for us
        wait_until_nothing_is_copied()


def connected(url: str) -> socket.socket:
    """A line that takes little before it is read."""
    address = urlsplit(url)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.settimeout(60)
    line.connect((address.hostname, address.port))
    return line


def release_many_rows() -> None:
    make_country((make_institution(code="kaznu"), "6B06101", "met"))
    release = make_release()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "INSERT INTO reports_coverage"
            " (snapshot_id, requirement_id, dimension, key, in_scope, met, not_met, no_data, exempt)"
            " SELECT snapshot_id, requirement_id, 'institution', md5(one::text) || left(md5('u' || one), 20),"
            " 1, 1, 0, 0, 0"
            " FROM reports_coverage, generate_series(1, %s) AS one WHERE dimension = 'nation' AND snapshot_id = %s",
            [MANY, release.snapshot_id],
        )
        cursor.execute("SET session_replication_role = origin")


def copying() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND (query LIKE 'COPY%%' AND state = 'active' OR state LIKE 'idle in%%')"
        )
        (found,) = cursor.fetchone()
    return int(found)


def wait_until_nothing_is_copied() -> None:
    deadline = time.monotonic() + 120
    while copying():
        assert time.monotonic() < deadline, "a statement is left behind"
        time.sleep(0.05)
