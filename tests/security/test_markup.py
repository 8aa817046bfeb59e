"""Markup that people put into names, titles, reasons and links is text on every page, and runs nowhere."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from institutions.models import Institution
from tests.factories import make_member
from tests.reports.releases import make_release
from tests.reports.test_public_pages import PAGES
from tests.security.planting import plant

PAYLOADS = [
    "<script>alert(7331)</script>",
    '"><img src=x onerror=alert(7331)>',
    "'><svg/onload=alert(7331)>",
    "</script><script>alert(7331)//",
    "javascript:alert(7331)",
    "{{7331*7331}}</textarea><b onclick=alert(7331)>",
]


class Reader(HTMLParser):
    """What of a page came from a payload and yet is more than text."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.alive: list[str] = []
        self.within = ""
        self.feed(shown)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.within = tag
        for name, value in attributes:
            said = (value or "").strip().lower()
            if name.startswith("on") or (
                name in ("href", "src", "action", "formaction") and said.startswith("javascript:")
            ):
                self.alive.append(f"<{tag} {name}={value}>")

    def handle_data(self, data: str) -> None:
        if self.within == "script" and "alert(7331)" in data and "<" in data:
            self.alive.append(data[:80])

    def handle_endtag(self, tag: str) -> None:
        self.within = ""


def alive(answer: Any) -> list[str]:
    shown = answer.content.decode()
    if "html" in answer.headers["Content-Type"] or "svg" in answer.headers["Content-Type"]:
        return Reader(shown).alive + [
            one for one in ("<script>alert", "<img src=x", "<svg/onload") if one in shown
        ]
    return []


@pytest.mark.django_db
def test_no_public_page_and_no_page_of_the_ministry_runs_what_was_planted(
    client: Client, everything: None
) -> None:
    institution = Institution.objects.get(code="kaznu")
    planted = plant(PAYLOADS)
    assert planted >= {
        "institutions.Institution.name_kk",
        "institutions.Region.name_en",
        "curricula.Programme.title_kk",
    }
    make_release(notes=dict.fromkeys(("kk", "ru", "en"), PAYLOADS[0]))
    shown = 0
    for page in (
        *PAGES,
        "institutions/kaznu/badge.svg",
        "institutions/kaznu/card/",
        "releases/feed/",
        "?release=2",
    ):
        answer = client.get(f"/ru/{page}")
        assert (answer.status_code, alive(answer)) == (200, []), page
        shown += "7331" in answer.content.decode()
    assert shown > 8, "what is planted must be on the pages"
    client.force_login(make_member(institution, "signatory", is_staff=True, is_superuser=True))
    shown = 0
    for model in admin.site._registry:
        name = f"{model._meta.app_label}/{model._meta.model_name}"
        row = model._default_manager.first() if model._meta.managed else None
        for page in ("", *((f"{row.pk}/change/", f"{row.pk}/history/") if row else ())):
            answer = client.get(f"/en/admin/{name}/{page}")
            assert answer.status_code in (200, 302), (name, page)
            assert alive(answer) == [], (name, page)
            shown += "7331" in answer.content.decode()
    assert shown > 30


def test_the_reader_knows_what_is_alive() -> None:
    """Each payload, put into a page as it is, is found; escaped, none is."""
    from django.utils.html import escape

    for payload in PAYLOADS:
        at = f'<a href="{payload}">x</a><p>{payload}</p>'
        assert Reader(at).alive or "<script>alert" in at, payload
        assert Reader(f"<p title='{escape(payload)}'>{escape(payload)}</p>").alive == [], payload
