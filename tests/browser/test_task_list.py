"""Point 1 in a browser: one page says what is done, missing, returned and why, and its one button leads on."""

from typing import TYPE_CHECKING, Any

import pytest

from curricula import reviewing
from curricula.models import CurriculumVersion, Period
from institutions.models import Institution, User
from tests.browsers import Axe, sign_in
from tests.factories import (
    make_earlier_period,
    make_institution,
    make_member,
    make_period,
    make_programme,
    make_reviewer,
    make_version,
)
from tests.full import LANGUAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REASON = "Name the topics of the discipline: the evidence does not mention AI."


@pytest.fixture
def period(transactional_db: None) -> Period:
    return make_period("2025")


@pytest.fixture
def kaznu(period: Period) -> Institution:
    """One returned, one with a draft that counts no students, one approved, sixty that nobody has begun."""
    institution = make_institution(code="kaznu")
    rector = make_member(institution, "signatory", email="rector@kaznu.kz", first_name="Serik")
    returned = make_version(
        make_programme(institution, code="7M01101"), period=period, state="submitted", by=rector
    )
    reviewing.return_for_correction(version=returned, by=make_reviewer(), reason=REASON)
    make_version(make_programme(institution, code="6B06101"), period=period, students=None)
    make_version(make_programme(institution, code="6B06102"), period=period, state="approved", by=rector)
    for number in range(60):
        make_programme(institution, code=f"6B041{number:02}")
    make_version(
        institution.programmes.get(code="6B04100"), period=make_earlier_period(), state="approved", by=rector
    )
    return institution


@pytest.fixture
def editor(kaznu: Institution) -> User:
    return make_member(kaznu, "editor", email="editor@kaznu.kz")


def next_thing(page: "Page") -> "Locator":
    return page.locator("section.next")


def codes(page: "Page") -> list[str]:
    return page.locator("#programmes tbody th a").all_inner_texts()


def test_it_says_what_was_returned_and_why_and_leads_from_one_thing_to_the_next(
    page: "Page", axe: Axe, live_server: Any, editor: User, kaznu: Institution, period: Period
) -> None:
    sign_in(page, editor, live_server.url)
    page.goto(f"{live_server.url}/en/workspace/")
    axe(page)
    assert "30 days left" in page.inner_text("main")
    assert REASON in page.inner_text("#returned")
    next_thing(page).get_by_role("link", name="Mend 7M01101").click()
    page.get_by_text(REASON).wait_for()
    page.get_by_label("Credits").first.fill("4")
    page.get_by_role("button", name="Save and go to the list").click()
    next_thing(page).get_by_text("60 programmes have no curriculum yet.").wait_for()
    assert not page.locator("#returned").count()
    next_thing(page).get_by_role("link", name="Carry them forward").click()
    page.wait_for_url("**/carry/")
    for programme in kaznu.programmes.filter(versions=None):
        make_version(programme, period=period)
    make_version(kaznu.programmes.get(code="6B04100"), period=period)
    page.goto(f"{live_server.url}/en/workspace/kaznu/")
    next_thing(page).get_by_role("link", name="Enter the numbers of students").click()
    page.get_by_label("6B06101").fill("41")
    page.get_by_role("button", name="Save and go to the tasks").click()
    page.get_by_text("The number of students of 1 curriculum is saved.").wait_for()
    ask = next_thing(page).get_by_role("link", name="Ask Serik to sign")
    assert (ask.get_attribute("href") or "").startswith("mailto:rector@kaznu.kz?subject=")
    CurriculumVersion.objects.drafts().delete()
    page.reload()
    next_thing(page).get_by_text("The ministry has returned 1 curriculum.").wait_for()


def test_filter_search_and_order_live_in_the_address_also_without_scripts(
    browser: "Browser", live_server: Any, editor: User
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, editor, live_server.url)
    page.goto(f"{live_server.url}/en/workspace/kaznu/")
    assert codes(page)[:2] == ["7M01101", "6B04100"]
    assert len(codes(page)) == 50
    page.get_by_role("link", name="Show all 63 on one page").click()
    assert len(codes(page)) == 63
    page.locator("#programmes .states").get_by_role("link", name="draft").click()
    assert codes(page) == ["6B06101"]
    page.locator("#id_status").select_option("")
    page.locator("#id_field").select_option("06")
    page.locator("#id_sort").select_option("ai")
    page.get_by_role("button", name="Show", exact=True).click()
    assert codes(page) == ["6B06101", "6B06102"]
    assert "field=06" in page.url
    kept = page.url
    page.goto(f"{live_server.url}/en/workspace/kaznu/?q=6B04105")
    assert codes(page) == ["6B04105"]
    page.goto(kept)
    assert codes(page) == ["6B06101", "6B06102"]
    page.locator("#programmes").get_by_role("link", name="missing").click()
    assert page.url.endswith(
        f"/2025/enrolment/#students-{CurriculumVersion.objects.drafts().get(programme__code='6B06101').pk}"
    )
    context.close()


def test_a_column_is_pasted_from_a_spreadsheet(
    page: "Page", axe: Axe, live_server: Any, editor: User, kaznu: Institution, period: Period
) -> None:
    for number in range(3):
        make_version(kaznu.programmes.get(code=f"6B0410{number}"), period=period, students=None)
    sign_in(page, editor, live_server.url)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    page.goto(f"{live_server.url}/en/workspace/kaznu/2025/enrolment/")
    axe(page)
    for text, start, expected in (
        ("11\n12\n13\n", "6B04100", ["11", "12", "13"]),
        ("6B04102\tLaw\t33\r\n6В04100\tEconomics\t31\r\n", "6B04101", ["31", "12", "33"]),
    ):
        page.evaluate("text => navigator.clipboard.writeText(text)", text)
        page.get_by_label(start).focus()
        page.keyboard.press("ControlOrMeta+v")
        values = [page.get_by_label(f"6B0410{number}").input_value() for number in range(3)]
        assert values == expected
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("The numbers of students of 3 curricula are saved.").wait_for()
    axe(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_barrier_in_any_language_on_a_screen_or_a_telephone(
    page: "Page", axe: Axe, live_server: Any, editor: User, language: str
) -> None:
    sign_in(page, editor, live_server.url)
    for path in ("", "2025/enrolment/"):
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{live_server.url}/{language}/workspace/kaznu/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            axe(page)
