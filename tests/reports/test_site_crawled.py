"""The whole public site, along every link: nothing is dead, nothing is left in another language, nothing is heavy.

Of pages of one kind a few are followed in each language; QAMTU_FOLLOW=1000000 follows every one.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import models, transaction
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils.translation import override

from curricula.models import Discipline, Programme, SignedDiscipline
from institutions.models import Institution
from tests.reports.crawling import Answer, Site, crawl

pytestmark = pytest.mark.django_db

FOLLOWED = int(os.environ.get("QAMTU_FOLLOW", "2"))
HEAVIEST = 150_000  # bytes, of a page with the typeface and the icon that it asks for
WITH_IT = ("fonts/source-sans-3.woff2", "typeface.css", "icon.svg")
# Three words in Latin letters are English, save names that are the same in every language.
ENGLISH = re.compile(r"[A-Za-z][A-Za-z'’-]+(?:\s+[A-Za-z][A-Za-z'’-]+){2,}")
SAME_IN_ALL = {"The Astana Times", "The Gulf Observer", "World News AM"}


class Few:
    """Of each kind of page, that is view and names of what is asked, the first few in each language."""

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, ...]] = Counter()

    def __call__(self, address: str) -> bool:
        path, _, query = address.partition("?")
        if path.startswith("/static/"):
            return True
        kind = (path[:4], view_of(path), *sorted(name for name, _value in parse_qsl(query)))
        self.asked[kind] += 1
        return self.asked[kind] <= FOLLOWED


def view_of(path: str) -> str:
    """Addresses of a language are known only in that language."""
    with override(path[1:3] if path[:4] in ("/kk/", "/ru/", "/en/") else None), suppress(Resolver404):
        return resolve(path).view_name
    return ""


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference_data", verbosity=0)
        call_command("load_demo_data", institutions=4, programmes=6, periods=1, verbosity=0)
        client = Client()

        def ask(address: str) -> Answer:
            if address.startswith("/static/"):
                return Answer(200 if finders.find(address.removeprefix("/static/")) else 404, "", b"")
            response = client.get(address)
            body = b"".join(response) if response.streaming else response.content
            return Answer(
                response.status_code, response.get("Content-Type", ""), body, response.get("Location", "")
            )

        yield crawl(ask, ["/kk/", "/ru/", "/en/", "/sitemap.xml"], follow=Few(), host="testserver")
        transaction.set_rollback(True)


def test_no_link_is_dead(site: Site) -> None:
    dead = {
        f"{address} from {site.led[address]}": answer.status
        for address, answer in site.answers.items()
        if answer.status != 200 and not (answer.status == 302 and "/sign-in/" in answer.location)
    }
    assert not dead


def test_every_kind_of_page_was_reached(site: Site) -> None:
    reached = {view_of(address.partition("?")[0]) for address in site.pages}
    assert reached >= {
        "home", "institution-list", "institution", "institution-card", "region-list", "region", "field-list", "field",
        "work", "effort", "discipline-list", "discipline", "compare", "search", "release-list", "release",
        "release-programmes", "release-changes", "methodology", "downloads", "trail-days", "getting-started", "sign-in",
    }  # fmt: skip


def test_every_place_that_is_pointed_at_is_on_its_page(site: Site) -> None:
    missing = {
        f"{address}#{place} from {led}"
        for (address, place), led in site.fragments.items()
        if address in site.pages and place not in site.pages[address].places
    }
    assert not missing


def test_no_page_is_too_heavy(site: Site) -> None:
    beside = sum((settings.BASE_DIR / "static" / name).stat().st_size for name in WITH_IT)
    weights = {address: len(site.answers[address].body) + beside for address in site.pages}
    assert not {address: weight for address, weight in weights.items() if weight > HEAVIEST}


def test_each_page_has_a_title_of_its_own_and_one_language(site: Site) -> None:
    for language in ("kk", "ru", "en"):
        titles = {
            address: page.titles[0]
            for address, page in site.pages.items()
            if address.startswith(f"/{language}/") and "?" not in address and "/card/" not in address
        }
        twice = {title for title, number in Counter(titles.values()).items() if number > 1}
        assert not {address: title for address, title in titles.items() if title in twice}


def test_nothing_is_left_in_english(site: Site) -> None:
    """Save what universities wrote themselves, and names."""
    theirs = SAME_IN_ALL | texts(Institution) | texts(Programme) | texts(Discipline) | texts(SignedDiscipline)
    left = {
        (said.text[:100], address)
        for address, page in site.pages.items()
        for said in page.said
        if said.language in ("kk", "ru") and ENGLISH.search(without(theirs, said.text))
    }
    assert not left


def texts(model: type[models.Model]) -> set[str]:
    columns = [
        one.attname for one in model._meta.fields if isinstance(one, models.CharField | models.TextField)
    ]
    return {
        text for row in model._default_manager.values_list(*columns) for text in row if text and " " in text
    }


def without(names: set[str], text: str) -> str:
    for name in names if ENGLISH.search(text) else ():
        text = text.replace(name, "")
    return text


# The walk itself


def test_the_walk_finds_what_is_dead_missing_and_foreign() -> None:
    pages = {
        "/kk/": '<html lang="kk"><a href="/kk/b/#there">б</a><a href="/kk/b/#gone">б</a><p>Left in English here',
        "/kk/b/": '<html lang="kk"><p id="there"><a href="/kk/dead/">х</a><span lang="en">This says its language',
    }

    def ask(address: str) -> Answer:
        return Answer(200 if address in pages else 404, "text/html", pages.get(address, "").encode())

    site = crawl(ask, ["/kk/"], follow=lambda _address: True, host="qamtu.example")
    assert [address for address, answer in site.answers.items() if answer.status == 404] == ["/kk/dead/"]
    assert site.led["/kk/dead/"] == "/kk/b/"
    assert site.pages["/kk/b/"].places == {"there"}
    assert set(site.fragments) == {("/kk/b/", "there"), ("/kk/b/", "gone")}
    said = [one for page in site.pages.values() for one in page.said if ENGLISH.search(one.text)]
    assert [(one.language, one.text) for one in said] == [
        ("kk", "Left in English here"),
        ("en", "This says its language"),
    ]
