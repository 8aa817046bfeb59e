"""Benchmark `first_paint`: every kind of public page at the size of the nation, as Chromium shows it on a slow line.

The line is that of "slow 3G": 400 kbit/s each way and 400 ms for a question and its answer; the server is warm, the
browser comes for the first time, on a telephone. `ours_s` is the slowest kind of page (`slowest`), the floor a page of
one word from the same line, the peer a page without copies, compression or care for what blocks it (`plain_site.py`).
Told besides: the most bytes and requests of a page, all that came over the line with its headers.
"""

import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.browsers import find_chromium
from tests.load.bench_pages import PLAIN, PLAIN_SITE
from tests.load.releases import make_sure_of_a_release
from tests.servers import Server, start_web

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROUNDS = 5
LINE = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 50_000,
    "uploadThroughput": 50_000,
}  # ms, bytes/s
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def addresses() -> list[str]:
    """One of each kind; of those with many, one with much on it."""
    from institutions.models import Institution

    number = make_sure_of_a_release().number
    code = Institution.objects.filter(programmes__isnull=False).values_list("code", flat=True)[:1].get()
    kinds = (
        "", "institutions/", f"institutions/{code}/", "regions/KZ-75/", "fields/06/", "work/", "effort/",
        "disciplines/", "releases/", f"releases/{number}/", f"releases/{number}/programmes/", "methodology/",
        "downloads/",
        "getting-started/",
    )  # fmt: skip
    return [f"/kk/{kind}" for kind in kinds]


def run() -> list[dict[str, Any]]:
    from playwright.sync_api import sync_playwright

    paths = addresses()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        ours = start_web(folder, {**PLAIN, "STATIC_HASHED": "on"})
        plain = start_web(folder, PLAIN, application=PLAIN_SITE)
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=["--no-sandbox"])
        try:
            for path in paths:
                ours.ask(path, Host="127.0.0.1")
            ways = [(ours, path) for path in paths] + [(plain, "/word/"), (plain, "/listing/")]
            seen: dict[str, list[tuple[float, int, int]]] = {path: [] for _server, path in ways}
            for _ in range(ROUNDS):
                for server, path in ways:
                    seen[path].append(shown(browser, server, path))
        finally:
            browser.close()
            plain.stop()
            ours.stop()
    painted = {path: median(one[0] for one in found) for path, found in seen.items()}
    slowest = max(paths, key=lambda path: painted[path])
    return [
        {
            "name": "first_paint",
            "ours_s": round(painted[slowest], 3),
            "floor_s": round(painted["/word/"], 3),
            "ratio": round(painted[slowest] / painted["/word/"], 2),
            "peer_s": round(painted["/listing/"], 3),
            "slowest": slowest,
            "bytes": max(one[1] for path in paths for one in seen[path]),
            "requests": max(one[2] for path in paths for one in seen[path]),
        }
    ]


def shown(browser: "Browser", server: Server, path: str) -> tuple[float, int, int]:
    """Seconds to the first paint, bytes that came, requests: to a browser that knows nothing of the site yet."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    came: list[int] = []
    line.on("Network.loadingFinished", lambda event: came.append(int(event["encodedDataLength"])))
    try:
        page.goto(f"http://127.0.0.1:{server.port}{path}", wait_until="networkidle", timeout=60_000)
        return page.evaluate(PAINTED) / 1000, sum(came), len(came)
    finally:
        context.close()
