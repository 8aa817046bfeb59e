"""Benchmarks `api_list` and `export`: lists of a hundred rows, and half a million rows at once.

Real gunicorn with one process. Of a list `ours_s` is a request of /api/v1/ through all middlewares, asked again and
again, `anew_s` ours where no request is like another, so that none finds an answer that was made before, `floor_s` the
same rows by PostgreSQL's `json_agg` through an empty view of a Django without any middleware, `peer_s` a plain
`ModelSerializer` view without any. Of the export `ours_s` is the whole table over HTTP, as JSON lines and as CSV,
`floor_s` a bare COPY of the same columns into the same process, `peer_s` the csv module behind a cursor on the server;
`ours_mib` is what the web process holds of its own at most meanwhile.

All take turns. `ratio` is of seconds by the clock, `ratio_cpu` of what the web process (of the bare COPY: the process
that reads it) and the whole database server used of the processor, which hardly depends on what else the machine does.
"""

import http.client
import itertools
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

import psutil
from django.db import connection

from reports.models import Assessment, Release, Requirement, Snapshot
from tests.load.bench_pages import PLAIN, PLAIN_SITE, processor_seconds
from tests.load.lists import PROGRAMMES
from tests.load.measuring import database_seconds, timed, watched
from tests.load.releases import make_sure_of_a_release
from tests.servers import Server, start_web

ROUNDS = 9
REQUESTS = 60  # of each way in a round
ROWS = 500_000
UNLIMITED = {**PLAIN, "API_RATE": "1000000/s"}
HEADERS = {"Host": "127.0.0.1", "Accept-Language": "en"}


def run() -> Iterator[dict[str, Any]]:
    make_sure_of_a_release()
    with tempfile.TemporaryDirectory() as name:
        servers: list[Server] = []
        try:
            servers.append(plain := start_web(Path(name), PLAIN, core=0, application=PLAIN_SITE))
            servers.append(ours := start_web(Path(name), UNLIMITED, core=0))
            for table in ("programmes", "coverage"):
                yield listed(plain, ours, table)
            with many_programmes():
                yield from exported(plain, ours)
        finally:
            for server in servers:
                server.stop()


def listed(plain: Server, ours: Server, table: str) -> dict[str, Any]:
    same_rows(plain, ours, table)
    new = (unlike(table, number) for number in itertools.count())

    def asking(server: Server, addresses: Iterator[str]) -> Callable[[], object]:
        return lambda: ask_again(server, list(itertools.islice(addresses, REQUESTS)))

    asked = {
        "ours": asking(ours, itertools.repeat(f"/api/v1/{table}/")),
        "anew": asking(ours, new),
        "floor": asking(plain, itertools.repeat(f"/aggregated/{table}/")),
        "peer": asking(plain, itertools.repeat(f"/serialized/{table}/")),
    }
    for one in asked.values():
        one()
    rounds = [{name: cost(one, plain, ours) for name, one in asked.items()} for _ in range(ROUNDS)]

    def times(one: str, other: str, by: int) -> float:
        return round(median(each[one][by] / each[other][by] for each in rounds), 2)

    return {
        "name": "api_list",
        "table": table,
        **{f"{name}_s": round(median(one[name][0] for one in rounds) / REQUESTS, 5) for name in asked},
        "ratio": times("ours", "floor", 0),
        "ratio_cpu": times("ours", "floor", 1),
        "anew_ratio": times("anew", "floor", 0),
        "anew_ratio_cpu": times("anew", "floor", 1),
        "of_peer": times("peer", "ours", 0),
        "of_peer_cpu": times("peer", "ours", 1),
        "anew_of_peer_cpu": times("peer", "anew", 1),
    }


def unlike(table: str, number: int) -> str:
    """An address that nobody has asked for, of the same hundred rows."""
    known = Requirement.objects.order_by("pk").values_list("code", flat=True)
    return f"/api/v1/{table}/?{urlencode({'requirement': [*known, f'none-{number}']}, doseq=True)}"


