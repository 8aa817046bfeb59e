"""A second factor, by hand: set up at the first sign-in, asked for at the next, lost, and reset by the lead."""

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group

from institutions import codes
from institutions.models import User
from reports.reference.roles import load_roles
from tests.browsers import Axe
from tests.factories import PASSWORD, make_reviewer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def dana(transactional_db: None, settings: Any) -> User:
    load_roles()
    settings.SECOND_FACTOR = "some"
    user = make_reviewer(email="dana@ministry.kz", password=PASSWORD)
    user.groups.set(Group.objects.filter(name="reviewer"))
    return user


@pytest.fixture
def bolat(dana: User) -> User:
    user = make_reviewer(email="bolat@ministry.kz", password=PASSWORD, first_name="Bolat")
    user.groups.set(Group.objects.filter(name="lead"))
    return user


def code(secret: str, off: int = 0) -> str:
    """A code that is typed and read before the next one is due, also on a slow machine."""
    left = codes.STEP - time.time() % codes.STEP
    if left < 10:
        time.sleep(left)
    return codes.code_at(secret, int(time.time()) // codes.STEP + off)


def password(page: "Page", site: str, user: User) -> None:
    page.goto(f"{site}/en/sign-in/?next=/en/admin/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def set_up(page: "Page", axe: Axe | None = None) -> tuple[str, list[str]]:
    """Type the key into an app, and its code into the page. The secret, and the recovery codes."""
    secret = "".join(page.locator(".key").inner_text().split())
    if axe:
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            axe(page)
    page.get_by_label("Code").fill(code(secret, -1))
    page.get_by_role("button", name="Set up").click()
    if axe:
        axe(page)
    made = page.locator(".recovery-codes code").all_inner_texts()
    page.get_by_role("button", name="I have kept them").click()
    return secret, made


def test_set_up_asked_for_lost_and_reset(
    page: "Page", browser: "Browser", axe: Axe, live_server: Any, dana: User, bolat: User
) -> None:
    site = live_server.url
    password(page, site, dana)
    _secret, made = set_up(page, axe)
    page.wait_for_url("**/en/admin/")

    context = browser.new_context(java_script_enabled=False)  # all of it works without scripts
    elsewhere = context.new_page()
    elsewhere.set_default_timeout(10_000)
    password(elsewhere, site, dana)
    elsewhere.get_by_label("Code").fill("000000")
    elsewhere.get_by_role("button", name="Sign in").click()
    assert "does not fit" in elsewhere.locator(".error-summary").inner_text()
    elsewhere.get_by_label("Code").fill(made[0])
    elsewhere.get_by_role("button", name="Sign in").click()
    elsewhere.wait_for_url("**/en/admin/")
    elsewhere.goto(f"{site}/en/account/")
    elsewhere.get_by_role("button", name="Sign out everywhere else").click()
    assert "everywhere but here" in elsewhere.locator(".messages").inner_text()

    page.goto(f"{site}/en/admin/")
    assert "/sign-in/" in page.url

    password(elsewhere, site, bolat)
    set_up(elsewhere)
    elsewhere.goto(f"{site}/en/admin/institutions/user/{dana.pk}/change/")
    elsewhere.get_by_role("link", name="Reset the second factor").click()
    elsewhere.get_by_label("Reason").fill("Telephone lost; she came in person.")
    elsewhere.get_by_role("button", name="Reset").click()
    assert "is reset" in elsewhere.locator(".messagelist").inner_text()
    context.close()

    password(page, site, dana)
    page.wait_for_url(re.compile("second-factor"))
    set_up(page)
    page.wait_for_url("**/en/admin/")


def test_the_second_step_and_its_pages_are_free_of_barriers(
    page: "Page", axe: Axe, live_server: Any, dana: User, settings: Any
) -> None:
    site = live_server.url
    password(page, site, dana)
    secret, _made = set_up(page)
    settings.SECOND_FACTOR = ""
    for path in ("account/", "account/recovery-codes/", "account/second-factor/give-up/"):
        page.goto(f"{site}/en/{path}")
        axe(page)
    page.context.clear_cookies()
    password(page, site, dana)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        axe(page)
    page.get_by_label("Code").fill(code(secret, 0))
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/admin/")
