"""In a browser: a key that stood on a public page is found by pasting it and revoked; a webhook is switched off."""

from typing import TYPE_CHECKING, Any

import pytest

from institutions import keys
from institutions.models import ApiKey, Institution, User, Webhook
from tests.browsers import Axe, sign_in
from tests.webhooks import make_webhook

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [1280, 360])
def test_the_lead_stops_what_should_not_go_on(
    page: "Page",
    axe: Axe,
    live_server: Any,
    lead: User,
    institution: Institution,
    signatory: User,
    width: int,
) -> None:
    _key, found = keys.make(institution=institution, name="Platonus", scopes=["read"], days=9, by=signatory)
    webhook = make_webhook(institution, made_by=signatory)
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, lead, live_server.url)

    page.goto(f"{live_server.url}/en/admin/")
    page.get_by_role("link", name="Keys", exact=True).click()
    page.locator("#searchbar").wait_for()
    axe(page)
    page.locator("#searchbar").fill(found)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Platonus").click()
    assert found not in page.url
    page.get_by_role("link", name="Revoke…").click()
    page.get_by_text("Who gets a letter").wait_for()
    axe(page)
    page.get_by_label("Reason").fill("It stood on a public page.")
    page.get_by_role("button", name="Revoke").click()
    page.get_by_text("The key of Platonus opens nothing any more.").wait_for()
    assert ApiKey.objects.get().revoked_because == "It stood on a public page."

    page.goto(f"{live_server.url}/en/admin/institutions/webhook/")
    axe(page)
    page.get_by_role("link", name=webhook.address).click()
    page.get_by_role("link", name="Switch off…").click()
    page.get_by_text("Who gets a letter").wait_for()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("Reason").fill("Nobody answers for it.")
    page.get_by_role("button", name="Switch off").click()
    page.get_by_text(f"Nothing is sent to {webhook.address} any more.").wait_for()
    assert Webhook.objects.get().paused_because == "Nobody answers for it."
