"""Benchmarks `api_list` and `export`: lists of a hundred rows, and half a million rows at once.

Real gunicorn, as in `bench_pages`. Of a list `ours_s` is a request of /api/v1/ through all middlewares, `floor_s` the
same rows by PostgreSQL's `json_agg` through an empty view of a Django without any middleware, `peer_s` a plain
`ModelSerializer` view without any. `anew_s` is ours where no request is like another, so that none finds its statement
put together. Of the export `ours_s` is the whole table over HTTP, as JSON lines and as CSV, `floor_s` a bare COPY of
the same columns into the same process, `peer_s` the csv module behind a cursor on the server; `ours_mib` is what the
web process holds of its own at most meanwhile.
"""

import http.client
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from django.db import connection

from reports.models import Assessment, Release, Snapshot
from tests.load.bench_pages import PLAIN, PLAIN_SITE, Way, compared
from tests.load.lists import PROGRAMMES
from tests.load.measuring import timed, watched
from tests.load.releases import make_sure_of_a_release
from tests.packages import find_or_install
from tests.servers import Server, start_web

ROUNDS = 7
ROWS = 500_000
UNLIMITED = {**PLAIN, "API_RATE": "1000000/s"}
ENGLISH = ("Accept-Language: en",)


def run() -> Iterator[dict[str, Any]]:
    make_sure_of_a_release()
    wrk = find_or_install(["wrk"], "wrk")
    if wrk is None:
        raise RuntimeError("The benchmarks of the API need wrk: install it (Debian: apt-get install wrk).")
    with tempfile.TemporaryDirectory() as name:
        servers: list[Server] = []
        try:
            servers.append(plain := start_web(Path(name), PLAIN, core=0, application=PLAIN_SITE))
            servers.append(ours := start_web(Path(name), UNLIMITED, core=0))
            for table in ("programmes", "coverage"):
                yield listed(wrk, plain, ours, table)
            with many_programmes():
                yield from exported(plain, ours)
        finally:
            for server in servers:
                server.stop()


def listed(wrk: str, plain: Server, ours: Server, table: str) -> dict[str, Any]:
    address = f"/api/v1/{table}/"
    same_rows(plain, ours, table)
    ways = {
        "ours": Way(ours, address, ENGLISH),
        "floor": Way(plain, f"/aggregated/{table}/", ENGLISH),
        "peer": Way(plain, f"/serialized/{table}/", ENGLISH),
    }
    rounds = []
    for number in range(ROUNDS):
        rounds.append({name: way.measured(wrk) for name, way in ways.items()})
        rounds[-1]["anew"] = (unlike(ours, address, number), 0.0)
    found = compared(rounds, "ours", "floor", "peer")
    return {
        "name": "api_list",
        "table": table,
        **found,
        "of_peer": round(median(one["peer"][0] / one["ours"][0] for one in rounds), 2),
        "anew_s": round(median(one["anew"][0] for one in rounds), 5),
    }


def unlike(ours: Server, address: str, number: int) -> float:
    """Seconds a request where each asks for something else, though the rows are the same."""
    line = http.client.HTTPConnection("127.0.0.1", ours.port, timeout=60)
    headers = {"Host": "127.0.0.1", "Accept-Language": "en"}
    took = []
    for one in range(60):
        query = f"requirement=ai-discipline&requirement=none-{number}-{one}"
        began = time.perf_counter()
        line.request("GET", f"{address}?{query}", headers=headers)
        line.getresponse().read()
        took.append(time.perf_counter() - began)
    line.close()
    return median(took)


def same_rows(plain: Server, ours: Server, table: str) -> None:
    """What is compared says the same: ours, the floor and the peer."""
    asked = {"Host": "127.0.0.1", "Accept_Language": "en"}
    rows = json.loads(ours.ask(f"/api/v1/{table}/", **asked).body)["results"]
    floor = json.loads(plain.ask(f"/aggregated/{table}/", **asked).body)
    peer = json.loads(plain.ask(f"/serialized/{table}/", **asked).body)["results"]
    assert len(rows) == 100, len(rows)
    for row in rows:
        row.pop("reason", None)
    assert rows == floor
    assert [set(row) for row in rows] == [set(row) for row in peer]


def exported(plain: Server, ours: Server) -> Iterator[dict[str, Any]]:
    total = Assessment.objects.count()
    for form in ("ndjson", "csv"):
        address = f"/api/v1/export/programmes/?release=all&format={form}"
        took, bare, peer = [], [], []
        most = 0.0
        for _round in range(3):
            with held_by(ours) as held:
                took.append(timed(partial(read_all, ours, address, total)))
            most = max(most, *held)
            bare.append(timed(copied_bare))
        peer.append(timed(partial(read_all, plain, "/written/programmes/", total)))
        yield {
            "name": "export",
            "format": form,
            "rows": total,
            "ours_s": round(median(took), 3),
            "floor_s": round(median(bare), 3),
            "ratio": round(median(one / other for one, other in zip(took, bare, strict=True)), 2),
            "peer_s": round(median(peer), 3),
            "ours_mib": round(most / 2**20, 1),
        }


def read_all(server: Server, address: str, rows: int) -> None:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    line.request("GET", address, headers={"Host": "127.0.0.1", "Accept-Language": "en"})
    answer = line.getresponse()
    assert answer.status == 200, answer.read()
    found = 0
    while piece := answer.read(1024 * 1024):
        found += piece.count(b"\n")
    line.close()
    assert found in (rows, rows + 1), found  # CSV has a heading


def copied_bare() -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY ({PROGRAMMES}) TO STDOUT") as copy:
        for _block in copy:
            pass


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
