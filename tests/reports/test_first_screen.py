"""The national page in a browser: the three questions answered without scrolling, the whole of it without a barrier."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from institutions.models import Deployment
from reports.models import Requirement, Target
from tests.browsers import Axe
from tests.factories import make_institution, make_region, make_version
from tests.reports.releases import make_country, make_release

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Long names, as there are: they must not push an answer below the fold.
REGIONS = {
    "KZ-23": ("Солтүстік Қазақстан облысы", "Северо-Казахстанская область", "North Kazakhstan Region"),
    "KZ-27": ("Батыс Қазақстан облысы", "Западно-Казахстанская область", "West Kazakhstan Region"),
    "KZ-63": ("Шығыс Қазақстан облысы", "Восточно-Казахстанская область", "East Kazakhstan Region"),
    "KZ-43": ("Қызылорда облысы", "Кызылординская область", "Kyzylorda Region"),
    "KZ-61": ("Түркістан облысы", "Туркестанская область", "Turkistan Region"),
    "KZ-75": ("Алматы қаласы", "город Алматы", "Almaty City"),
}
ANSWERS = {
    "how far are we": (
        ".lead-figure strong",
        ".lead-figure .figure span",
        ".lead-figure .note",
        ".first .gauge",
    ),
    "beside the target": (".first .target",),
    "beside what was stated": (".first .stated",),
    "who is behind, on the map": ("#map h2", "#map svg.chart"),
    "who is behind, as a list": ("#map .bars caption", "#map .bars tbody tr:last-child"),
    "is it moving": ("#series h2", "#series p", "#series svg.chart"),
}


@pytest.fixture
def site(live_server: "LiveServer") -> str:
    """Six regions, two releases, a target, the statements of January 2026, and the notice of a demonstration."""
    call_command("load_reference_data", verbosity=0)
    Deployment.objects.update_or_create(pk=1, defaults={"demonstration": True})
    silent = []
    for place, (code, (kk, ru, en)) in enumerate(REGIONS.items()):
        region = make_region(
            code, kind="city" if code == "KZ-75" else "region", name_kk=kk, name_ru=ru, name_en=en
        )
        university = make_institution(region=region, kind=("national", "private", "state")[place % 3])
        make_country(
            *(
                (university, f"6B0610{number}", "met" if number > place else "not_met")
                for number in range(1, 8)
            ),
            (university, "7M01103", "no_data"),
        )
        silent.append(university.programmes.get(code="7M01103"))
    names = {
        "name_kk": "Әр бес бағдарламаның төртеуі 2027 жылдың соңына дейін",
        "name_ru": "Четыре программы из пяти к концу 2027 года",
        "name_en": "Four in five programmes by the end of 2027",
    }
    code, today = Requirement.objects.get().code, timezone.localdate()
    for share, days in ((Decimal("0.5"), -100), (Decimal("0.8"), 300)):
        due_on = today + timedelta(days=days)
        Target.objects.create(requirement_code=code, due_on=due_on, share=share, **names)
    make_release()
    for programme in silent:
        make_version(programme, state="approved")
    make_release()
    return live_server.url


def test_three_questions_are_answered_without_scrolling_in_each_language(site: str, page: "Page") -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    for language in ("kk", "ru", "en"):
        page.goto(f"{site}/{language}/", wait_until="networkidle")
        for question, places in ANSWERS.items():
            for place in places:
                box = page.locator(place).locator("visible=true").first.bounding_box()
                assert box, f"{question}: {place} in {language}"
                assert box["width"] > 20
                assert box["height"] > 5
                assert box["y"] + box["height"] <= 800, f"{question}: {place} in {language} ends at {box}"


MEDIA: dict[str, Any] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "more contrast": {"color_scheme": "light", "contrast": "more"},
    "more contrast in the dark": {"color_scheme": "dark", "contrast": "more"},
    "colours of one's own": {"forced_colors": "active"},
}


def test_no_scheme_of_colours_has_a_barrier_whether_wide_or_narrow(site: str, page: "Page", axe: Axe) -> None:
    for media in MEDIA:
        page.emulate_media(**MEDIA[media])
        for width, language in ((1280, "ru"), (360, "kk")):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{site}/{language}/")
            axe(page)
            if "forced_colors" in MEDIA[media]:
                assert fill(page, "c-bar") != fill(page, "c-track"), "a bar is seen against its track"


def fill(page: "Page", name: str) -> str:
    found: str = page.locator(f"#field .meter .{name}").first.evaluate(
        "element => getComputedStyle(element).fill"
    )
    return found


MOVING = """[...document.querySelectorAll("*")].filter(element => {
    const style = getComputedStyle(element)
    return parseFloat(style.transitionDuration) > 0 || style.animationName != "none"
}).length"""


def test_the_page_suits_a_phone_an_enlargement_a_printer_and_those_who_want_nothing_to_move(
    site: str, page: "Page"
) -> None:
    for width in (640, 360, 320):  # 640 is 1280 at 200 %
        page.set_viewport_size({"width": width, "height": 740})
        page.goto(f"{site}/kk/")
        assert not page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        ), width
        tops = [
            box["y"]
            for place in (".lead-figure", "#series svg.chart", "#map svg.chart", "#map .bars")
            if (box := page.locator(place).locator("visible=true").first.bounding_box())
        ]
        assert len(tops) == 4
        assert tops == sorted(tops), "how far, is it moving, who is behind"

    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVING) > 0
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == 0

    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"{site}/en/")
    assert page.locator("#map svg.chart").locator("visible=true").count() == 1
    for place in (".menu", ".languages", ".folded", ".skip"):
        assert page.locator(place).locator("visible=true").count() == 0, place
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
