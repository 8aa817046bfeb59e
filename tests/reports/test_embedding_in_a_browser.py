"""The card on another site in a real browser: it is shown; the pages of this one are not."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from tests.browsers import Axe
from tests.factories import make_institution
from tests.reports.releases import make_country, make_release

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Elsewhere(BaseHTTPRequestHandler):
    """Another site: a page that holds whatever its address says."""

    holds = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!doctype html><html lang=en><title>Elsewhere</title>{self.holds}".encode())

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(live_server: "LiveServer", monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(settings, "SITE_URL", live_server.url)
    kaznu = make_institution(code="kaznu", name_en="Al-Farabi")
    make_country((kaznu, "6B06101", "met"), (kaznu, "6B06102", "not_met"))
    make_release()
    return live_server.url


def code_of(site: str, page: "Page", label: str) -> str:
    page.goto(f"{site}/en/institutions/kaznu/")
    return page.get_by_label(label).input_value()


def test_the_code_of_the_card_shows_it_on_another_site_and_its_link_leads_out(
    site: str, elsewhere: str, page: "Page"
) -> None:
    Elsewhere.holds = code_of(site, page, "Code of the card")
    page.goto(elsewhere)
    frame = page.frame_locator("iframe")
    assert "1 of 2 programmes meet the mandate" in frame.locator("main").inner_text()
    height = frame.locator("main").evaluate("main => main.getBoundingClientRect().height")
    assert height <= int(page.locator("iframe").get_attribute("height") or 0), "nothing is cut off"
    assert page.context.cookies() == []
    frame.get_by_role("link", name="Al-Farabi").click()
    page.wait_for_url(f"{site}/en/institutions/kaznu/")


def test_the_code_of_the_picture_shows_it_on_another_site(site: str, elsewhere: str, page: "Page") -> None:
    Elsewhere.holds = code_of(site, page, "Code of the picture")
    page.goto(elsewhere, wait_until="networkidle")
    picture = page.get_by_role("img", name="AI in the programmes of Al-Farabi, by Qamtu")
    assert picture.evaluate("picture => picture.naturalWidth") > 200
    assert page.context.cookies() == []


@pytest.mark.parametrize("path", ["", "institutions/kaznu/", "regions/", "sign-in/"])
def test_no_other_page_lets_itself_be_framed(
    site: str, elsewhere: str, browser: "Browser", path: str
) -> None:
    # A page of its own: the refusal is a complaint of the browser, which the shared one takes for a fault.
    context = browser.new_context()
    page = context.new_page()
    Elsewhere.holds = f'<iframe src="{site}/en/{path}" title="x"></iframe>'
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(elsewhere)
    assert "mandate" not in page.frame_locator("iframe").locator("body").inner_text()
    context.close()


def test_the_card_has_no_barrier_in_any_language_width_or_scheme(site: str, page: "Page", axe: Axe) -> None:
    for language, width, scheme in (("kk", 240, "light"), ("ru", 360, "dark"), ("en", 600, "light")):
        page.set_viewport_size({"width": width, "height": 300})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(f"{site}/{language}/institutions/kaznu/card/")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_code_can_be_reached_and_copied_by_keyboard_but_not_changed(site: str, page: "Page") -> None:
    page.goto(f"{site}/en/institutions/kaznu/")
    area = page.get_by_label("Code of the card")
    before = area.input_value()
    area.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("x")
    assert area.input_value() == before
    selected = "area => area.value.slice(area.selectionStart, area.selectionEnd)"
    assert area.evaluate(selected) == before
