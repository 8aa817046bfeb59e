"""The rules change by two people in a browser: one drafts, both read what would change, the second puts it into effect.

Three programmes: one with 3 credits of AI, one with 6, one without. By the rule two of three meet it; where 5 credits
are asked, one.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from institutions.models import User
from reports.models import Requirement, RequirementDraft
from tests.browsers import Axe, sign_in
from tests.factories import make_institution, make_period, make_programme, make_version
from tests.rules import make_requirement

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rule(transactional_db: None) -> Requirement:
    make_period()
    kaznu = make_institution(code="kaznu")
    for code, lines in (
        ("6B06101", [{"ai_category": "core", "credits": 3}]),
        ("6B06102", [{"ai_category": "core", "credits": 6}]),
        ("7M06101", [{}]),
    ):
        make_version(make_programme(kaznu, code=code), state="approved", lines=lines)
    return make_requirement()


def barrier_free(page: "Page", axe: Axe) -> None:
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        axe(page)


def draft(page: "Page", base: str, axe: Axe | None = None) -> None:
    """From the rule to the page of its draft, with a mistake on the way."""
    page.goto(f"{base}/en/admin/reports/requirement/")
    page.get_by_role("link", name="At least one AI discipline").click()
    page.get_by_role("link", name="Draft the next version…").click()
    page.get_by_role("heading", name="Draft a requirement").wait_for()
    if axe:
        barrier_free(page, axe)
    page.get_by_label("At least so many credits").fill("5")
    page.get_by_label("In effect from").fill(timezone.localdate().isoformat())
    page.get_by_label("Reason of the change").fill("Order No. 7 asks for five credits.")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_text("stay as they are").first.wait_for()
    assert page.get_by_label("At least so many credits").input_value() == "5"
    page.get_by_label("In effect from").fill((timezone.localdate() + timedelta(days=30)).isoformat())
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("heading", name="What it would change").wait_for()


def figure(page: "Page", name: str) -> str:
    return page.locator("dl.figures > div", has_text=name).locator("strong").inner_text()


def test_one_drafts_both_see_what_would_change_and_the_second_adopts(
    page: "Page", live_server: Any, axe: Axe, rule: Requirement, lead: User, deputy: User
) -> None:
    sign_in(page, lead, live_server.url)
    draft(page, live_server.url, axe)
    barrier_free(page, axe)
    assert (figure(page, "Share now"), figure(page, "Share by the other rule")) == ("67%", "33%")
    assert (figure(page, "From met to not met"), figure(page, "From not met to met")) == ("1", "0")
    assert page.get_by_role("button", name="Put into effect").count() == 0
    address = page.url
    sign_in(page, deputy, live_server.url)
    page.goto(address)
    page.get_by_role("button", name="Put into effect").click()
    page.get_by_text("Version 2 of ai-discipline is adopted").wait_for()
    page.get_by_role("link", name="version 2").click()
    page.get_by_role("heading", name="At least one AI discipline").first.wait_for()
    first, second = Requirement.objects.order_by("number")
    assert first.effective_to == second.effective_from
    assert second.adopted_by == deputy


def test_without_scripts_a_draft_is_withdrawn_and_drafted_anew(
    plain_page: "Page", live_server: Any, rule: Requirement, lead: User
) -> None:
    page = plain_page
    page.set_viewport_size({"width": 360, "height": 800})
    sign_in(page, lead, live_server.url)
    draft(page, live_server.url)
    page.get_by_role("link", name="Withdraw…").click()
    page.get_by_label("Why it is withdrawn").fill("The order was not signed.")
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_text("The order was not signed.").wait_for()
    page.get_by_role("link", name="Draft anew from this one").click()
    assert page.get_by_label("At least so many credits").input_value() in ("5", "5.0")
    assert RequirementDraft.objects.get().withdrawn_by == lead


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_page_is_in_the_reader_s_language(
    page: "Page", live_server: Any, axe: Axe, rule: Requirement, lead: User, language: str
) -> None:
    sign_in(page, lead, live_server.url)
    draft(page, live_server.url)
    page.goto(page.url.replace("/en/", f"/{language}/"))
    barrier_free(page, axe)
    assert "What it would change" not in page.locator("main, #content").first.inner_text()
