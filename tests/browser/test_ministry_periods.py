"""Point 5 in a browser: days of a period, reminders, and universities that open, merge and get a new name."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from curricula.models import Extension, Period
from institutions.models import Institution, Letter, Merger, User
from tests.browsers import Axe, sign_in
from tests.factories import make_institution, make_member, make_period, make_programme, make_version

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def period(transactional_db: None) -> Period:
    return make_period("2025")


@pytest.fixture
def kaznu(period: Period) -> Institution:
    """Silent, with an editor; a second university is silent and has nobody."""
    institution = make_institution(code="kaznu")
    make_member(institution, "editor", email="editor@kaznu.kz")
    for number in (1, 2):
        make_version(make_programme(institution, code=f"6B0610{number}"), period=period)
    make_programme(make_institution(code="enu"))
    return institution


def fits(page: "Page") -> None:
    """Django's own forms of a row: axe puts styles into them, which the policy refuses and the browser complains of."""
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def without_barriers(page: "Page", axe: Axe) -> None:
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 800})


def in_days(number: int) -> str:
    return (timezone.localdate() + timedelta(days=number)).isoformat()


def test_days_are_moved_for_all_and_for_one_and_the_silent_are_reminded(
    page: "Page", axe: Axe, live_server: Any, lead: User, kaznu: Institution, period: Period
) -> None:
    sign_in(page, lead, live_server.url)
    page.goto(f"{live_server.url}/en/admin/curricula/period/{period.pk}/change/")
    fits(page)
    page.get_by_role("link", name="Give all more time…").click()
    without_barriers(page, axe)
    page.get_by_label("Due on").fill(in_days(10))
    page.get_by_label("Reason").fill("Snow closed the roads.")
    page.get_by_role("button", name="Extend").click()
    page.get_by_role("link", name="an extension can only make that later").wait_for()
    axe(page)
    assert page.get_by_label("Reason").input_value() == "Snow closed the roads."
    page.get_by_label("Due on").fill(in_days(50))
    page.get_by_role("button", name="Extend").click()
    page.get_by_text("2025/26: opens on").wait_for()

    page.get_by_role("link", name="Give some more time…").click()
    page.get_by_label("Institution kaznu").check()
    page.get_by_label("Due on").fill(in_days(95))
    page.get_by_label("Collection closes on").fill(in_days(99))
    page.get_by_label("Reason").fill("A fire.")
    without_barriers(page, axe)
    page.get_by_role("button", name="Grant").click()
    page.get_by_text("More time until").wait_for()
    fits(page)
    assert Extension.objects.get().institution == kaznu

    page.get_by_role("link", name="Remind…").click()
    page.get_by_text("editor@kaznu.kz").wait_for()
    page.get_by_text("Nobody has an account there.").wait_for()
    without_barriers(page, axe)
    page.get_by_label("Words of your own").fill("Call us.")
    page.get_by_role("button", name="Send the reminder").click()
    page.get_by_text("Reminded: 1 university.").wait_for()
    assert Letter.objects.filter(kind="reminder").count() == 1

    page.get_by_role("link", name="Close…").click()
    page.get_by_label("The last day on which anything is taken").fill(in_days(-1))
    page.get_by_label("Reason").fill("All have reported.")
    without_barriers(page, axe)
    page.get_by_role("button", name="Close", exact=True).click()
    page.get_by_role("link", name="Open again…").wait_for()


def test_a_university_gets_a_name_and_goes_up_in_another(
    page: "Page", axe: Axe, live_server: Any, lead: User, kaznu: Institution
) -> None:
    sign_in(page, lead, live_server.url)
    page.goto(f"{live_server.url}/en/admin/institutions/institution/{kaznu.pk}/change/")
    fits(page)
    page.get_by_role("link", name="Rename…").click()
    page.get_by_label("Name in English").fill("Al-Farabi University")
    page.get_by_label("Reason").fill("Order 17.")
    without_barriers(page, axe)
    page.get_by_role("button", name="Rename").click()
    page.get_by_text("The university is now called Al-Farabi University.").wait_for()
    page.get_by_role("link", name="Merge into another…").click()
    page.get_by_label("The university that goes on").select_option(label="Institution enu")
    page.get_by_label("Reason").fill("Order 18.")
    without_barriers(page, axe)
    page.get_by_role("button", name="Show what it would do").click()
    page.get_by_text("2 programmes go on at the successor").wait_for()
    without_barriers(page, axe)
    assert not Merger.objects.exists()
    page.get_by_role("button", name="Merge", exact=True).click()
    page.get_by_text("Al-Farabi University goes up in Institution enu").wait_for()
    fits(page)


def test_without_scripts_and_by_keyboard_the_planned_university_opens(
    browser: "Browser", live_server: Any, lead: User
) -> None:
    planned = make_institution(code="ai-university", kind="planned")
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, lead, live_server.url)
    page.goto(f"{live_server.url}/en/admin/institutions/institution/{planned.pk}/change/")
    page.get_by_role("link", name="Open…").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Kind").select_option("national")
    page.get_by_label("Opens on").fill(in_days(0))
    page.get_by_label("Reason").fill("Order 19.")
    page.get_by_role("button", name="Open", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_text("Institution ai-university counts from").wait_for()
    page.context.close()
    assert Institution.objects.open_now().get() == planned
