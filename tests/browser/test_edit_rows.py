"""The rows of one curriculum in a real browser: in place with scripts, by whole pages without, saved by themselves."""

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from curricula import drafting
from curricula.models import CurriculumVersion, Typing
from institutions.models import Institution, User
from tests.browsers import Axe
from tests.factories import (
    PASSWORD,
    make_discipline,
    make_institution,
    make_member,
    make_period,
    make_programme,
    make_version,
)

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EDIT = "/en/workspace/kaznu/2025/programmes/6B06101/edit/"
TWO_ROWS = "HIS1\tИстория\t5\tООД\tОК\t1\tнет\nPHY1\tФизика\t4,5\tБД\tВК\t2\tнет"
CODES = "input[name$=-code]"


@pytest.fixture
def kaznu(transactional_db: None) -> Institution:
    institution = make_institution(code="kaznu")
    known = {"AI101": "Machine learning", "ETH1": "Ethics of AI", "MAT1": "Algebra"}
    disciplines = {
        code: make_discipline(institution, code=code, title_en=title, title_kk=title, title_ru=title)
        for code, title in known.items()
    }
    make_discipline(
        institution, code="ROB1", title_en="Robotics", credits=Decimal("3.5"), ai_category="applied"
    )
    lines = [
        {"discipline": one, "semester": number} for number, one in enumerate(disciplines.values(), start=1)
    ]
    make_version(make_programme(institution, code="6B06101"), period=make_period("2025"), lines=lines)
    return institution


@pytest.fixture
def editor(kaznu: Institution) -> User:
    return make_member(kaznu, "editor", email="editor@kaznu.kz", password=PASSWORD, first_name="Aigerim")


def enter(page: "Page", base: str, email: str = "editor@kaznu.kz") -> None:
    page.goto(f"{base}{EDIT}")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="6B06101").wait_for()


def saving(page: "Page") -> "Locator":
    return page.locator("#saving")


def codes(page: "Page") -> list[str]:
    return [field.input_value() for field in page.locator(CODES).all()]


def draft() -> CurriculumVersion:
    return CurriculumVersion.objects.get()


def saved_codes() -> list[str]:
    return [line.discipline_code for line in drafting.content(draft())]


