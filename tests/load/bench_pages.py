"""Benchmarks `public_page`, `conditional_get` and `public_page_nginx`: the national page at the size of the nation.

Real gunicorn with one process, and nginx with the configuration of deploy/, on one core; wrk on another. `ours_s` and
the others are seconds a request, the median of rounds in which all ways take turns. The floor of the first two is an
empty view of a Django without any middleware (`plain_site.py`); of the third the same bytes as a plain file from the
same nginx, as it serves static files. The peer is a view that asks the database and renders for every visitor.
`of_floor` is the rate as a part of the floor's, the median of the rounds; `of_floor_cpu` the same by what the servers'
own processes used of the processor, which hardly depends on what else the machine does.
"""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from tests.load.releases import make_sure_of_a_release
from tests.packages import find_or_install
from tests.servers import Server, pinning, start_nginx, start_web

ROUNDS = 9
SECONDS = 2
CONNECTIONS = 8
PAGE = "/kk/"
ZIPPED = {"Accept_Encoding": "gzip"}
HOST = {"Host": "127.0.0.1"}
PLAIN_SITE = "tests.load.plain_site:application"
PLAIN = {"ALLOWED_HOSTS": "127.0.0.1", "HTTPS": "off", "BEHIND_PROXY": "off", "STATIC_HASHED": "off"}


@dataclass
class Way:
    server: Server
    path: str
    headers: tuple[str, ...] = ("Accept-Encoding: gzip",)

    def measured(self, program: str) -> tuple[float, float]:
        """Seconds a request, by the clock and of the processor."""
        before = processor_seconds(self.server)
        sent = [part for header in (*self.headers, "Host: 127.0.0.1") for part in ("-H", header)]
        address = f"http://127.0.0.1:{self.server.port}{self.path}"
        command = [*pinning(1), program, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *sent, address]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        if "Non-2xx" in told or "Socket errors" in told:
            raise RuntimeError(f"{address} fails:\n{told}")
        used = (processor_seconds(self.server) - before) / int(match(r"(\d+) requests in", told))
        return 1 / float(match(r"Requests/sec:\s+([\d.]+)", told)), used


def processor_seconds(server: Server) -> float:
    father = psutil.Process(server.process.pid)
    return sum(sum(one.cpu_times()[:2]) for one in (father, *father.children(recursive=True)))


def match(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"wrk says nothing of {pattern}:\n{text}")
    return found[1]


def run() -> list[dict[str, Any]]:
    make_sure_of_a_release()
    wrk = find_or_install(["wrk"], "wrk")
    if wrk is None:
        raise RuntimeError("The benchmarks of pages need wrk: install it (Debian: apt-get install wrk).")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        servers = []
        try:
            servers.append(plain := start_web(folder, PLAIN, core=0, application=PLAIN_SITE))
            servers.append(ours := start_web(folder, PLAIN, core=0))
            servers.append(nginx := start_nginx(folder, ours.port, tls=False, core=0))
            return measured(wrk, plain, ours, nginx, folder)
        finally:
            for server in servers:
                server.stop()


def measured(wrk: str, plain: Server, ours: Server, nginx: Server, folder: Path) -> list[dict[str, Any]]:
    answer = ours.ask(PAGE, **ZIPPED, **HOST)
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
    held = f"If-None-Match: {answer.headers['ETag']}"
    assert nginx.ask(PAGE, **ZIPPED, **HOST).body == answer.body
    for ending in ("", ".gz"):  # as collectstatic leaves them
        (folder / "static" / f"page.html{ending}").write_bytes(answer.body)
    ways = {
        "empty": Way(plain, "/"),
        "page": Way(ours, PAGE),
        "unchanged": Way(ours, PAGE, ("Accept-Encoding: gzip", held)),
        "listing": Way(plain, "/listing/"),
        "file": Way(nginx, "/static/page.html"),
        "copy": Way(nginx, PAGE),
    }
    rounds = [{name: way.measured(wrk) for name, way in ways.items()} for _ in range(ROUNDS)]
    told = {"bytes": len(answer.body)}
    return [
        {"name": "public_page", **compared(rounds, "page", "empty"), **told},
        {"name": "conditional_get", **compared(rounds, "unchanged", "empty")},
        {"name": "public_page_nginx", **compared(rounds, "copy", "file"), **told},
    ]


def compared(
    rounds: list[dict[str, tuple[float, float]]], ours: str, floor: str, peer: str = "listing"
) -> dict[str, float]:
    def seconds(name: str) -> float:
        return round(median(one[name][0] for one in rounds), 7)

    return {
        "ours_s": seconds(ours),
        "floor_s": seconds(floor),
        "ratio": round(median(one[ours][0] / one[floor][0] for one in rounds), 3),
        "peer_s": seconds(peer),
        "of_floor": round(median(one[floor][0] / one[ours][0] for one in rounds), 3),
        "of_floor_cpu": round(median(one[floor][1] / one[ours][1] for one in rounds), 3),
    }
