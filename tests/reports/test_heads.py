"""What each page says of itself to search engines and to previews of links: one title, one address, its languages."""

import re
from collections import Counter
from html import unescape

import pytest
from django.conf import settings
from django.test import Client

from reports.models import Release
from tests.reports.test_public_pages import PAGES

pytestmark = pytest.mark.django_db

LANGUAGES = ("kk", "ru", "en")
SITE = settings.SITE_URL


def head(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode().partition("</head>")[0]


def title(shown: str) -> str:
    (found,) = re.findall(r"<title>(.*?)</title>", shown)
    return unescape(found)


def property_of(shown: str, name: str) -> str:
    (found,) = re.findall(rf'<meta (?:property|name)="{name}" content="([^"]*)">', shown)
    return unescape(found)


def links(shown: str, rel: str) -> list[tuple[str, str]]:
    return re.findall(rf'<link rel="{rel}"(?: hreflang="([^"]*)")? href="([^"]*)">', shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_a_title_of_its_own_and_a_description(
    client: Client, release: Release, language: str
) -> None:
    heads = {path: head(client, f"/{language}/{path}") for path in (*PAGES, "?release=1", "fields/10/")}
    titles = Counter(title(shown) for shown in heads.values())
    assert [said for said, times in titles.items() if times > 1] == []
    for path, shown in heads.items():
        assert title(shown).endswith(" – Qamtu")
        assert property_of(shown, "og:title") == title(shown).removesuffix(" – Qamtu"), path
        assert property_of(shown, "description") == property_of(shown, "og:description") != "", path


def test_a_name_with_quotes_and_markup_stays_text(client: Client, release: Release) -> None:
    from institutions.models import Institution

    Institution.objects.filter(code="kaznu").update(name_en='The "First" <b>& only</b>')
    shown = head(client, "/en/institutions/kaznu/")
    assert title(shown) == 'The "First" <b>& only</b> – Qamtu'
    assert property_of(shown, "og:title") == 'The "First" <b>& only</b>'
    assert "<b>" not in shown


@pytest.mark.parametrize("path", ["", "institutions/kaznu/", "effort/", "releases/1/"])
def test_a_page_names_its_address_and_those_of_its_languages(
    client: Client, release: Release, path: str
) -> None:
    for language in LANGUAGES:
        shown = head(client, f"/{language}/{path}")
        assert f'<html lang="{language}">' in shown
        assert links(shown, "canonical") == [("", f"{SITE}/{language}/{path}")]
        assert links(shown, "alternate") == [
            *((other, f"{SITE}/{other}/{path}") for other in LANGUAGES),
            ("x-default", f"{SITE}/{path}"),
        ]
        assert property_of(shown, "og:url") == f"{SITE}/{language}/{path}"


def test_the_address_without_a_language_leads_to_the_readers_own_and_keeps_the_query(
    client: Client, release: Release
) -> None:
    for language in LANGUAGES:
        answer = client.get("/institutions/kaznu/?release=1", headers={"accept-language": language})
        assert answer.status_code == 302
        assert answer["Location"] == f"/{language}/institutions/kaznu/?release=1"


def test_filters_do_not_name_a_page_and_releases_and_parts_do(client: Client, release: Release) -> None:
    def address(query: str, path: str = "institutions/") -> str:
        ((_language, found),) = links(head(client, f"/en/{path}{query}"), "canonical")
        return found.removeprefix(SITE)

    assert address("?q=kaz&sort=name&utm_source=x") == "/en/institutions/"
    assert address("?sort=name&release=1") == "/en/institutions/?release=1"
    assert (
        address("?outcome=met&dimension=region&key=KZ-71", "releases/1/programmes/")
        == "/en/releases/1/programmes/?dimension=region&amp;key=KZ-71"
    )


def test_the_language_switch_stays_on_the_page_with_its_query(client: Client, release: Release) -> None:
    shown = client.get("/en/institutions/?q=kaz&sort=name&release=1").content.decode()
    for language in LANGUAGES:
        assert (
            f'<a href="/{language}/institutions/?q=kaz&amp;sort=name&amp;release=1" lang="{language}"'
            in shown
        )


def test_the_page_of_an_older_release_says_so_in_its_title(client: Client, release: Release) -> None:
    assert title(head(client, "/en/institutions/?release=1")) == "Universities · Release 1 – Qamtu"


def test_another_host_changes_nothing_that_a_cache_may_keep(client: Client, release: Release) -> None:
    host = next(host for host in settings.ALLOWED_HOSTS if not host.startswith((".", "*")))
    assert head(client, "/en/") == head(Client(headers={"host": host}), "/en/")


def test_previews_of_links_show_the_picture_of_the_pages_own_figures(
    client: Client, release: Release
) -> None:
    for path, query in (
        ("", ""),
        ("methodology/", ""),
        ("institutions/kaznu/", "?dimension=institution&key=kaznu"),
        ("regions/KZ-71/", "?dimension=region&key=KZ-71"),
        ("fields/06/", "?dimension=field&key=06"),
    ):
        shown = head(client, f"/ru/{path}")
        address = f"{SITE}/ru/releases/1/card.png{query}"
        assert property_of(shown, "og:image") == address
        assert property_of(shown, "og:locale") == "ru_RU"
        assert property_of(shown, "twitter:card") == "summary_large_image"
        assert client.get(address)["Content-Type"] == "image/png"


def test_generated_figures_are_kept_out_of_search_engines(
    client: Client, release: Release, demonstration: None
) -> None:
    from tests.reports.releases import make_release

    assert 'content="noindex"' not in head(client, "/en/")
    make_release()
    assert '<meta name="robots" content="noindex">' in head(client, "/en/")
    assert 'content="noindex"' not in head(client, "/en/releases/1/")
