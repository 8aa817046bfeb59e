"""Point 1 in a browser: what waits for me, one takes and the other is told, the lead assigns; also without scripts."""

from typing import TYPE_CHECKING, Any

import pytest

from curricula.claiming import claim
from curricula.models import Assignment, Claim, Submission
from institutions.models import User
from tests.browsers import Axe, sign_in
from tests.factories import (
    make_earlier_period,
    make_institution,
    make_member,
    make_period,
    make_programme,
    make_region,
    make_reviewer,
    make_submission,
    make_version,
)
from tests.full import LANGUAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def risky(transactional_db: None) -> Submission:
    """Two that wait: at KazNU all is new, at the other only staff figures wait."""
    make_period("2025")
    make_earlier_period()
    kaznu = make_institution(code="kaznu", kind="national", region=make_region("KZ-75"))
    submission = make_submission(kaznu, by=make_member(kaznu, "signatory"))
    for code in ("6B06101", "6B06102"):
        make_version(make_programme(kaznu, code=code), state="submitted", submission=submission)
    make_submission(make_institution(code="satbayev"))
    return submission


def heading(page: "Page", name: str) -> None:
    page.get_by_role("heading", name=name, level=1).wait_for()


def test_the_riskiest_is_taken_decided_and_followed_by_the_next(
    page: "Page", live_server: Any, axe: Axe, reviewer: User, risky: Submission
) -> None:
    sign_in(page, reviewer, live_server.url)
    page.goto(f"{live_server.url}/en/admin/")
    page.get_by_role("rowheader", name="Next for you").wait_for()
    axe(page)
    page.get_by_role("link", name="Open the queue").click()
    heading(page, "Queue")
    assert page.locator("#result_list tbody th").all_inner_texts() == [
        "Institution kaznu",
        "Institution satbayev",
    ]
    axe(page)
    page.get_by_role("button", name="Take Institution kaznu").click()
    heading(page, "Institution kaznu")
    page.get_by_text("You hold this submission until").wait_for()
    axe(page)
    page.get_by_role("button", name="Approve 6B06101").click()
    page.get_by_text("6B06101 is approved.").wait_for()
    page.get_by_role("button", name="Approve 6B06102").click()
    page.get_by_text("6B06102 is approved.").wait_for()
    page.get_by_role("button", name="Approve staff figures").click()
    page.get_by_text("Everything here is decided.").wait_for()
    axe(page)
    page.get_by_role("button", name="Take the next one").click()
    heading(page, "Institution satbayev")
    page.get_by_role("button", name="Release").click()
    page.get_by_text("is free again").wait_for()
    assert not Claim.objects.exists()


def test_the_second_is_told_and_the_lead_lets_go(
    page: "Page", live_server: Any, axe: Axe, reviewer: User, lead: User, risky: Submission
) -> None:
    sign_in(page, reviewer, live_server.url)
    page.goto(f"{live_server.url}/en/admin/curricula/submission/")
    claim(submission=risky, by=make_reviewer(first_name="Ilyas"))
    page.get_by_role("button", name="Take Institution kaznu").click()
    page.get_by_text("Ilyas took this submission up").wait_for()
    heading(page, "Queue")
    page.get_by_role("link", name="Institution kaznu").click()
    page.get_by_text("Ilyas holds this submission until").wait_for()
    axe(page)
    assert page.locator(".decide").count() == 0
    sign_in(page, lead, live_server.url)
    page.goto(f"{live_server.url}/en/admin/curricula/submission/?whose=with_others")
    page.get_by_role("button", name="Release Institution kaznu").click()
    page.get_by_text("Nothing here fits what you asked for.").wait_for()
    assert not Claim.objects.exists()


def test_the_lead_assigns_and_every_count_leads_somewhere(
    page: "Page", live_server: Any, axe: Axe, reviewer: User, lead: User, risky: Submission
) -> None:
    sign_in(page, lead, live_server.url)
    page.goto(f"{live_server.url}/en/admin/")
    page.get_by_role("link", name="Who decides on what").click()
    heading(page, "Who decides on what")
    page.get_by_text("2 submissions that wait are assigned to nobody.").wait_for()
    axe(page)
    page.get_by_role("link", name="Assign to a reviewer").click()
    heading(page, "Assign to a reviewer")
    page.get_by_role("button", name="Assign").click()
    page.get_by_role("alert").get_by_text("There is a problem").wait_for()
    axe(page)
    page.get_by_label("Reviewer").select_option(label="Dana")
    page.get_by_label("Region KZ-75").check()
    page.get_by_role("button", name="Assign").click()
    page.get_by_text("1 assignment to Dana holds from now on.").wait_for()
    axe(page)
    assert Assignment.objects.get().reviewer == reviewer
    page.goto(f"{live_server.url}/en/admin/")
    page.get_by_role("row", name="Country").get_by_role("link", name="2", exact=True).click()
    heading(page, "Universities in 2025/26")
    axe(page)
    page.get_by_label("State", exact=True).select_option("silent")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("No university fits what you asked for.").wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_works_by_keyboard_narrow_and_without_scripts(
    browser: "Browser", live_server: Any, reviewer: User, lead: User, risky: Submission, language: str
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    sign_in(page, reviewer, live_server.url)
    base = f"{live_server.url}/{language}/admin/"
    for path in ("", "curricula/submission/", "curricula/submission/universities/", "curricula/assignment/"):
        page.goto(base + path)
        assert page.locator("html").evaluate("page => page.scrollWidth") <= 360, path
    page.goto(f"{base}curricula/submission/")
    page.locator(f'button[formaction*="/{risky.pk}/claim/"]').focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(f"/{risky.pk}/change/")
    assert Claim.objects.get().reviewer == reviewer
    page.locator(".hold button").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert not Claim.objects.exists()
    page.goto(base)
    page.locator('form[action$="/next/"] button').focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(f"/{risky.pk}/change/")
    context.close()
