"""Passkeys in a browser: made, shown at the second step, alone at the door, and taken away; a real Chromium asks a
virtual authenticator of its own (WebAuthn over the DevTools protocol).
"""

from typing import TYPE_CHECKING, Any

import pytest

from institutions.models import Passkey, User
from tests.browsers import Axe
from tests.factories import PASSWORD, make_institution, make_member, make_period

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rector(transactional_db: None, settings: Any, live_server: Any) -> User:
    settings.SECOND_FACTOR = "some"
    settings.SITE_URL = site_of(live_server)
    make_period("2025")
    return make_member(
        make_institution(code="kaznu"), "signatory", email="rector@kaznu.kz", password=PASSWORD
    )


def site_of(live_server: Any) -> str:
    """By name: at an address of numbers a browser knows no passkeys."""
    return f"http://localhost:{live_server.url.rpartition(':')[2]}"


def authenticator(page: "Page", *, verified: bool = True) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    about = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verified,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": about})


def password(page: "Page", site: str) -> None:
    page.goto(f"{site}/en/sign-in/")
    page.get_by_label("E-mail").fill("rector@kaznu.kz")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: "Page") -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/en/")


def looked_at(page: "Page", axe: Axe) -> None:
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        axe(page)
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_signatory_comes_in_by_a_passkey(page: "Page", axe: Axe, live_server: Any, rector: User) -> None:
    site = site_of(live_server)
    authenticator(page)
    password(page, site)
    page.get_by_role("link", name="Set up a passkey instead").click()
    looked_at(page, axe)
    page.get_by_label("What do you call it?").fill("Rector’s laptop")
    page.get_by_role("button", name="Set up").click()
    page.get_by_role("button", name="I have kept them").click()
    page.wait_for_url("**/workspace/kaznu/")

    sign_out(page)
    password(page, site)
    looked_at(page, axe)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/workspace/kaznu/")

    sign_out(page)
    page.goto(f"{site}/en/sign-in/")
    looked_at(page, axe)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/workspace/kaznu/")
    assert Passkey.objects.get().sign_count > 0

    page.goto(f"{site}/en/account/")
    looked_at(page, axe)
    assert "Rector’s laptop" in page.locator("main").inner_text()
    assert "Chrome, Linux · this session" in page.locator("main").inner_text()
    page.get_by_role("link", name="Set up a passkey").click()
    page.get_by_role("button", name="Set up").click()
    page.get_by_text("has a passkey for your account already").wait_for()  # of one device one is enough


def test_without_a_finger_a_face_or_a_pin_the_code_is_still_there(
    page: "Page", live_server: Any, rector: User
) -> None:
    authenticator(page, verified=False)
    password(page, site_of(live_server))
    page.get_by_role("link", name="Set up a passkey instead").click()
    page.get_by_role("button", name="Set up").click()
    page.get_by_text("It did not work, or was called off").wait_for()
    assert not Passkey.objects.exists()
    page.get_by_role("link", name="Set up an authenticator app instead").click()
    assert page.locator(".qr").is_visible()


def test_without_scripts_codes_are_led_to(plain_page: "Page", live_server: Any, rector: User) -> None:
    page = plain_page
    password(page, site_of(live_server))
    page.get_by_role("link", name="Set up a passkey instead").click()
    assert not page.get_by_role("button", name="Set up").is_visible()
    page.get_by_text("runs no scripts, or knows no passkeys").wait_for()
    page.get_by_role("link", name="Set up an authenticator app instead").click()
    assert page.locator(".qr").is_visible()
