"""Spreadsheets as first-class: the template down and filled in, what would happen, a yes, an undo; faults and a no."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from django.utils import translation

from curricula import importing
from curricula.models import CurriculumVersion, Import, Line
from institutions.models import User
from tests.browsers import Axe, sign_in
from tests.factories import (
    make_discipline,
    make_institution,
    make_member,
    make_period,
    make_programme,
    make_version,
)
from tests.workers import Worker

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def writer(transactional_db: None) -> User:
    """An editor whose university has a draft, a programme without one, and disciplines."""
    home = make_institution(code="abai")
    period = make_period("2025")
    ethics = make_discipline(
        home, code="ETH1", title_en="Ethics of AI", title_ru="Этика ИИ", title_kk="ЖИ этикасы"
    )
    history = make_discipline(home, code="HIS1", title_en="History", title_ru="История", title_kk="Тарих")
    drafted = make_programme(home, code="6B06101")
    lines = [{"discipline": ethics, "ai_category": "ethics"}, {"discipline": history, "semester": 2}]
    make_version(drafted, period=period, lines=lines)
    make_programme(home, code="6B06102")
    make_programme(home, code="7M06103")
    return make_member(home, "editor")


def filled_in(template: Path, *, code: str = "6B06102", **over: Any) -> Path:
    """The template with a line for a programme that had none: a known discipline, chosen by its code alone."""
    book = openpyxl.load_workbook(template)
    sheet = book.worksheets[0]
    names = ["programme_code", "discipline_code", "credits", "cycle", "component", "semester", "ai_category"]
    columns = [1, 2, 4, 5, 6, 7, 8]
    row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 1).value == code)
    values = {"programme_code": code, "discipline_code": "ETH1", "credits": 4, "cycle": sheet["E2"].value,
              "component": sheet["F2"].value, "semester": 3, "ai_category": sheet["H2"].value, **over}  # fmt: skip
    for name, column in zip(names, columns, strict=True):
        sheet.cell(row, column).value = values[name]
    sheet["D2"] = 6
    path = template.with_name(f"filled-{len(list(template.parent.iterdir()))}.xlsx")
    book.save(path)
    return path


def take_template(page: "Page", base: str, folder: Path, language: str = "en") -> Path:
    page.goto(f"{base}/{language}/workspace/abai/imports/")
    with page.expect_download() as download:
        page.locator("main a[download]").first.click()
    path = folder / "template.xlsx"
    download.value.save_as(path)
    return path


def hand_in(page: "Page", base: str, path: Path, language: str = "en") -> None:
    page.goto(f"{base}/{language}/workspace/abai/imports/new/")
    page.set_input_files("input[type=file]", path)
    page.locator("main form button").first.click()


def credits() -> dict[tuple[str, str], float]:  # noqa: A001 - what the lines say
    found = Line.objects.values_list("version__programme__code", "discipline__code", "credits")
    return {(programme, discipline): float(points) for programme, discipline, points in found}


BEFORE = {("6B06101", "ETH1"): 5.0, ("6B06101", "HIS1"): 5.0}
AFTER = {("6B06101", "ETH1"): 6.0, ("6B06101", "HIS1"): 5.0, ("6B06102", "ETH1"): 4.0}


def test_from_the_template_to_a_yes_and_back(
    page: "Page", axe: Axe, worker: Worker, live_server: Any, writer: User, tmp_path: Path
) -> None:
    sign_in(page, writer, live_server.url)
    template = take_template(page, live_server.url, tmp_path)
    hand_in(page, live_server.url, template)
    page.get_by_role("heading", name="Everything in the file was there already").wait_for()
    hand_in(page, live_server.url, filled_in(template))
    page.get_by_role("heading", name="This would happen").wait_for()
    assert credits() == BEFORE
    main = page.locator("main").inner_text()
    for text in ("1 curriculum is begun.", "1 draft is changed.", "Lines: 1 added, 1 changed, 0 removed."):
        assert text in main
    assert "7M06103" in main  # stands in the file without a line, and stays as it is
    change = page.locator("details.change").filter(has_text="6B06101")
    assert change.locator(".was").first.inner_text() == "5"
    assert change.locator(".now").first.inner_text() == "6"
    axe(page)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="Yes, save it").click()
    page.get_by_role("heading", name="Saved").wait_for()
    assert credits() == AFTER
    axe(page)
    page.goto(f"{live_server.url}/en/workspace/abai/imports/")
    axe(page)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone: 2 curricula are as they were before.").wait_for()
    assert credits() == BEFORE
    assert CurriculumVersion.objects.count() == 1
    axe(page)


def test_faults_are_taken_home_in_a_marked_copy_mended_and_handed_in(
    page: "Page", axe: Axe, worker: Worker, live_server: Any, writer: User, tmp_path: Path
) -> None:
    sign_in(page, writer, live_server.url)
    template = take_template(page, live_server.url, tmp_path)
    hand_in(page, live_server.url, filled_in(template, credits="4 ECTS", semester=99))
    page.get_by_role("heading", name="Nothing was saved: there are 2 faults").wait_for()
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download your file with the faults marked").click()
    copy = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    sheet = copy.worksheets[0]
    assert "is not a number" in sheet["D4"].comment.text
    sheet["D4"], sheet["G4"] = 4, 3
    mended = tmp_path / "mended.xlsx"
    copy.save(mended)
    hand_in(page, live_server.url, mended)
    page.get_by_role("button", name="Yes, save it").click()
    page.get_by_role("heading", name="Saved").wait_for()
    assert credits() == AFTER


def test_a_file_can_be_dropped_while_it_waits_and_after_it_was_read(
    page: "Page", axe: Axe, live_server: Any, writer: User, tmp_path: Path
) -> None:
    """No worker runs: the file waits, and the browser may leave meanwhile."""
    sign_in(page, writer, live_server.url)
    template = take_template(page, live_server.url, tmp_path)
    hand_in(page, live_server.url, filled_in(template))
    page.get_by_text("Waiting for its turn").wait_for()
    page.get_by_role("button", name="Cancel the import").click()
    page.get_by_role("heading", name="Cancelled: nothing was saved").wait_for()
    hand_in(page, live_server.url, filled_in(template, credits=3))
    page.get_by_text("Waiting for its turn").wait_for()
    page.goto(f"{live_server.url}/en/")  # gone
    importing.run_outstanding()  # as a worker's sweep does
    page.goto(f"{live_server.url}/en/workspace/abai/imports/{Import.objects.latest('pk').pk}/")
    page.get_by_role("button", name="No, drop it").click()
    page.get_by_role("heading", name="Cancelled: nothing was saved").wait_for()
    assert credits() == BEFORE


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_all_of_it_works_without_scripts(
    browser: "Browser", worker: Worker, live_server: Any, writer: User, tmp_path: Path, language: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, writer, live_server.url)
    template = take_template(page, live_server.url, tmp_path, language)
    hand_in(page, live_server.url, filled_in(template), language)
    with translation.override(language):
        yes, undo = translation.gettext("Yes, save it"), translation.gettext("Undo")
        saved = translation.gettext("Saved")
    page.get_by_role("button", name=yes).wait_for()
    assert page.locator("details.change").count() == 2
    page.get_by_role("button", name=yes).click()
    page.get_by_role("heading", name=saved, exact=True).wait_for()
    assert credits() == AFTER
    page.get_by_role("button", name=undo).click()
    page.locator(".messages").wait_for()
    assert credits() == BEFORE
    context.close()
