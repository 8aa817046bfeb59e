"""Finding and comparing in a real browser: without scripts on a phone, without a barrier, within the budget."""

from typing import TYPE_CHECKING

import pytest

from institutions.models import Alias
from tests.browsers import Axe
from tests.factories import make_discipline, make_institution, make_programme, make_region, make_version
from tests.full import IN_FULL
from tests.reports.releases import make_country, make_release
from tests.reports.test_public_pages_in_a_browser import BUDGET

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LEARNING = {"title_kk": "Машиналық оқыту", "title_ru": "Машинное обучение", "title_en": "Machine learning"}


@pytest.fixture
def site(live_server: "LiveServer") -> str:
    kaznu = make_institution(code="kaznu", name_en="Al-Farabi Kazakh National University")
    nu = make_institution(
        code="nu", name_en="Nazarbayev University", region=make_region("KZ-75", kind="city")
    )
    Alias.objects.create(institution=nu, name="Левый берег")
    make_country((kaznu, "6B06101", "met"), (nu, "7M01103", "not_met"))
    learning = make_discipline(nu, **LEARNING, description="Models, trees and how to judge them.")
    for number in range(2, 15):
        programme = make_programme(nu, code=f"6B061{number:02}")
        make_version(programme, state="approved", lines=[{"discipline": learning, "ai_category": "core"}])
    make_release()
    return live_server.url


def test_a_phone_without_scripts_finds_a_university_and_compares_it(site: str, browser: "Browser") -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/en/")
    page.get_by_text("Search", exact=True).first.click()
    box = page.get_by_label("University, region, field, AI discipline or programme")
    box.fill("назарбаев")
    box.press("Enter")
    page.get_by_role("link", name="Nazarbayev University").click()
    assert page.url == f"{site}/en/institutions/nu/"
    page.get_by_role("link", name="Compare with others").click()
    page.get_by_label("Add a university, by any of its names").fill("alfarabi")
    page.get_by_role("button", name="Add").click()
    assert page.url == f"{site}/en/compare/?institution=nu&institution=kaznu"
    row = page.get_by_role("row", name="Programmes that meet the mandate").first
    assert row.get_by_role("cell").all_inner_texts() == ["93% (13 of 14)", "100% (1 of 1)"]
    page.get_by_role("link", name="Remove Nazarbayev University").click()
    assert page.url == f"{site}/en/compare/?institution=kaznu"
    context.close()


def test_a_rector_finds_who_teaches_a_discipline(site: str, page: "Page") -> None:
    page.goto(f"{site}/ru/disciplines/")
    page.get_by_label("Название").fill("машинн")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Машинное обучение").click()
    assert page.get_by_text("Models, trees and how to judge them.").is_visible()
    assert page.get_by_text("6B06102").is_visible()


def test_no_page_has_a_barrier_or_is_cut_off_or_too_heavy(site: str, page: "Page", axe: Axe) -> None:
    page.goto(f"{site}/en/disciplines/?q=machine")
    entry = page.get_by_role("link", name="Machine learning").get_attribute("href") or ""
    paths = [
        "search/",
        "search/?q=nazarboev",
        "search/?q=6B061",
        "compare/",
        "compare/?institution=nu&institution=kaznu",
        "compare/?region=KZ-71&region=KZ-75&region=zz",
        "compare/?field=06&region=KZ-71",
        "disciplines/?level=6B&credits_max=x",
        entry.removeprefix("/en/"),
    ]
    received: list[int] = []
    page.on("response", lambda response: received.append(len(response.body()) if response.ok else 0))
    looks = ((1280, "kk"), (360, "ru"), (360, "en")) if IN_FULL else ((1280, "kk"), (360, "ru"))
    for width, language in looks:
        page.set_viewport_size({"width": width, "height": 800})
        for path in paths:
            received.clear()
            page.goto(f"{site}/{language}/{path}", wait_until="networkidle")
            wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not page.evaluate(wider), f"{language}/{path} at {width}"
            assert sum(received) <= BUDGET, f"{language}/{path}: {sum(received)}"
            if language != "en":
                axe(page)


def test_the_search_opens_over_the_page_and_closes_by_keyboard(site: str, page: "Page", axe: Axe) -> None:
    page.goto(f"{site}/en/")
    summary = page.locator(".find summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("name") == "q"
    axe(page)
    page.keyboard.type("kaznu")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=kaznu")
    assert page.get_by_role("link", name="Al-Farabi Kazakh National University").is_visible()


def test_the_dark_scheme_has_no_barrier_either(site: str, page: "Page", axe: Axe) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{site}/kk/compare/?institution=nu&institution=kaznu")
    axe(page)
