"""A reviewer's work in a real browser: by mouse, by keyboard alone, without scripts; no barriers on the way."""

from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client

from curricula.models import CurriculumVersion, Submission
from institutions.models import User
from tests.browsers import Axe
from tests.factories import make_institution, make_member, make_programme, make_submission, make_version

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def make_waiting() -> Submission:
    institution = make_institution(code="kaznu")
    submission = make_submission(institution, by=make_member(institution, "signatory"))
    for code in ("6B06101", "6B06102", "6B06103"):
        make_version(make_programme(institution, code=code), state="submitted", submission=submission)
    return submission


def sign_in(page: "Page", user: User, address: str) -> None:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])


def heading(page: "Page", name: str) -> None:
    """Wait until the page with this heading is there."""
    page.get_by_role("heading", name=name, level=1).wait_for()


def test_a_reviewer_decides_on_a_submission(page: "Page", live_server: Any, axe: Axe, reviewer: User) -> None:
    make_waiting()
    sign_in(page, reviewer, live_server.url)
    page.goto(f"{live_server.url}/en/admin/")
    axe(page)
    page.get_by_role("link", name="Open the queue").click()
    heading(page, "Queue")
    axe(page)
    page.get_by_role("link", name="Institution kaznu").click()
    heading(page, "Institution kaznu")
    axe(page)
    page.get_by_role("button", name="Approve 6B06101").click()
    page.get_by_text("6B06101 is approved.").wait_for()
    page.get_by_text("Return… 6B06102").click()
    page.get_by_role("button", name="Return for correction 6B06102").click()
    page.locator(".errornote").get_by_text("Say what must be corrected").wait_for()
    axe(page)
    page.locator("textarea:focus").fill("The syllabus can't be opened.")
    page.get_by_role("button", name="Return for correction 6B06102").click()
    page.get_by_text("6B06102 is returned").wait_for()
    page.get_by_role("link", name="Approve it…").click()
    heading(page, "Approve 1 curriculum of Institution kaznu?")
    axe(page)
    page.get_by_role("button", name="Approve it").click()
    heading(page, "Institution kaznu")
    page.get_by_role("button", name="Approve staff figures").click()
    page.get_by_role("heading", name="0 curricula wait").wait_for()
    page.get_by_text("The staff figures are approved.").wait_for()
    states = dict(CurriculumVersion.objects.exclude(state="draft").values_list("programme__code", "state"))
    assert states == {"6B06101": "approved", "6B06102": "returned", "6B06103": "approved"}


def test_it_works_by_keyboard_and_without_scripts(
    browser: "Browser", live_server: Any, reviewer: User
) -> None:
    submission = make_waiting()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    sign_in(page, reviewer, live_server.url)
    page.goto(f"{live_server.url}/kk/admin/curricula/submission/{submission.pk}/change/")
    assert page.locator("html").evaluate("page => page.scrollWidth") <= 360
    version = submission.versions.order_by("pk")[0]
    page.locator(f"#curriculum-{version.pk} summary").last.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Силлабус ашылмайды.")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    version.refresh_from_db()
    context.close()
    assert (version.state, version.reason) == ("returned", "Силлабус ашылмайды.")
