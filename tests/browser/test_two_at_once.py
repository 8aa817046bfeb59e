"""Two at one curriculum, a session that ends and a network that goes away: nothing typed is lost or overwritten."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from curricula import drafting
from curricula.models import CurriculumVersion, Typing
from institutions.models import Institution, Session
from tests.browser.test_edit_rows import EDIT, draft, enter, saving
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
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opened = Callable[..., "Page"]


@pytest.fixture
def kaznu(transactional_db: None) -> Institution:
    """Three lines, and two editors: Aigerim and Bolat."""
    institution = make_institution(code="kaznu")
    lines = [
        {"discipline": make_discipline(institution, code=code, title_en=title), "semester": number}
        for number, (code, title) in enumerate(
            {"AI101": "Machine learning", "ETH1": "Ethics of AI", "MAT1": "Algebra"}.items(), start=1
        )
    ]
    make_discipline(institution, code="ROB1", title_en="Robotics")
    make_version(make_programme(institution, code="6B06101"), period=make_period("2025"), lines=lines)
    for name in ("aigerim", "bolat"):
        make_member(
            institution, "editor", email=f"{name}@kaznu.kz", password=PASSWORD, first_name=name.title()
        )
    return institution


@pytest.fixture
def opened(browser: "Browser", live_server: Any, kaznu: Institution) -> Iterator[Opened]:
    """A browser of somebody's own at the form; `scripts=False` for one that runs none."""
    contexts = []

    def open_form(name: str, *, scripts: bool = True) -> "Page":
        context = browser.new_context(java_script_enabled=scripts, viewport={"width": 1280, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        enter(page, live_server.url, f"{name}@kaznu.kz")
        return page

    yield open_form
    for context in contexts:
        context.close()


def look_for_barriers(page: "Page", axe: Axe, scripts: bool) -> None:
    """axe-core is a script itself, and waits for ever where none may run."""
    if scripts:
        axe(page)


def add(page: "Page", code: str) -> None:
    row = page.locator("table.lines tbody tr").nth(3)
    row.get_by_label("Code").fill(code)
    row.get_by_label("Credits").fill("3")
    row.get_by_label("Cycle").select_option("basic")
    row.get_by_label("Component").select_option("elective")
    row.get_by_label("Semester").fill("4")


def save(page: "Page") -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def lines() -> dict[str, str]:
    return {line.discipline_code: f"{line.credits:.0f}" for line in drafting.content(draft())}


@pytest.mark.parametrize("scripts", [True, False])
def test_the_second_sees_both_sides_and_merges(opened: Opened, axe: Axe, *, scripts: bool) -> None:
    first, second = opened("aigerim", scripts=scripts), opened("bolat", scripts=scripts)
    second.get_by_label("Credits").nth(0).fill("9")
    second.get_by_label("Students who study by it").fill("41")
    first.get_by_label("Credits").nth(0).fill("8")
    first.get_by_label("Credits").nth(1).fill("2")
    add(first, "ROB1")
    save(first)
    first.get_by_text("6B06101 is saved").wait_for()
    save(second)
    second.get_by_text("Aigerim saved 6B06101").wait_for()
    look_for_barriers(second, axe, scripts)
    assert lines() == {"AI101": "8", "ETH1": "2", "MAT1": "5", "ROB1": "3"}
    second.get_by_role("button", name="Merge and save").click()
    second.get_by_role("link", name="AI101 Machine learning: Choose what to keep.").click()
    question = second.get_by_role("group", name="What to keep of AI101 Machine learning")
    question.get_by_label("Yours").check()
    look_for_barriers(second, axe, scripts)
    second.get_by_role("button", name="Merge and save").click()
    second.get_by_text("6B06101 is saved").wait_for()
    assert lines() == {"AI101": "9", "ETH1": "2", "MAT1": "5", "ROB1": "3"}
    assert draft().students == 41


def test_a_draft_that_saves_by_itself_overwrites_nobody(opened: Opened, axe: Axe) -> None:
    first, second = opened("aigerim"), opened("bolat")
    first.get_by_label("Credits").nth(0).fill("8")
    expect(saving(first)).to_have_text(re.compile("^Saved at"))
    second.get_by_label("Credits").nth(1).fill("2")
    expect(saving(second)).to_contain_text("Aigerim has changed this curriculum meanwhile.")
    axe(second)
    assert lines() == {"AI101": "8", "ETH1": "5", "MAT1": "5"}
    second.get_by_label("Credits").nth(2).fill("3")
    saving(second).get_by_role("link", name="Compare and merge").click()
    second.get_by_text("Aigerim saved 6B06101").wait_for()
    assert second.get_by_text("Both have changed these").count() == 0
    second.get_by_role("button", name="Merge and save").click()
    second.get_by_text("6B06101 is saved").wait_for()
    assert lines() == {"AI101": "8", "ETH1": "2", "MAT1": "3"}
    second.reload()
    expect(second.locator("#typing")).to_have_count(0)
    assert not Typing.objects.exists()


def test_what_was_typed_as_the_page_was_left_is_in_the_comparison(opened: Opened, live_server: Any) -> None:
    first, second = opened("aigerim"), opened("bolat")
    first.get_by_label("Credits").nth(0).fill("8")
    expect(saving(first)).to_have_text(re.compile("^Saved at"))
    second.get_by_label("Credits").nth(1).fill("2")
    expect(saving(second)).to_contain_text("Aigerim has changed this curriculum meanwhile.")
    second.context.set_offline(True)
    second.get_by_label("Credits").nth(2).fill("3")
    expect(saving(second)).to_contain_text("Kept in this browser.")
    second.close()
    second = second.context.new_page()
    second.context.set_offline(False)
    second.goto(f"{live_server.url}{EDIT}compare/")
    second.get_by_role("group", name="What to keep of MAT1 Algebra").wait_for()
    second.get_by_role("button", name="Merge and save").click()
    second.get_by_text("6B06101 is saved").wait_for()
    assert lines() == {"AI101": "8", "ETH1": "2", "MAT1": "3"}


@pytest.mark.parametrize("scripts", [True, False])
def test_a_session_that_has_ended_takes_nothing_away(
    opened: Opened, axe: Axe, live_server: Any, *, scripts: bool
) -> None:
    page = opened("aigerim", scripts=scripts)
    Session.objects.all().delete()
    page.get_by_label("Credits").nth(0).fill("8")
    page.get_by_label("Credits").nth(1).fill("not finished")
    if scripts:
        expect(saving(page)).to_contain_text("You are signed out. What you typed is kept")
        saving(page).get_by_role("link", name="Sign in").click()
    else:
        save(page)
        page.get_by_text("You were signed out. What you typed is kept").wait_for()
    page.get_by_label("E-mail").wait_for()
    look_for_barriers(page, axe, scripts)
    page.get_by_label("E-mail").fill("aigerim@kaznu.kz")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Typed and not saved yet").wait_for()
    look_for_barriers(page, axe, scripts)
    assert page.get_by_label("Credits").nth(0).input_value() == "8"
    assert page.get_by_label("Credits").nth(1).input_value() == "not finished"
    assert lines() == {"AI101": "5", "ETH1": "5", "MAT1": "5"}
    page.get_by_label("Credits").nth(1).fill("4")
    save(page)
    page.get_by_text("6B06101 is saved").wait_for()
    assert lines() == {"AI101": "8", "ETH1": "4", "MAT1": "5"}
    assert not Typing.objects.exists()


@pytest.mark.parametrize("scripts", [True, False])
def test_signing_in_again_in_another_window_loses_nothing(
    opened: Opened, live_server: Any, *, scripts: bool
) -> None:
    page = opened("aigerim", scripts=scripts)
    Session.objects.all().delete()
    other = page.context.new_page()
    enter(other, live_server.url, "aigerim@kaznu.kz")
    page.get_by_label("Credits").nth(0).fill("8")
    save(page)
    if not scripts:
        page.get_by_text("The page had expired, so nothing was saved.").wait_for()
        assert page.get_by_label("Credits").nth(0).input_value() == "8"
        save(page)
    page.get_by_text("6B06101 is saved").wait_for()
    assert lines()["AI101"] == "8"


def test_without_a_network_this_browser_keeps_it_and_sends_it_later(opened: Opened, axe: Axe) -> None:
    page = opened("aigerim")
    page.context.set_offline(True)
    page.get_by_label("Credits").nth(0).fill("8")
    expect(saving(page)).to_have_text("Not saved: no connection. Kept in this browser.")
    save(page)
    expect(saving(page)).to_have_text("Not saved: no connection. Kept in this browser.")
    axe(page)
    assert page.get_by_label("Credits").nth(0).input_value() == "8"
    page.context.set_offline(False)
    expect(saving(page)).to_have_text(re.compile("^Saved at"))
    assert lines()["AI101"] == "8"


def test_what_was_typed_without_a_network_is_sent_on_the_next_visit(opened: Opened, live_server: Any) -> None:
    page = opened("aigerim")
    page.context.set_offline(True)
    page.get_by_label("Credits").nth(0).fill("8")
    page.get_by_label("Credits").nth(1).fill("half")
    expect(saving(page)).to_have_text("Not saved: no connection. Kept in this browser.")
    page.close()
    page = page.context.new_page()
    page.context.set_offline(False)
    page.goto(f"{live_server.url}{EDIT}")
    page.get_by_text("Typed and not saved yet").wait_for()
    assert page.get_by_label("Credits").nth(0).input_value() == "8"
    assert page.get_by_label("Credits").nth(1).input_value() == "half"
    assert CurriculumVersion.objects.get().edit_number == 0


def test_of_two_states_neither_is_thrown_away(opened: Opened, live_server: Any) -> None:
    """One browser holds what it could not send; meanwhile something else was typed in another."""
    page = opened("aigerim")
    page.context.set_offline(True)
    page.get_by_label("Credits").nth(0).fill("eight")
    expect(saving(page)).to_contain_text("Kept in this browser.")
    page.close()
    other = opened("aigerim")
    other.get_by_label("Credits").nth(0).fill("nine")
    expect(saving(other)).to_contain_text("not saved yet")
    page = page.context.new_page()
    page.context.set_offline(False)
    page.goto(f"{live_server.url}{EDIT}")
    assert page.get_by_label("Credits").nth(0).input_value() == "nine"
    expect(saving(page)).to_contain_text("This browser keeps something that you typed and that is not here.")
    saving(page).get_by_role("button", name="Show it").click()
    expect(page.get_by_label("Credits").nth(0)).to_have_value("eight")
