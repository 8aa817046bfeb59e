"""A spreadsheet handed in by a person at a browser: with scripts, without them, and on a telephone."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from curricula.models import Import, Line
from institutions.models import User
from tests.browsers import Axe, sign_in
from tests.curricula.spreadsheet_files import HEADINGS, line, xlsx
from tests.factories import make_institution, make_member, make_period, make_programme
from tests.workers import Worker

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def writer(transactional_db: None) -> User:
    home = make_institution(code="abai")
    make_programme(home, code="6B06102")
    make_period("2025")
    return make_member(home, "editor")


def written(folder: Path, name: str, *rows: list[Any]) -> Path:
    path = folder / name
    path.write_bytes(xlsx(HEADINGS, *rows))
    return path


def hand_in(page: "Page", path: Path) -> None:
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Upload and check").click()


def test_faults_are_seen_mended_and_saved(
    page: "Page", axe: Axe, worker: Worker, live_server: Any, writer: User, tmp_path: Path
) -> None:
    sign_in(page, writer, live_server.url)
    page.goto(f"{live_server.url}/en/workspace/abai/imports/")
    axe(page)
    page.get_by_role("link", name="Hand in a spreadsheet").click()
    axe(page)
    bad = written(
        tmp_path, "curricula.xlsx", line(1), line(2, credits="5,5 ects"), line(3, programme_code="6B06199")
    )
    hand_in(page, bad)
    page.get_by_role("heading", name="Nothing was saved: there are 2 faults").wait_for()
    assert page.get_by_role("row").filter(has_text="5,5 ects").inner_text().split()[:1] == ["3"]
    axe(page)
    with page.expect_download() as marked:
        page.get_by_role("link", name="Download your file with the faults marked").click()
    assert marked.value.suggested_filename == "faults in curricula.xlsx"
    page.get_by_role("link", name="Hand in the mended file").click()
    hand_in(page, written(tmp_path, "mended.xlsx", line(1), line(2, credits="5,5")))
    page.get_by_role("heading", name="This would happen").wait_for()
    page.get_by_role("button", name="Yes, save it").click()
    page.get_by_role("heading", name="Saved").wait_for()
    axe(page)
    assert Line.objects.count() == 2
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{live_server.url}/en/workspace/abai/imports/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_bar_moves_without_a_reload(
    page: "Page", axe: Axe, live_server: Any, writer: User, tmp_path: Path
) -> None:
    """No worker runs here: the test itself moves the import along, and the page must follow."""
    sign_in(page, writer, live_server.url)
    page.goto(f"{live_server.url}/en/workspace/abai/imports/new/")
    hand_in(page, written(tmp_path, "curricula.xlsx", line(1)))
    page.get_by_text("Waiting for its turn").wait_for()
    page.evaluate("window.sameDocument = true")
    axe(page)
    Import.objects.update(state="running", phase="saving", progress_done=20, progress_total=40)
    page.get_by_text("Saving the lines: 20 of 40").wait_for()
    Import.objects.update(progress_done=30)
    page.get_by_text("Saving the lines: 30 of 40").wait_for()
    assert page.evaluate("window.sameDocument")
    page.get_by_role("button", name="Cancel the import").click()
    assert Import.objects.get().cancel_requested


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_it_works_without_scripts(
    browser: "Browser", worker: Worker, live_server: Any, writer: User, tmp_path: Path, language: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, writer, live_server.url)
    page.goto(f"{live_server.url}/{language}/workspace/abai/imports/new/")
    page.set_input_files("input[type=file]", written(tmp_path, "curricula.xlsx", line(1)))
    page.locator("main form button").first.click()
    with translation.override(language):
        saved, yes = translation.gettext("Saved"), translation.gettext("Yes, save it")
    page.get_by_role("button", name=yes).click(timeout=15_000)
    page.get_by_role("heading", name=saved, exact=True).wait_for(timeout=15_000)
    context.close()
