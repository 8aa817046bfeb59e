"""The public pages in a real browser: no barrier that axe-core knows, nothing cut off at 360 px, no script needed."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.browsers import Axe
from tests.factories import make_institution, make_region
from tests.full import IN_FULL, LANGUAGES
from tests.reports.releases import make_country, make_release
from tests.reports.test_public_pages import PAGES
from tests.workers import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BUDGET = 150_000
# Axe takes a second a page, and what it finds is in the markup, which languages share: where it looks.
LOOKED_AT = {(1280, "kk"), (360, "ru")} | ({(1280, "en")} if IN_FULL else set())
PAINTS = "performance.getEntriesByName('first-contentful-paint').length"


@pytest.fixture
def site(live_server: "LiveServer") -> str:
    kaznu = make_institution(code="kaznu", name_kk="әл-Фараби атындағы Қазақ ұлттық университеті")
    make_country(
        (kaznu, "6B06101", "met"),
        (kaznu, "6B06102", "not_met"),
        (kaznu, "7M01103", "no_data"),
        (make_institution(region=make_region("KZ-75", kind="city")), "6B04101", "met"),
    )
    make_release()
    return live_server.url


def test_no_page_has_a_barrier_or_is_cut_off_or_too_heavy(site: str, page: "Page", axe: Axe) -> None:
    received: list[int] = []
    page.on("response", lambda response: received.append(len(response.body()) if response.ok else 0))
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for language in LANGUAGES:
            for path in PAGES:
                received.clear()
                # What a page asks for is the same at any width and in any language.
                until: Any = "networkidle" if (width, language) == (1280, "kk") else "load"
                page.goto(f"{site}/{language}/{path}", wait_until=until)
                wider = page.evaluate(
                    "document.documentElement.scrollWidth > document.documentElement.clientWidth"
                )
                assert not wider, f"{language}/{path} at {width}"
                assert len(received) <= 12
                assert sum(received) <= BUDGET, f"{language}/{path}: {sum(received)}"
                if (width, language) in LOOKED_AT:
                    axe(page)
    assert not [url for url in asked if not url.startswith((f"{site}/", "data:"))], (
        "nothing from third parties"
    )


def test_a_page_is_shown_before_anything_else_has_come(site: str, page: "Page") -> None:
    """Its style stands within it and is in force; whatever else it names, the typeface too, may stay away for ever."""
    page.route("**/static/**", lambda _route: None)  # never answered
    for path in PAGES:
        page.goto(f"{site}/kk/{path}", wait_until="commit")
        eventually(lambda: page.evaluate(PAINTS), f"the first paint of {path}")
        masthead = page.locator("header.masthead > div").evaluate(
            "one => getComputedStyle(one).borderBottomWidth"
        )
        assert masthead == "1px", f"{path}: without its style"


def test_the_dark_scheme_has_no_barrier_either(site: str, page: "Page", axe: Axe) -> None:
    page.emulate_media(color_scheme="dark")
    for path in ("", "institutions/", "institutions/kaznu/"):
        page.goto(f"{site}/ru/{path}")
        axe(page)


def test_a_phone_without_scripts_folds_the_menu_and_keeps_the_language_in_sight(
    site: str, browser: "Browser"
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/en/institutions/kaznu/")
    menu = page.get_by_role("navigation", name="Sections")
    assert menu.count() == 0, "hidden menus have no role"
    page.get_by_text("Menu", exact=True).click()
    menu.get_by_role("link", name="Universities").click()
    page.get_by_role("link", name="Қазақша").click()
    assert page.url == f"{site}/kk/institutions/"
    page.get_by_role("link", name="әл-Фараби атындағы Қазақ ұлттық университеті").click()
    assert page.url == f"{site}/kk/institutions/kaznu/"
    context.close()


def test_a_keyboard_skips_to_the_content_and_opens_a_region_on_the_map(site: str, page: "Page") -> None:
    page.goto(f"{site}/en/")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to content"
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Region KZ-75: 100% (1 of 1)").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/en/regions/KZ-75/")


def test_the_table_of_a_chart_is_one_click_away(site: str, page: "Page") -> None:
    page.goto(f"{site}/en/")
    series = page.locator("figure#series")
    assert series.get_by_role("table").is_hidden()
    series.get_by_text("Table", exact=True).click()
    assert series.get_by_role("row").count() == 2
    field = page.locator("figure#field")
    assert field.get_by_role("table").count() == 1, "bars are a table already; the other has the outcomes"
    field.get_by_text("Table", exact=True).click()
    assert field.get_by_role("table").nth(1).get_by_role("columnheader", name="Exempt").is_visible()
