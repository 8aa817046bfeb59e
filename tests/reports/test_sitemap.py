"""The list of all public pages for search engines, in three languages."""

from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, resolve
from django.utils import timezone
from django.utils.translation import override

from reports.models import Release
from reports.urls import urlpatterns
from tests.factories import make_institution
from tests.reports.releases import make_release

pytestmark = pytest.mark.django_db

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
SITE = settings.SITE_URL
SECTIONS = ("sections", "institutions", "regions", "fields", "disciplines", "releases")
# What was searched for, lists behind a figure, a feed, what other sites embed, and what only a university sees.
LEFT_OUT = {
    "search",
    "release-programmes",
    "release-changes",
    "release-feed",
    "institution-card",
    "live-coverage",
    "trail-days",  # another page every day, and hardly looked for
}


def listed(client: Client, section: str) -> dict[str, ElementTree.Element]:
    response = client.get(f"/sitemap-{section}.xml")
    assert response["Content-Type"] == "application/xml"
    root = ElementTree.fromstring(response.content)  # noqa: S314 - it is our own
    return {url.findtext(f"{SITEMAP}loc", "").removeprefix(SITE): url for url in root}


def test_robots_are_told_of_an_index_that_names_every_section(client: Client, release: Release) -> None:
    told = client.get("/robots.txt").content.decode()
    assert f"\nSitemap: {SITE}/sitemap.xml\n" in told
    index = client.get("/sitemap.xml").content.decode()
    for section in SECTIONS:
        assert f"/sitemap-{section}.xml</loc>" in index


def test_every_page_is_there_in_each_language_and_answers(client: Client, release: Release) -> None:
    pages = {path for section in SECTIONS for path in listed(client, section)}
    for language in ("kk", "ru", "en"):
        for path in (
            "", "institutions/", "institutions/kaznu/", "institutions/satbayev/", "regions/", "regions/KZ-71/",
            "regions/KZ-75/", "fields/", "fields/06/", "disciplines/", "effort/", "work/", "releases/",
            "releases/1/", "methodology/", "downloads/", "getting-started/",
        ):  # fmt: skip
            assert f"/{language}/{path}" in pages
    for path in pages:
        assert client.get(path).status_code == 200, path
    assert not any("workspace" in path or "admin" in path or "search" in path for path in pages)


def test_every_kind_of_page_is_listed_or_left_out_on_purpose(client: Client, release: Release) -> None:
    pages = {
        one.name
        for one in urlpatterns
        if isinstance(one, URLPattern) and (str(one.pattern).endswith("/") or not str(one.pattern))
    }
    paths = [path for section in SECTIONS for path in listed(client, section)]
    with override("en"):
        kinds = {resolve(path).url_name for path in paths if path.startswith("/en/")}
    assert pages - kinds == LEFT_OUT


def test_a_page_stands_beside_itself_in_the_other_languages(client: Client, release: Release) -> None:
    url = listed(client, "institutions")["/ru/institutions/kaznu/"]
    assert {link.attrib["hreflang"]: link.attrib["href"] for link in url.findall(LINK)} == {
        **{language: f"{SITE}/{language}/institutions/kaznu/" for language in ("kk", "ru", "en")},
        "x-default": f"{SITE}/institutions/kaznu/",
    }


def test_a_page_changed_last_when_what_it_shows_was_released(client: Client, release: Release) -> None:
    newer = make_release(corrects=release, correction_reason="A file was read twice")
    day = timezone.localtime(newer.publish_at).date().isoformat()
    for section, path in (
        ("sections", "/kk/"),
        ("institutions", "/kk/institutions/kaznu/"),
        ("releases", "/kk/releases/1/"),
        ("releases", "/kk/releases/2/"),
    ):
        assert listed(client, section)[path].findtext(f"{SITEMAP}lastmod") == day


def test_a_copy_is_good_until_there_is_another_page(client: Client, release: Release) -> None:
    first = client.get("/sitemap-institutions.xml")
    again = {"if-none-match": first["ETag"]}
    assert client.get("/sitemap-institutions.xml", headers=again).status_code == 304
    make_institution(code="new")
    assert client.get("/sitemap-institutions.xml", headers=again).status_code == 200
    assert "public" in first["Cache-Control"]


def test_many_universities_cost_no_more_queries_than_few(client: Client, release: Release) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/sitemap-institutions.xml")
        return len(captured)

    few = queries()
    for number in range(10):
        make_institution(code=f"more-{number}")
    assert queries() == few <= 3


@pytest.mark.parametrize(
    "path", ["/sitemap-nothing.xml", "/sitemap-fields.xml?p=9", "/sitemap-fields.xml?p=x"]
)
def test_what_is_not_there_is_not_found(client: Client, release: Release, path: str) -> None:
    assert client.get(path).status_code == 404
