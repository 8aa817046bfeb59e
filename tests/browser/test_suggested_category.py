"""What AI is in a discipline, in a real browser: the words stand where a person decides, with scripts and without."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from curricula.models import Discipline
from institutions.models import Institution, User
from tests.browsers import Axe, enter
from tests.factories import (
    PASSWORD,
    make_discipline,
    make_institution,
    make_member,
    make_period,
    make_programme,
    make_version,
)
from tests.full import LANGUAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TELEPHONE = {"width": 360, "height": 740}


@pytest.fixture
def kaznu(transactional_db: None) -> Institution:
    institution = make_institution(code="kaznu")
    machine_learning = make_discipline(institution, code="ML1", title_en="Machine Learning in Chemistry")
    make_version(
        make_programme(institution, code="6B05301"),
        period=make_period("2025"),
        lines=[{"discipline": machine_learning, "ai_category": "none"}],
    )
    return institution


@pytest.fixture
def editor(kaznu: Institution) -> User:
    return make_member(kaznu, "editor", email="aru@kaznu.kz", password=PASSWORD)


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(browser: "Browser", request: pytest.FixtureRequest) -> "Iterator[Page]":
    context = browser.new_context(
        java_script_enabled=request.param, viewport={"width": 1280, "height": 800}, locale="en"
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


def test_the_form_of_a_discipline_suggests_and_a_person_decides(
    page: "Page", live_server: Any, editor: User
) -> None:
    enter(page, live_server.url, "aru@kaznu.kz")
    page.goto(f"{live_server.url}/en/workspace/kaznu/2025/disciplines/new/")
    assert not page.locator(".suggestion").count()
    page.get_by_label("Code").fill("AI7")
    page.get_by_label("Title in Russian").fill("Нейросети в журналистике")
    page.get_by_label("Description").fill("Подготовка и проверка материалов, дипфейки.")
    page.get_by_role("button", name="Suggest from title and description").click()
    page.locator(".suggestion").wait_for()
    assert page.locator(".suggestion mark").all_inner_texts() == ["Нейросети", "дипфейки"]
    assert "AI applied in the field" in page.locator(".suggestion").inner_text()
    assert page.get_by_label("Title in Russian").input_value() == "Нейросети в журналистике"

    page.get_by_label("AI category").select_option("ethics")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("You decide.").wait_for()
    saved = Discipline.objects.get(code="AI7")
    assert (saved.ai_category, saved.suggested_category) == ("ethics", "applied")


def test_a_row_that_says_otherwise_shows_the_words(page: "Page", live_server: Any, editor: User) -> None:
    enter(page, live_server.url, "aru@kaznu.kz")
    page.goto(f"{live_server.url}/en/workspace/kaznu/2025/programmes/6B05301/edit/")
    said = page.locator("td", has_text="Suggested by the words “Machine Learning”: AI applied in the field.")
    assert said.count() == 1
    page.get_by_role("combobox", name="AI category").first.select_option("applied")
    page.get_by_role("button", name="Save", exact=True).click()
    said.wait_for(state="detached")


@pytest.mark.parametrize("language", LANGUAGES)
def test_suggestions_have_no_barrier_and_fit_a_telephone(
    browser: "Browser", axe: Axe, live_server: Any, editor: User, language: str
) -> None:
    number = Discipline.objects.get(code="ML1").pk
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    enter(page, live_server.url, "aru@kaznu.kz")
    for place in (f"disciplines/{number}/", "programmes/6B05301/edit/"):
        page.goto(f"{live_server.url}/{language}/workspace/kaznu/2025/{place}")
        assert page.get_by_text("Machine Learning", exact=False).count()
        axe(page)
        page.set_viewport_size({"width": 360, "height": 740})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"]
        page.set_viewport_size({"width": 1280, "height": 800})
    context.close()
