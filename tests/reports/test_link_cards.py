"""The picture that goes with a link: the finding of the page, 1200 by 630, in the reader's language."""

import struct

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from institutions.models import Institution
from reports import charts
from reports.charts.card import HEIGHT, WIDTH, Card, link_card
from reports.models import Release
from tests.reports.releases import make_release

CARD = Card("About half of the programmes meet the mandate", "50%", "1 of 2 programmes meet it", "Release 1")
PATH = "/en/releases/1/card.png"
PARTS = ("", "?dimension=institution&key=kaznu", "?dimension=region&key=KZ-71", "?dimension=field&key=06")


def words(svg: str) -> list[tuple[float, float, str]]:
    """Where each text begins, how large it is, and what it says."""
    import re

    found = re.findall(r'<text [^>]*x="([\d.]+)"[^>]*font-size="([\d.]+)"[^>]*>([^<]*)</text>', svg)
    return [(float(x), float(size), text) for x, size, text in found]


@pytest.mark.parametrize("figure", ["50%", "99 %-дан жоғары", "—", "under 1%"])
@pytest.mark.parametrize("heading", ["Nation", "Университет " * 30, "Ж" * 300])
def test_nothing_leaves_the_picture_whatever_its_words(figure: str, heading: str) -> None:
    from reports.charts.drawing import width_of

    svg = link_card(Card(heading, figure, "10 142 of 13 004 programmes meet the mandate", "Release 1"))
    for x, size, text in words(svg):
        if "Ж" * 30 not in text:  # one word of 300 letters fits nowhere
            assert x + width_of(text, size, bold=True) <= WIDTH, text


def test_the_picture_shows_share_target_and_that_data_are_generated() -> None:
    from dataclasses import replace

    plain = link_card(CARD)
    assert plain.count("<rect") == 2, "the paper and the empty bar"
    marked = link_card(replace(CARD, share=0.5, goal=0.8, mark="Demonstration data"))
    assert "Demonstration data" in marked
    assert marked.count("<rect") == 5
    assert link_card(replace(CARD, share=0.0)).count("<rect") == 2, "nothing is no bar"


@pytest.mark.django_db
@pytest.mark.parametrize("part", PARTS)
def test_a_card_is_as_large_as_networks_ask(client: Client, release: Release, part: str) -> None:
    response = client.get(PATH + part)
    assert response["Content-Type"] == "image/png"
    assert struct.unpack(">II", response.content[16:24]) == (WIDTH, HEIGHT)
    assert len(response.content) < 150_000


@pytest.mark.django_db
def test_each_part_language_and_name_has_its_own(client: Client, release: Release) -> None:
    seen = {
        client.get(f"/{language}/releases/1/card.png{part}").content
        for language in ("kk", "en")
        for part in PARTS
    }
    assert len(seen) == 2 * len(PARTS)
    kaznu = PATH + PARTS[1]
    before = client.get(kaznu)
    assert client.get(kaznu, headers={"if-none-match": before["ETag"]}).status_code == 304
    Institution.objects.filter(code="kaznu").update(name_en="Renamed")
    assert client.get(kaznu, headers={"if-none-match": before["ETag"]}).content != before.content


@pytest.mark.django_db
def test_the_card_of_generated_data_is_another(client: Client, release: Release, demonstration: None) -> None:
    make_release()
    assert client.get("/en/releases/2/card.png").content != client.get(PATH).content


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/en/releases/9/card.png",
        "/en/releases/99999999999/card.png",
        PATH + "?dimension=institution&key=nobody",
        PATH + "?dimension=level&key=6B",
        PATH + "?dimension=region,level&key=KZ-71,6B",
        PATH + "?dimension=field&key=061",
        PATH + "?dimension=region&key=%3Cscript%3E",
        PATH + "?key=x",
    ],
)
def test_what_has_no_page_has_no_card(client: Client, release: Release, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.django_db
def test_a_card_costs_few_queries(client: Client, release: Release) -> None:
    with CaptureQueriesContext(connection) as captured:
        client.get(PATH + PARTS[1])
    assert len(captured) <= 7


def test_it_is_drawn_in_our_typeface_alone() -> None:
    assert charts.png(link_card(CARD), zoom=1) == charts.png(link_card(CARD), zoom=1)
