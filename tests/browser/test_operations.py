"""The page that says whether all is well: read on a desk and on a telephone, and new by itself."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from institutions.models import Heartbeat, User
from institutions.tallying import SIGN_IN_REFUSED, TASK, tally
from tests.browsers import Axe, sign_in
from tests.config.test_health import beat
from tests.factories import make_letter

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_it_says_what_is_wrong_and_is_well_again_by_itself(
    page: "Page", axe: Axe, live_server: Any, lead: User
) -> None:
    beat("beat")
    beat("worker", seconds_ago=400)
    make_letter(created_at=timezone.now() - timedelta(hours=3))
    tally(SIGN_IN_REFUSED, "password")
    for seconds in (0.02, 0.03, 14.5):
        tally(TASK, "reports.tasks.sweep done", seconds=seconds)
    sign_in(page, lead, live_server.url)
    page.clock.install()
    page.goto(f"{live_server.url}/en/admin/")
    page.get_by_role("link", name="Operations").click()
    assert "No worker has done any work for 6 min." in page.locator(".notice.bad").inner_text()
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        axe(page)

    Heartbeat.objects.filter(name="worker").update(beat_at=timezone.now())
    page.clock.fast_forward(31_000)
    page.get_by_text("Figures can be trusted; something wants attention.").wait_for()
    assert page.locator(".notice.bad").count() == 0
