"""What people put into names and titles in the hope that it runs, in a browser that would run it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction

from tests.browser.rich_world import make_world
from tests.browser.test_every_workspace_page import Opening, address
from tests.browsers import sign_in
from tests.reports.releases import make_release
from tests.security.planting import plant
from tests.security.test_markup import PAYLOADS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OF_THE_PUBLIC = ("", "institutions/", "institutions/kaznu/", "disciplines/")
OF_THE_WORKSPACE: tuple[tuple[str, Opening], ...] = (
    ("workspace-institution", {}),
    ("draft-edit", {"programme": "draft"}),
    ("draft-compare", {"programme": "typed"}),
    ("import-detail", {"number": "ready"}),
    ("discipline-edit", {"number": "discipline"}),
    ("people", {}),
)


def test_a_browser_runs_none_of_it(page: "Page", live_server: Any, settings: Any, tmp_path: Path) -> None:
    """The fixture of the page fails on any complaint about the policy, too: nothing even tried to run."""
    settings.MEDIA_ROOT = tmp_path
    world = make_world()
    make_release()
    with transaction.atomic():
        plant(PAYLOADS)
    ran: list[str] = []

    def told(dialog: Any) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", told)
    for path in OF_THE_PUBLIC:
        page.goto(f"{live_server.url}/en/{path}")
    sign_in(page, world.rector, live_server.url)
    for name, opening in OF_THE_WORKSPACE:
        page.goto(live_server.url + address(name, opening, world, "en"))
        assert "7331" in page.content(), name
    assert ran == []
