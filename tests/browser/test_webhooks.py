"""A signatory connects the university's system: adds it, tries it, mends it, and sees each result without reloading."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from curricula.models import Period
from institutions.models import User, Webhook
from institutions.webhooks import signing
from tests.browsers import sign_in
from tests.webhooks import Receiver
from tests.workers import Worker

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("which", ["page", "plain_page"], ids=["scripts", "no scripts"])
def test_a_system_is_connected_tried_and_mended(
    which: str,
    request: pytest.FixtureRequest,
    live_server: Any,
    signatory: User,
    period: Period,
    tmp_path: Path,
) -> None:
    page: Page = request.getfixturevalue(which)
    page.set_default_timeout(60_000)
    with Receiver(tmp_path) as receiver:
        receiver.status, receiver.words = 503, "Жабық".encode()
        worker = Worker.start(**receiver.environment)
        try:
            sign_in(page, signatory, live_server.url)
            page.goto(f"{live_server.url}/en/workspace/kaznu/webhooks/")
            page.get_by_role("link", name="Add a webhook").click()
            page.get_by_label("Address").fill(receiver.address)
            page.get_by_role("button", name="Add a webhook").click()
            page.get_by_role("button", name="Send a test message").click()
            page.get_by_text("Answered 503.").wait_for()
            page.get_by_text("Жабық").wait_for()
            receiver.status, receiver.words = 200, b"taken"
            page.get_by_role("button", name="Send again").click()
            page.get_by_text("Answered 200: received.").wait_for()
            page.get_by_text("arrived", exact=True).wait_for()
        finally:
            worker.stop()
    first, second = receiver.told
    assert first.id == second.id
    assert second.content["type"] == "ping"
    secret = signing.secret_of(Webhook.objects.get())
    assert second.headers["webhook-signature"] == second.signature(secret)
