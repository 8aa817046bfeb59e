"""People, by hand: a signatory invites two, both follow the links in real letters, one is removed."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from institutions.models import Institution, Invitation, User
from tests.browsers import Axe, enter
from tests.factories import PASSWORD, make_institution, make_invitation, make_member, make_period
from tests.full import LANGUAGES
from tests.mail_server import MailServer, text_of
from tests.workers import Worker, eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.django_db(transaction=True)]

NEW, KNOWN = "dana@kaznu.kz", "aru@enu.kz"


@pytest.fixture
def kaznu(transactional_db: None) -> Institution:
    make_period("2025")
    return make_institution(code="kaznu")


@pytest.fixture
def rector(kaznu: Institution) -> User:
    return make_member(kaznu, "signatory", email="rector@kaznu.kz", password=PASSWORD, first_name="Serik")


@pytest.fixture
def known(kaznu: Institution) -> User:
    """Has an account already, at another university."""
    return make_member(
        make_institution(code="enu"), "editor", email=KNOWN, password=PASSWORD, first_name="Aru"
    )


@pytest.fixture
def post(live_server: Any) -> Iterator[MailServer]:
    """A mail server, and a worker that hands letters to it, with links that lead to the test's own site."""
    with MailServer() as server:
        worker = Worker.start(EMAIL_URL=server.url, SITE_URL=live_server.url)
        yield server
        worker.stop()


def letter_to(post: MailServer, address: str, number: int = 1) -> str:
    """The link of the letter of that number to the address; waits until it has arrived."""
    eventually(lambda: len(post.letters_to(address)) >= number, f"letter {number} to {address}")
    text = text_of(post.letters_to(address)[number - 1])
    return re.findall(r"http://\S+", text)[0]


def invite(page: "Page", *addresses: str) -> None:
    page.get_by_label("E-mail addresses").fill(", ".join(addresses))
    page.get_by_label("Language of the letter").select_option("en")
    page.get_by_role("button", name="Invite", exact=True).click()


def make_account(page: "Page", first_name: str) -> None:
    page.get_by_label("First name").fill(first_name)
    page.get_by_label("Last name").fill("Sadyk")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Make the account and join").click()


def fits(page: "Page", axe: Axe) -> None:
    """Without barriers, and no wider than a telephone."""
    axe(page)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
    page.set_viewport_size({"width": 1280, "height": 800})


def join_as_new(browser: "Browser", axe: Axe, link: str) -> "Page":
    """Opening the link twice uses nothing up, and its token is told to no other address."""
    page = browser.new_context().new_page()
    referers: list[str] = []
    page.on("request", lambda request: referers.append(request.headers.get("referer", "")))
    token = link.rstrip("/").rsplit("/", 1)[-1]
    page.goto(link)
    page.goto(link)
    assert token not in page.url
    fits(page, axe)
    make_account(page, "Dana")
    page.get_by_text("You work for Institution kaznu now. Your roles: editor.").wait_for()
    assert page.url.endswith("/en/workspace/kaznu/")
    assert not [referer for referer in referers if token in referer]
    return page