def ask_again(server: Server, addresses: list[str]) -> bytes:
    """The last answer of so many, over one connection."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    for address in addresses:
        line.request("GET", address, headers=HEADERS)
        answer = line.getresponse()
        body = answer.read()
        assert answer.status == 200, (address, body)
    line.close()
    return body


def cost(what: Callable[[], object], *servers: Server) -> tuple[float, float]:
    """Seconds by the clock, and of the processor by the servers and by the database."""
    before = database_seconds() + sum(map(processor_seconds, servers))
    took = timed(what)
    return took, database_seconds() + sum(map(processor_seconds, servers)) - before


def same_rows(plain: Server, ours: Server, table: str) -> None:
    """What is compared says the same: ours, both ways, the floor and the peer."""
    floor = json.loads(ask_again(plain, [f"/aggregated/{table}/"]))
    peer = json.loads(ask_again(plain, [f"/serialized/{table}/"]))["results"]
    for address in (f"/api/v1/{table}/", unlike(table, -1)):
        rows = json.loads(ask_again(ours, [address]))["results"]
        assert len(rows) == 100, (address, len(rows))
        for row in rows:
            row.pop("reason", None)
        assert rows == floor
    assert rows == peer


def exported(plain: Server, ours: Server) -> Iterator[dict[str, Any]]:
    total = Assessment.objects.filter(snapshot__release__isnull=False).count()
    for form in ("ndjson", "csv"):
        address = f"/api/v1/export/programmes/?release=all&format={form}"
        rounds, most = [], 0.0
        for _round in range(5):
            with held_by(ours) as held:
                took = cost(partial(read_all, ours, address, total), ours)
            most = max(most, *held)
            own = sum(os.times()[:2])
            took_bare, used = cost(partial(copied_bare, total))
            rounds.append((*took, took_bare, used + sum(os.times()[:2]) - own))
        peer = timed(partial(read_all, plain, "/written/programmes/", total))
        yield {
            "name": "export",
            "format": form,
            "rows": total,
            "ours_s": round(median(one[0] for one in rounds), 3),
            "floor_s": round(median(one[2] for one in rounds), 3),
            "ratio": round(median(one[0] / one[2] for one in rounds), 2),
            "ratio_cpu": round(median(one[1] / one[3] for one in rounds), 2),
            "peer_s": round(peer, 3),
            "ours_mib": round(most / 2**20, 1),
        }


def read_all(server: Server, address: str, rows: int) -> None:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    line.request("GET", address, headers=HEADERS)
    answer = line.getresponse()
    assert answer.status == 200, answer.read()
    found = 0
    while piece := answer.read(1024 * 1024):
        found += piece.count(b"\n")
    line.close()
    assert found in (rows, rows + 1), found  # CSV has a heading


def copied_bare(rows: int) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY ({PROGRAMMES}) TO STDOUT") as copy:
        assert sum(1 for _block in copy) == rows


@contextmanager
def held_by(server: Server) -> Iterator[list[int]]:
    workers = [one.pid for one in psutil.Process(server.process.pid).children(recursive=True)]
    with watched(workers) as held:
        yield held


@contextmanager
def many_programmes() -> Iterator[None]:
    """Half a million rows of programmes: the release over and over, each copy public like the first."""
    first = make_sure_of_a_release()
    times = -(-ROWS // Assessment.objects.filter(snapshot=first.snapshot_id).count())
    copies = {
        Snapshot: {"id": "id + 1000000 * copy"},
        Release: {
            "id": "id + 1000000 * copy",
            "snapshot_id": "snapshot_id + 1000000 * copy",
            "number": "number + copy",
            "proposal_id": "NULL",
        },
        Assessment: {"snapshot_id": "snapshot_id + 1000000 * copy"},
    }
    of = {Snapshot: "id", Release: "snapshot_id", Assessment: "snapshot_id"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for model, changed in copies.items():
                columns = [
                    str(field.column) for field in model._meta.local_concrete_fields if not field.generated
                ]
                cursor.execute(
                    f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE"
                    f" SELECT {', '.join(changed.get(column, column) for column in columns)}"
                    f" FROM {model._meta.db_table}, generate_series(1, %s) AS copy WHERE {of[model]} = %s",
                    [times - 1, first.snapshot_id],
                )
            cursor.execute("SET session_replication_role = origin")
            cursor.execute("VACUUM ANALYZE reports_assessment")
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for model in reversed(copies):
                cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE {of[model]} >= 1000000")
            cursor.execute("SET session_replication_role = origin")
            cursor.execute("VACUUM ANALYZE reports_assessment")
