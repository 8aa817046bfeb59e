"""Benchmark `api_deepest`: of each list of the API the most that can be asked for at once, at the size of the nation.

By every parameter, with as many values as the longest address that a server takes has room for. Real gunicorn with one
process; `ours_s` is the longest of some requests, none of which finds an answer that was made before, through all
middlewares. A second is promised.
"""

import http.client
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.deepest import Row, deepest, lists
from tests.load.bench_api import HEADERS, UNLIMITED
from tests.load.measuring import timed
from tests.load.releases import make_sure_of_a_release
from tests.servers import Server, start_web

REQUESTS = 20
LONGEST = 4000  # of an address; gunicorn takes a first line of 4094
VALUES = (100, 50, 30, 20, 10, 5)  # of each parameter: the most that fit


def run() -> Iterator[dict[str, Any]]:
    make_sure_of_a_release()
    with tempfile.TemporaryDirectory() as name:
        server = start_web(Path(name), UNLIMITED, core=0)
        try:
            for table in lists():
                if rows(server, f"/api/v1/{table}/"):  # movements are none where there is one release
                    yield asked(server, table)
        finally:
            server.stop()


def asked(server: Server, table: str) -> dict[str, Any]:
    addresses = (deepest(table, lambda asked: rows(server, asked), values=values) for values in VALUES)
    address = next(one for one in addresses if len(one) < LONGEST)
    # A page of another size has no answer yet.
    unlike = [address.replace("page_size=100", f"page_size={100 - number}") for number in range(REQUESTS)]
    found = len(rows(server, unlike.pop()))
    assert found, address
    return {
        "name": "api_deepest",
        "table": table,
        "ours_s": round(max(timed(lambda one=one: rows(server, one)) for one in unlike), 3),  # type: ignore[misc]
        "promised_s": 1,
        "rows": found,
        "parameters": address.count("&") + 1,
    }


def rows(server: Server, address: str) -> list[Row]:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    line.request("GET", address, headers=HEADERS)
    answer = line.getresponse()
    body = answer.read()
    line.close()
    assert answer.status == 200, (address, body)
    found: list[Row] = json.loads(body)["results"]
    return found