def join_as_known(browser: "Browser", axe: Axe, link: str) -> "Page":
    """Signs in, says yes, and goes to the university where the account was before."""
    page = browser.new_context().new_page()
    page.goto(link)
    fits(page, axe)
    page.get_by_role("link", name="Sign in", exact=True).last.click()
    page.get_by_label("E-mail").fill(KNOWN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    fits(page, axe)
    page.get_by_role("button", name="Accept").click()
    page.get_by_text("You work for Institution kaznu now").wait_for()
    page.get_by_role("link", name="Another university").click()
    fits(page, axe)
    page.get_by_role("link", name="Institution enu").click()
    assert (
        page.get_by_role("navigation", name="Workspace").locator("strong").inner_text() == "Institution enu"
    )
    return page


def test_two_are_invited_join_and_one_is_removed(
    page: "Page", browser: "Browser", axe: Axe, live_server: Any, post: MailServer, rector: User, known: User
) -> None:
    enter(page, live_server.url, rector.email)
    page.get_by_role("link", name="People").click()
    fits(page, axe)
    invite(page, NEW, "nonsense@")
    page.get_by_role("link", name="E-mail addresses: This is not an e-mail address: nonsense@").wait_for()
    fits(page, axe)
    invite(page, NEW, KNOWN)
    page.get_by_text("2 invitations are on their way").wait_for()
    fits(page, axe)

    link = letter_to(post, NEW)
    newcomer, colleague = join_as_new(browser, axe, link), join_as_known(browser, axe, letter_to(post, KNOWN))

    page.get_by_role("link", name="People").click()
    page.get_by_text("No invitation is waiting for an answer.").wait_for()
    page.get_by_role("link", name="Change the roles of Aru").click()
    fits(page, axe)
    page.get_by_label("Viewer").check()
    page.get_by_role("button", name="Save the roles").click()
    page.get_by_role("link", name="Remove Dana Sadyk").click()
    fits(page, axe)
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("Dana Sadyk no longer works for Institution kaznu").wait_for()
    newcomer.reload()
    newcomer.get_by_role("heading", name="not").wait_for()
    assert set(known.memberships.values_list("institution__code", "role")) == {
        ("enu", "editor"), ("kaznu", "editor"), ("kaznu", "viewer"),
    }  # fmt: skip
    newcomer.goto(link)
    newcomer.get_by_role("heading", name="You have joined already").wait_for()
    for one in (newcomer, colleague):
        one.context.close()


def test_a_kind_is_quieted_and_a_lost_password_replaced(
    page: "Page", axe: Axe, live_server: Any, post: MailServer, rector: User
) -> None:
    enter(page, live_server.url, rector.email)
    page.get_by_role("link", name="Serik").click()
    fits(page, axe)
    page.get_by_label("Last name").fill("Aman")
    page.get_by_label(re.compile("a deadline is near")).uncheck()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Letters come as you have chosen").wait_for()
    assert not page.get_by_label(re.compile("a deadline is near")).is_checked()
    rector.refresh_from_db()
    assert rector.quiet == ["deadline"]
    page.get_by_role("link", name="Change the password").click()
    fits(page, axe)
    page.get_by_role("button", name="Sign out").click()

    page.goto(f"{live_server.url}/en/sign-in/")
    page.get_by_role("link", name="The password is lost").click()
    fits(page, axe)
    page.get_by_label("E-mail").fill(rector.email)
    page.get_by_role("button", name="Send the letter").click()
    page.get_by_role("heading", name="Look into your mail").wait_for()
    fits(page, axe)
    page.goto(letter_to(post, rector.email))
    fits(page, axe)
    page.get_by_label("New password", exact=True).fill("quite another staple")
    page.get_by_label("New password confirmation").fill("quite another staple")
    page.get_by_role("button", name="Set the password").click()
    page.get_by_text("Your new password is set").wait_for()
    rector.refresh_from_db()
    assert rector.check_password("quite another staple")


@pytest.fixture
def without_scripts(browser: "Browser") -> "Iterator[BrowserContext]":
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_of_it_works_without_scripts(
    without_scripts: "BrowserContext", live_server: Any, kaznu: Institution, rector: User, language: str
) -> None:
    make_invitation(kaznu, "viewer", email=NEW, token="T" * 43, by=rector)
    page = without_scripts.new_page()
    page.goto(f"{live_server.url}/{language}/invitations/{'T' * 43}/")
    for name, said in (
        ("first_name", "Dana"),
        ("last_name", "S"),
        ("password1", PASSWORD),
        ("password2", PASSWORD),
    ):
        page.locator(f"#id_{name}").fill(said)
    page.locator("main form button").click()
    assert page.url == f"{live_server.url}/{language}/workspace/kaznu/"
    without_scripts.clear_cookies()
    page.goto(f"{live_server.url}/{language}/sign-in/")
    page.locator("#id_username").fill(rector.email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form button").click()
    page.goto(f"{live_server.url}/{language}/workspace/kaznu/people/")
    page.locator("#id_addresses").fill("one@kaznu.kz\ntwo@kaznu.kz")
    page.locator("aside form button").click()
    assert Invitation.objects.pending().count() == 2
    page.locator('form[action*="/revoke/"] button').first.click()
    assert Invitation.objects.pending().count() == 1
    page.locator('a[href*="/remove/"]').last.click()
    page.locator("button.danger").click()
    assert kaznu.memberships.count() == 1


@pytest.mark.parametrize("end", ["expired", "revoked", "accepted", "unknown"])
def test_a_link_that_works_no_more_says_what_to_do(
    page: "Page", axe: Axe, live_server: Any, kaznu: Institution, rector: User, end: str
) -> None:
    from datetime import timedelta

    from django.utils import timezone

    now = timezone.now()
    ends: dict[str, dict[str, Any]] = {
        "expired": {"invited_at": now - timedelta(days=9), "expires_at": now - timedelta(days=2)},
        "revoked": {"revoked_by": rector, "revoked_at": now},
        "accepted": {"accepted_by": rector, "accepted_at": now},
        "unknown": {"token_hash": "0" * 64},
    }
    make_invitation(kaznu, token="T" * 43, by=rector, **ends[end])
    page.goto(f"{live_server.url}/en/invitations/{'T' * 43}/")
    fits(page, axe)
    words = {
        "expired": "has expired",
        "revoked": "taken back",
        "accepted": "been used",
        "unknown": "no invitation",
    }
    page.get_by_role("heading", name=words[end]).wait_for()
