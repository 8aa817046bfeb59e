"""The picture and the card of a university on other sites: named, dated, without cookies; only the card is framed."""

from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from institutions.models import Deployment, Institution
from tests.factories import make_institution
from tests.reports.releases import make_country, make_release
from tests.reports.test_public_pages import PAGES

pytestmark = pytest.mark.django_db

BADGE, CARD = "institutions/kaznu/badge.svg", "institutions/kaznu/card/"
SITE = settings.SITE_URL
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def kaznu() -> Institution:
    kaznu = make_institution(code="kaznu", name_en="Al-Farabi", name_kk="әл-Фараби", name_ru="Аль-Фараби")
    make_country((kaznu, "6B06101", "met"), (kaznu, "6B06102", "not_met"))
    return kaznu


def policy(client: Client, path: str) -> str:
    return client.get(path)["Content-Security-Policy"]


def test_the_card_alone_may_be_framed(client: Client, kaznu: Institution) -> None:
    make_release()
    card = client.get(f"/en/{CARD}")
    assert "frame-ancestors *" in card["Content-Security-Policy"]
    assert "X-Frame-Options" not in card
    for path in (*PAGES, BADGE, f"{CARD}?release=9", "sign-in/", "institutions/unknown/card/"):
        response = client.get(f"/en/{path}")
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"], path
        assert response["X-Frame-Options"] == "DENY", path


def test_a_copy_of_the_card_that_is_still_good_may_be_framed_too(client: Client, kaznu: Institution) -> None:
    make_release()
    etag = client.get(f"/en/{CARD}")["ETag"]
    again = client.get(f"/en/{CARD}", headers={"if-none-match": etag})
    assert again.status_code == 304
    for name in ("Content-Security-Policy", "X-Frame-Options"):
        assert name not in again, "what is not said again stays as it was"


def test_neither_sets_a_cookie_nor_depends_on_one(client: Client, kaznu: Institution) -> None:
    make_release()
    for path in (BADGE, CARD):
        response = client.get(f"/en/{path}")
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert "public" in response["Cache-Control"]


@pytest.mark.parametrize("demonstration", [True, False])
def test_both_name_university_figure_release_day_and_whether_the_data_are_generated(
    client: Client, kaznu: Institution, demonstration: bool
) -> None:
    Deployment.objects.update_or_create(pk=1, defaults={"demonstration": demonstration})
    make_release()
    for path in (BADGE, CARD):
        shown = client.get(f"/en/{path}").content.decode()
        for words in ("Al-Farabi", "50%", "1 of 2", "release 1, as at "):
            assert words in shown, (path, words)
        assert ("Demonstration data" in shown) is demonstration


def test_the_picture_is_a_drawing_with_a_text_alternative_in_each_language(
    client: Client, kaznu: Institution
) -> None:
    make_release()
    for language, name in (("kk", "әл-Фараби"), ("ru", "Аль-Фараби"), ("en", "Al-Farabi")):
        response = client.get(f"/{language}/{BADGE}")
        assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
        assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
        drawing = ElementTree.fromstring(response.content)  # noqa: S314 - our own
        title = drawing.find(f"{SVG}title")
        assert title is not None
        assert (drawing.get("role"), drawing.get("aria-labelledby")) == ("img", title.get("id"))
        assert (title.text or "").startswith(name)
        assert "style" not in {node.tag.removeprefix(SVG) for node in drawing.iter()}
        assert len(response.content) < 4000


def test_no_name_breaks_out_of_either(client: Client) -> None:
    hostile = "\"><script>alert(1)</script>\x01 &amp; ' " + "W" * 250
    institution = make_institution(code="kaznu", name_en=hostile)
    make_country((institution, "6B06101", "met"))
    make_release()
    for path in (BADGE, CARD, "institutions/kaznu/"):
        assert b"<script>alert" not in client.get(f"/en/{path}").content, path
    ElementTree.fromstring(client.get(f"/en/{BADGE}").content)  # noqa: S314 - our own


def test_without_programmes_in_scope_there_is_a_dash(client: Client, kaznu: Institution) -> None:
    make_institution(code="empty")
    make_release()
    for path in ("badge.svg", "card/"):
        shown = client.get(f"/en/institutions/empty/{path}").content.decode()
        assert "—" in shown
        assert ">0%" not in shown
        assert "no programmes in scope" in shown


def test_the_card_leads_to_the_page_out_of_its_frame(client: Client, kaznu: Institution) -> None:
    make_release()
    shown = client.get(f"/en/{CARD}").content.decode()
    assert '<a href="/en/institutions/kaznu/" target="_top">Al-Farabi</a>' in shown
    assert f'<link rel="canonical" href="{SITE}/en/institutions/kaznu/">' in shown


def test_the_page_hands_out_code_that_no_newer_release_makes_wrong(
    client: Client, kaznu: Institution
) -> None:
    make_release()
    response = client.get("/en/institutions/kaznu/")
    codes = response.context["embed"]
    assert codes["badge"] == (
        f'<a href="{SITE}/en/institutions/kaznu/">'
        f'<img src="{SITE}/en/institutions/kaznu/badge.svg" '
        'alt="AI in the programmes of Al-Farabi, by Qamtu">'
        "</a>"
    )
    assert codes["card"].startswith(f'<iframe src="{SITE}/en/institutions/kaznu/card/" title="AI in the')
    shown = response.content.decode()
    assert f"&lt;iframe src=&quot;{SITE}/en/institutions/kaznu/card/&quot;" in shown
    assert "<iframe" not in shown


def test_both_take_five_queries_at_most(client: Client, kaznu: Institution) -> None:
    make_release()
    for path in (BADGE, CARD):
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/en/{path}")
        assert len(captured) <= 5, path
