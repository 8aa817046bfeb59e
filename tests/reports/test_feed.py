"""The feed of releases: what each found, what a correction corrects; stable, and asked for again at little cost."""

from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reports.models import Release
from tests.reports.releases import make_release

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = settings.SITE_URL


def feed(client: Client, language: str = "en") -> ElementTree.Element:
    response = client.get(f"/{language}/releases/feed/")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)  # noqa: S314 - it is our own


def entries(client: Client, language: str = "en") -> list[dict[str, str]]:
    return [
        {
            **{child.tag.removeprefix(ATOM): child.text or "" for child in entry},
            "link": entry.find(f"{ATOM}link").attrib["href"],  # type: ignore[union-attr]
        }
        for entry in feed(client, language).findall(f"{ATOM}entry")
    ]


def test_an_entry_states_the_finding_and_leads_to_its_release(client: Client, release: Release) -> None:
    (entry,) = entries(client)
    assert entry["title"] == "Release 1: About one in three programmes meets the mandate: 33% (1 of 3)"
    assert "1 do not meet it, 1 have no approved data and count against, 1 are exempt" in entry["summary"]
    assert entry["link"] == f"{SITE}/en/releases/1/"
    assert entry["published"] == entry["updated"] == release.publish_at.isoformat()


def test_a_correction_says_what_it_corrects_in_both_entries(client: Client, release: Release) -> None:
    (before,) = entries(client)
    newer = make_release(corrects=release, correction_reason="A file was read <twice>")
    new, old = entries(client)
    assert new["title"].startswith("Release 2 corrects release 1: ")
    assert "Corrects release 1: A file was read &lt;twice&gt;" in new["summary"], "it is HTML"
    assert "Corrected by release 2: A file was read" in old["summary"]
    assert old["id"] == before["id"] != new["id"]
    assert old["published"] == before["published"]
    assert old["updated"] == newer.publish_at.isoformat()


def test_each_language_has_a_feed_of_its_own(client: Client, release: Release) -> None:
    roots = {language: feed(client, language) for language in ("kk", "ru", "en")}
    xml = "{http://www.w3.org/XML/1998/namespace}lang"
    assert {language: root.attrib[xml] for language, root in roots.items()} == {
        language: language for language in roots
    }
    assert len({entries(client, language)[0]["id"] for language in roots}) == 3
    for language, root in roots.items():
        addresses = {link.attrib.get("rel", ""): link.attrib["href"] for link in root.findall(f"{ATOM}link")}
        assert addresses["self"] == f"{SITE}/{language}/releases/feed/"
        assert addresses["alternate"] == f"{SITE}/{language}/releases/"


def test_an_id_is_the_same_wherever_the_site_is(client: Client, release: Release) -> None:
    """Else a reader would show every release as new once the site has moved."""
    (entry,) = entries(client)
    assert entry["id"].startswith("urn:uuid:")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(settings, "SITE_URL", "https://moved.example")
        (moved,) = entries(Client(headers={"host": "localhost"}))
    assert moved["link"] == "https://moved.example/en/releases/1/"
    assert moved["id"] == entry["id"]


def test_generated_figures_say_so(client: Client, release: Release, demonstration: None) -> None:
    make_release()
    assert [entry["title"].endswith("(Demonstration data)") for entry in entries(client)] == [True, False]


def test_asking_again_costs_one_query_and_no_body(client: Client, release: Release) -> None:
    first = client.get("/en/releases/feed/")
    with CaptureQueriesContext(connection) as captured:
        again = client.get("/en/releases/feed/", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, len(captured)) == (304, b"", 1)
    make_release()
    assert client.get("/en/releases/feed/", headers={"if-none-match": first["ETag"]}).status_code == 200


def test_many_releases_cost_no_more_queries_than_one(client: Client, release: Release) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/en/releases/feed/")
        return len(captured)

    one = queries()
    make_release()
    make_release()
    assert queries() == one


def test_pages_tell_readers_of_feeds_where_it_is(client: Client, release: Release) -> None:
    for language in ("kk", "ru", "en"):
        shown = client.get(f"/{language}/").content.decode()
        assert 'type="application/atom+xml" title="' in shown
        assert f'href="/{language}/releases/feed/">' in shown
