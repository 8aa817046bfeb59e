"""What the page shows can be copied and run as it is: each piece of it is, against a server that listens."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from tests.factories import make_institution
from tests.reports.releases import make_country, make_release

LANGUAGES = ("kk", "ru", "en")


class Snippets(HTMLParser):
    """The texts of the pieces of code of a page, each with its language."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = dict(attrs).get("class") or ""
        if tag == "code" and kind.startswith("language-"):
            self.inside = kind.removeprefix("language-")
            self.found.append((self.inside, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "code":
            self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside:
            language, text = self.found[-1]
            self.found[-1] = language, text + data


def snippets(client: Client, language: str = "en") -> list[tuple[str, str]]:
    response = client.get(f"/{language}/getting-started/")
    assert response.status_code == 200
    reader = Snippets()
    reader.feed(response.content.decode())
    return reader.found


RUN: dict[str, Callable[[str], list[str]]] = {
    "shell": lambda text: ["bash", "-c", text],
    "python": lambda text: [sys.executable, "-c", text],
    "r": lambda text: ["Rscript", "--vanilla", "-e", text],
}
# What each prints of the country below, in the order of the page; or leaves in the file that it names.
PRINTED = {
    "shell": ["KZ-71,3,1,1,1,0,0.333333,0.500000", '"reason":', "6B06101"],
    "python": ["KZ-71 1 of 3 0.333333", "kaznu 6B06102", "Counter({"],
    "r": ["KZ-71   1        3 0.333333", "not_met"],
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", RUN)
def test_every_piece_runs_as_it_is_and_prints_what_it_says(
    client: Client, live_server: LiveServer, tmp_path: Path, language: str
) -> None:
    if language == "r" and shutil.which("Rscript") is None:
        pytest.skip("R is not installed here: Debian's r-base-core has Rscript.")
    kaznu = make_institution(code="kaznu")
    make_country((kaznu, "6B06101", "met"), (kaznu, "6B06102", "not_met"), (kaznu, "7M06103", "no_data"))
    make_release()
    pieces = [text for kind, text in snippets(client) if kind == language]
    assert len(pieces) == len(PRINTED[language])
    for text, expected in zip(pieces, PRINTED[language], strict=True):
        here = text.replace(settings.SITE_URL, live_server.url)
        assert live_server.url in here
        done = subprocess.run(
            RUN[language](here),
            cwd=tmp_path,
            env={**os.environ, "http_proxy": "", "no_proxy": "*"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, (text, done.stderr)
        left = "".join(path.read_text("utf-8") for path in tmp_path.iterdir())
        assert expected in done.stdout + left, (text, done.stdout)


@pytest.mark.django_db
def test_the_pieces_are_the_same_in_each_language_but_for_what_asks_for_one(client: Client) -> None:
    make_country((make_institution(), "6B06101", "met"))
    make_release()
    first, *others = (
        [
            (kind, text.replace(f"Accept-Language: {one}", "Accept-Language"))
            for kind, text in snippets(client, one)
        ]
        for one in LANGUAGES
    )
    assert first
    assert all(other == first for other in others)
