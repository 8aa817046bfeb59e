"""Point 7 in a browser: the lead changes a university, the auditor finds out who, whence, what and why, and takes it
along; with and without scripts, on a screen and on a telephone.
"""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from institutions.models import Institution, User
from institutions.trail import sealing
from tests.browsers import Axe, sign_in
from tests.factories import make_institution

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.alone,
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
]

PAGE = "/en/admin/institutions/trailentry/"


@pytest.fixture
def kaznu(transactional_db: None) -> Institution:
    return make_institution(code="kaznu", city="Astana")


@pytest.fixture
def page_of_auditor(browser: "Browser", live_server: Any, auditor: User) -> "Page":
    """On a telephone, without scripts."""
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(10_000)
    sign_in(page, auditor, live_server.url)
    return page


def move_to_almaty(page: "Page", lead: User, base: str, institution: Institution) -> None:
    sign_in(page, lead, base)
    page.goto(f"{base}/en/admin/institutions/institution/{institution.pk}/change/")
    page.get_by_label("City").fill("Almaty")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was changed successfully").wait_for()


def test_an_auditor_finds_who_changed_what_from_where(
    page: "Page", axe: Axe, live_server: Any, lead: User, auditor: User, kaznu: Institution, tmp_path: Path
) -> None:
    move_to_almaty(page, lead, live_server.url, kaznu)
    sealing.seal(patience=10)

    sign_in(page, auditor, live_server.url)
    page.goto(f"{live_server.url}/en/admin/")
    page.get_by_role("link", name="Trail", exact=True).click()
    page.get_by_text("Nobody can add to it, change it or remove from it.").wait_for()
    axe(page)

    page.get_by_label("Person").fill("nobody of that name")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Person: Nobody is called so.").click()
    axe(page)
    page.keyboard.press("Control+a")
    page.keyboard.type("bolat")
    page.get_by_label("Text").fill("almaty")
    page.get_by_label("Kind of row").select_option("Institutions")
    page.get_by_role("button", name="Search").click()
    found = page.locator("table.trail tbody tr")
    assert found.count() == 1
    told = found.inner_text()
    assert "lead@ministry.kz" in told
    assert "127.0.0.1" in told
    assert "City: Astana → Almaty" in told
    axe(page)

    with page.expect_download() as download:
        page.get_by_role("link", name="Export what was found (CSV)").click()
    download.value.save_as(tmp_path / "trail.csv")
    with (tmp_path / "trail.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["email"], row["before"], row["after"]) for row in rows] == [
        ("lead@ministry.kz", '{"city": "Astana"}', '{"city": "Almaty"}')
    ]
    assert rows[0]["seal"]

    page.get_by_role("link", name="All seals").click()
    axe(page)
    page.get_by_role("link", name=rows[0]["seal"], exact=True).click()
    page.get_by_text("institutions_institutionevent").wait_for()


def test_the_trail_is_searched_without_scripts_on_a_telephone(
    page: "Page",
    live_server: Any,
    lead: User,
    kaznu: Institution,
    page_of_auditor: "Page",
) -> None:
    move_to_almaty(page, lead, live_server.url, kaznu)
    plain = page_of_auditor
    plain.goto(f"{live_server.url}{PAGE}")
    plain.get_by_label("University").select_option(str(kaznu.pk))
    plain.get_by_label("From day").fill("2026-01-01")
    plain.get_by_role("button", name="Search").click()
    plain.get_by_text("Almaty").wait_for()
    assert plain.locator("body").bounding_box()["width"] <= 360  # type: ignore[index]
    plain.get_by_label("Text").fill("nothing says so")
    plain.get_by_role("button", name="Search").click()
    plain.get_by_text("No change is as you search for").wait_for()
    plain.get_by_role("link", name="Show all").click()
    plain.get_by_text("Almaty").wait_for()
    plain.context.close()
