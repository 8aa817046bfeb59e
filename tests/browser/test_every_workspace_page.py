"""Every page behind the workspace, found by the URL configuration, in three languages on a screen and a telephone.

A new address must be told of here, in `PAGES` or in `NO_PAGES`: else `test_every_address_is_told_of` fails. What the
pages are opened on is `tests/browser/rich_world.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from tests.browser.rich_world import World, make_world
from tests.browsers import Axe, sign_in
from tests.full import IN_FULL, LANGUAGES

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEAVIEST = 150_000  # bytes of HTML
WIDTHS = (1280, 360)

# Name of the address -> how it is opened, once or oftener: its arguments, each as a key of the world; those that it
# leaves out go by their own name. `?` is a query; `press` are buttons to be pressed there one after the other, and
# `status` is what the page then answers.
Opening = Mapping[str, Any]
FOR_VISITORS: dict[str, Sequence[Opening]] = {
    "sign-in": [{}],
    "password-reset": [{}],
    "password-reset-sent": [{}],
    "password-reset-confirm": [{"token": "reset"}],
    "receipt-check": [{}, {"?": "number=QAMTU-1&content_hash=1", "status": 422}],
    "invitation": [{"first": "invitation-link"}],
}
FOR_MEMBERS: dict[str, Sequence[Opening]] = {
    "invitation": [{"first": "invitation-link"}],
    "preferences": [{}],
    "password-change": [{}],
    "second-factor-new": [{}],
    "workspace": [{}],
    "workspace-institution": [{}, {"?": "q=nothing+of+this+name"}, {"code": "empty"}],
    "draft-edit": [{"programme": name} for name in ("draft", "returned", "approved", "untouched", "typed")],
    "draft-compare": [{"programme": "typed"}],
    "draft-discard": [{"programme": "draft"}],
    "programme-history": [{"programme": name} for name in ("draft", "returned", "approved", "untouched")],
    "carry": [{}, {"code": "empty"}],
    "checks": [{}, {"code": "empty"}],
    "enrolment": [{}, {"code": "empty"}],
    "workspace-disciplines": [{}, {"code": "empty"}],
    "discipline-new": [{}],
    "discipline-edit": [{"number": "discipline"}],
    "discipline-apply": [
        {"number": "discipline"},
        {"number": "discipline", "press": ["button[value=all]", "button[value=preview]"]},
    ],
    "sign": [{}, {"code": "empty"}],
    "submission": [{"number": "submission"}],
    "live-coverage": [{}, {"code": "empty"}],
    "people": [{}],
    "member-roles": [{}],
    "member-remove": [{}],
    "keys": [{}, {"code": "empty"}],
    "key-revoke": [{}],
    "webhooks": [{}, {"code": "empty"}],
    "webhook-new": [{}],
    "webhook": [{"number": name} for name in ("works", "fails")],
    "webhook-edit": [{"number": "fails"}],
    "webhook-secret": [{"number": "works"}, {"number": "works", "press": ["button[name=show]"]}],
    "webhook-remove": [{"number": "fails"}],
    "webhook-delivery": [{"number": "fails"}],
    "import-list": [{}, {"code": "empty"}],
    "import-new": [{}],
    "import-detail": [{"number": name} for name in ("ready", "done", "refused", "queued")],
    "import-programme": [{"number": "ready", "programme": "imported"}],
}
PAGES = FOR_VISITORS.keys() | FOR_MEMBERS.keys()

# Name of the address -> why it is no page, and what stands in the world for its arguments.
NO_PAGES: dict[str, tuple[str, Opening]] = {
    "sign-out": ("A button in the head; leads to the home page.", {}),
    "invitation-link": ("Remembers the invitation and leads on to an address without a secret.", {}),
    "second-factor": ("Opens between the steps of signing in: see test_ministry_second_factor.", {}),
    "second-factor-give-up": ("Opens for who has a second factor: see test_ministry_second_factor.", {}),
    "recovery-codes": ("Opens for who has a second factor: see test_ministry_second_factor.", {}),
    "sign-out-everywhere": ("A button on the page of the account; leads back there.", {}),
    "sign-in-passkey": ("What the script at the door asks and sends: see test_passkeys.", {}),
    "second-factor-remove": ("A button on the page of the account; leads back there.", {}),
    "passkey-new": ("Opens at an address by name only: see test_passkeys.", {}),
    "session-end": ("A button on the page of the account; leads back there.", {}),
    "draft-keep": ("What the script of the form sends every few seconds; answers in JSON.", {"programme": "draft"}),
    "batch-undo": ("A button; leads back to the page that it stood on.", {"number": "batch"}),
    "invitation-renew": ("A button on the page of the people; leads back there.", {}),
    "invitation-revoke": ("A button on the page of the people; leads back there.", {}),
    "webhook-pause": ("A button on the page of the webhook; leads back there.", {"number": "works"}),
    "webhook-resume": ("A button on the page of the webhook; leads back there.", {"number": "works"}),
    "webhook-ping": ("A button on the page of the webhook; leads to the message.", {"number": "works"}),
    "webhook-again": ("A button on the page of a message; leads back there.", {"number": "fails"}),
    "import-confirm": ("The yes on the page of an import; leads back there.", {"number": "ready"}),
    "import-cancel": ("The no on the page of an import; leads back there.", {"number": "ready"}),
    "evidence-file": ("A PDF to download.", {"number": "evidence"}),
    "receipt": ("A PDF to download.", {"number": "submission"}),
    "import-template": ("A workbook to download.", {}),
    "import-original": ("The file as it was handed in, to download.", {"number": "ready"}),
    "import-marked": ("A workbook to download.", {"number": "refused"}),
}  # fmt: skip


def routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route, pattern


def addresses() -> dict[str, str]:
    """Route by name of what is in a language, but for the admin and the public pages, which have tests of their own."""
    with translation.override("en"):
        found = [(route, pattern) for route, pattern in routes(get_resolver()) if route.startswith("en/")]
    return {
        pattern.name or route: route
        for route, pattern in found
        if not route.startswith("en/admin/")
        and ("workspace/" in route or not pattern.callback.__module__.startswith("reports."))
    }


@pytest.fixture
def world(transactional_db: None, settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    return make_world()


def address(name: str, opening: Opening, world: World, language: str) -> str:
    arguments = {argument: world[opening.get(argument, argument)] for argument in argument_names(name)}
    with translation.override(language):
        query = f"?{opening['?']}" if "?" in opening else ""
        return reverse(name, kwargs=arguments) + query


def argument_names(name: str) -> list[str]:
    with translation.override("en"):
        return next(
            list(pattern.pattern.converters)
            for _route, pattern in routes(get_resolver())
            if pattern.name == name
        )


def test_every_address_is_told_of() -> None:
    there = addresses()
    assert {
        "workspace",
        "sign-in",
        "invitation",
        "preferences",
        "evidence-file",
        "live-coverage",
    } <= there.keys()
    unknown = {name: route for name, route in there.items() if name not in PAGES | NO_PAGES.keys()}
    assert not unknown, (
        f"{unknown}: nobody has looked at these pages. Say in PAGES of {__name__} how each is opened (and in "
        "rich_world.py what it is opened on), or in NO_PAGES why it is no page."
    )
    gone = (PAGES | NO_PAGES.keys()) - there.keys()
    assert not gone, f"There are no such addresses any more: take {sorted(gone)} out of {__name__}."
    assert not PAGES & NO_PAGES.keys()


def test_what_is_no_page_shows_none(client: Client, world: World) -> None:
    client.force_login(world.rector)
    for name, (_why, opening) in NO_PAGES.items():
        answer = client.get(address(name, opening, world, "en"))
        answer.close()
        is_download = answer.headers.get("Content-Disposition", "").startswith("attachment")
        assert answer.status_code in (302, 405) or is_download, (name, answer.status_code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_a_barrier_or_runs_over_a_telephone(
    page: "Page", axe: Axe, live_server: Any, world: World, language: str
) -> None:
    faults: list[str] = []
    # What a page left in the browser's store would be sent by the next one, which then opens itself anew.
    page.add_init_script("localStorage.clear()")
    for openings in (FOR_VISITORS, FOR_MEMBERS):
        if openings is FOR_MEMBERS:
            page.context.clear_cookies()
            sign_in(page, world.rector, live_server.url)
        to_open = [(name, one) for name, several in openings.items() for one in several]
        for number, (name, opening) in enumerate(to_open):
            if "first" in opening:
                page.goto(live_server.url + address(opening["first"], {}, world, language))
            where = live_server.url + address(name, opening, world, language)
            widths = with_axe(number, language)
            faults += [
                f"{name} {dict(opening)}: {fault}"
                for fault in look(page, axe, where, opening, language, widths)
            ]
    assert not faults, "\n".join(faults)


def with_axe(number: int, language: str) -> Sequence[int]:
    """At which widths axe looks at a page. It takes longer than all the rest, and what it finds is in the markup, which
    languages share: each page once, a screen and a telephone in turn, but for `make full`."""
    if IN_FULL:
        return WIDTHS
    return {("kk", 0): (1280,), ("ru", 1): (360,)}.get((language, number % 2), ())


def look(
    page: "Page", axe: Axe, where: str, opening: Opening, language: str, with_axe: Sequence[int]
) -> Iterator[str]:
    """Each fault of a page as a sentence; all of them, so that they are mended at once."""
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    answer = opened(page, where, opening)
    if answer.status != opening.get("status", 200):
        yield f"answers {answer.status}"
    if page.locator("html").get_attribute("lang") != language:
        yield "is in another language"
    if (size := len(answer.body())) > HEAVIEST:
        yield f"has {size} bytes"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if (taken := page.evaluate("document.documentElement.scrollWidth")) > width:
            yield f"takes {taken} px of {width}"
        if width not in with_axe:
            continue
        try:
            axe(page)
        except AssertionError as found:
            yield f"at {width} px: {found}"


def opened(page: "Page", where: str, opening: Opening) -> "Response":
    answer = page.goto(where)
    for button in opening.get("press", ()):
        with page.expect_navigation() as pressed:
            page.locator("main").locator(button).first.click()
        answer = pressed.value
    assert answer
    return answer