def test_rows_are_added_moved_and_removed_in_place_and_saved_by_themselves(
    page: "Page", axe: Axe, live_server: Any, editor: User
) -> None:
    enter(page, live_server.url)
    page.get_by_role("button", name="Add 5 rows").click()
    expect(page.locator(CODES)).to_have_count(13)
    assert page.url.endswith(EDIT)
    page.get_by_role("button", name="Move up").nth(2).click()
    expect(saving(page)).to_have_text(re.compile(r"^Saved at \d\d:\d\d:\d\d$"))
    assert saved_codes() == ["AI101", "MAT1", "ETH1"]
    page.get_by_label("Remove").nth(0).check()
    row = page.locator("table.lines tbody tr").nth(8)
    row.get_by_label("Code").fill("ROB1")
    row.get_by_label("Title").focus()
    expect(row.get_by_label("Title")).to_have_value("Robotics")
    expect(row.get_by_label("Credits")).to_have_value("3.5")
    expect(row.get_by_label("AI category")).to_have_value("applied")
    row.get_by_label("Cycle").select_option("basic")
    row.get_by_label("Component").select_option("elective")
    expect(saving(page)).to_contain_text("not saved yet. Line 9, Semester: Fill this in.")
    assert Typing.objects.get().data["lines-8-code"] == "ROB1"
    row.get_by_label("Semester").fill("4")
    expect(saving(page)).to_have_text(re.compile(r"^Saved at"))
    assert saved_codes() == ["MAT1", "ETH1", "ROB1"]
    assert not Typing.objects.exists()
    axe(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("6B06101 is saved, version 1.").wait_for()
    assert codes(page)[:4] == ["MAT1", "ETH1", "ROB1", ""]


def test_a_block_pasted_into_a_cell_fills_the_rows_from_there(
    page: "Page", axe: Axe, live_server: Any, editor: User
) -> None:
    enter(page, live_server.url)
    page.get_by_label("Credits").first.fill("7")
    paste(page.locator(CODES).nth(3), TWO_ROWS)
    page.get_by_text("2 rows are put in, from line 4 on.").wait_for()
    assert codes(page)[3:5] == ["HIS1", "PHY1"]
    assert page.get_by_label("Credits").first.input_value() == "7"
    assert page.get_by_label("Credits").nth(4).input_value() == "4.5"
    expect(saving(page)).to_contain_text("HIS1 is new to your university")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("6B06101 is saved, version 1.").wait_for()
    assert saved_codes() == ["AI101", "ETH1", "MAT1", "HIS1", "PHY1"]
    paste(page.locator(CODES).nth(5), TWO_ROWS.replace("4,5", "many").replace("PHY1", "PHY2"))
    page.get_by_text("Row 2, credits: “many” is not a number. Write 5.").first.wait_for()
    assert "PHY2" in page.get_by_label("Copied rows").input_value()
    axe(page)


def paste(field: "Locator", text: str) -> None:
    field.evaluate(
        """(field, text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def test_a_single_word_is_pasted_as_ever(page: "Page", live_server: Any, editor: User) -> None:
    enter(page, live_server.url)
    paste(page.locator(CODES).nth(3), "HIS1")
    assert page.locator("#id_paste").input_value() == ""
    assert page.url.endswith(EDIT)


def test_what_is_typed_is_there_when_one_comes_back_in_a_hurry(
    page: "Page", live_server: Any, editor: User
) -> None:
    enter(page, live_server.url)
    page.get_by_label("Credits").first.fill("5 and a half")
    page.goto(f"{live_server.url}/en/workspace/kaznu/")
    page.goto(f"{live_server.url}{EDIT}")
    page.get_by_text("Typed and not saved yet").wait_for()
    assert page.get_by_label("Credits").first.input_value() == "5 and a half"
    page.get_by_role("button", name="Drop it and show what is saved").click()
    page.get_by_text("What was typed is let go.").wait_for()
    assert page.get_by_label("Credits").first.input_value() == "5"
    page.reload()
    assert page.get_by_label("Credits").first.input_value() == "5"


def test_enter_saves(page: "Page", live_server: Any, editor: User) -> None:
    enter(page, live_server.url)
    page.get_by_label("Credits").first.fill("6")
    page.get_by_label("Credits").first.press("Enter")
    page.get_by_text("6B06101 is saved, version 1.").wait_for()
    assert drafting.content(draft())[0].credits == 6


def test_all_of_it_by_whole_pages(plain_page: "Page", live_server: Any, editor: User) -> None:
    page = plain_page
    enter(page, live_server.url)
    page.get_by_label("Credits").first.fill("7 or so")
    page.get_by_role("button", name="Move down").first.click()
    assert codes(page)[:3] == ["ETH1", "AI101", "MAT1"]
    page.get_by_role("button", name="Add 5 rows").click()
    assert len(codes(page)) == 13
    page.get_by_text("Paste rows from a spreadsheet").click()
    page.get_by_label("Copied rows").fill(TWO_ROWS)
    page.get_by_role("button", name="Put the rows in").click()
    page.get_by_text("2 rows are put in, from line 4 on.").wait_for()
    assert page.get_by_label("Credits").nth(1).input_value() == "7 or so"
    page.get_by_label("Remove").nth(0).check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Line 2, Credits: “7 or so” is not a number. Write 7.").click()
    page.get_by_label("Credits").nth(1).fill("7")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("6B06101 is saved, version 1.").wait_for()
    assert saved_codes() == ["AI101", "MAT1", "HIS1", "PHY1"]


@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_runs_over_the_page(
    page: "Page", axe: Axe, live_server: Any, editor: User, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    enter(page, live_server.url)
    page.get_by_text("Paste rows from a spreadsheet").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    axe(page)
