"""Point 2 in a browser: one screen to decide, by keyboard with scripts and by buttons without."""

from typing import TYPE_CHECKING, Any

import pytest

from curricula.models import CurriculumVersion, Submission
from curricula.reference import load
from institutions.models import User
from tests.browsers import Axe, sign_in
from tests.factories import make_institution, make_member, make_programme, make_submission, make_version

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def submission(transactional_db: None) -> Submission:
    """Five curricula that wait, each with few credits for its level, so all have a warning."""
    load()
    kaznu = make_institution(code="kaznu")
    submission = make_submission(kaznu, by=make_member(kaznu, "signatory", language="ru"))
    for number in range(1, 6):
        programme = make_programme(kaznu, code=f"6B0610{number}")
        make_version(programme, state="submitted", submission=submission)
    return submission


def sheet(submission: Submission, language: str = "en") -> str:
    return f"/{language}/admin/curricula/submission/{submission.pk}/change/"


def test_a_submission_is_decided_by_keyboard(
    page: "Page", axe: Axe, live_server: Any, reviewer: User, submission: Submission
) -> None:
    sign_in(page, reviewer, live_server.url)
    page.goto(live_server.url + sheet(submission))
    page.keyboard.press("?")
    page.get_by_text("next curriculum with a warning").wait_for()
    page.locator("details.evidence summary").first.click()
    axe(page)
    page.locator("#staff").focus()
    page.keyboard.press("w")  # 6B06101, the first with a warning
    page.keyboard.press("r")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    page.locator(".case:focus-within select").select_option(label="The number of students")
    reason = page.locator("textarea:focus")
    assert reason.input_value().startswith("Число студентов не указано")
    page.keyboard.type(" До пятницы.")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    page.get_by_text("6B06101 is returned").wait_for()
    page.locator(".case:focus h3").get_by_text("6B06102").wait_for()
    page.keyboard.press("a")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_text("6B06102 is approved.").wait_for()
    page.keyboard.press("x")  # 6B06103
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")  # 6B06105
    assert page.locator("#chosen-count").inner_text() == "2"
    page.get_by_role("button", name="Return chosen…").click()
    page.get_by_role("heading", name="Return 2 curricula of Institution kaznu?").wait_for()
    axe(page)
    page.get_by_label("Begin with a text of the list").select_option(label="The syllabus is missing")
    page.keyboard.press("Control+Enter")
    page.get_by_text("2 curricula returned").wait_for()
    states = dict(CurriculumVersion.objects.exclude(state="draft").values_list("programme__code", "state"))
    assert states == {
        "6B06101": "returned",
        "6B06102": "approved",
        "6B06103": "returned",
        "6B06104": "submitted",
        "6B06105": "returned",
    }
    reasons = CurriculumVersion.objects.filter(state="returned").values_list("programme__code", "reason")
    assert dict(reasons)["6B06101"].endswith("До пятницы.")


def test_shortcuts_can_be_switched_off_and_typing_triggers_none(
    page: "Page", live_server: Any, reviewer: User, submission: Submission
) -> None:
    sign_in(page, reviewer, live_server.url)
    page.goto(live_server.url + sheet(submission))
    page.locator("#staff").focus()
    page.keyboard.press("r")
    page.keyboard.type("jar?")
    assert page.locator("#staff textarea").input_value() == "jar?"
    page.locator("#keys summary").click()
    page.locator("#keys-on").uncheck()
    page.reload()
    page.locator("#staff").focus()
    page.keyboard.press("j")
    assert page.locator("#staff:focus").count() == 1


def test_all_of_it_works_without_scripts_on_a_phone(
    browser: "Browser", live_server: Any, reviewer: User, submission: Submission
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    sign_in(page, reviewer, live_server.url)
    page.goto(live_server.url + sheet(submission))
    assert page.locator("html").evaluate("page => page.scrollWidth") <= 360
    assert not page.locator("#keys").is_visible()
    case = page.locator(".case", has_text="6B06102")
    case.get_by_text("Return… 6B06102").click()
    case.get_by_label("Begin with a text of the list").select_option(label="The credits do not add up")
    with page.expect_navigation():
        case.get_by_role("button", name="Fill in").click()
    assert page.locator("textarea:focus").input_value().startswith("Кредиты не соответствуют")
    for code in ("6B06103", "6B06104"):
        page.get_by_label(f"Choose {code}").check()
    page.get_by_role("button", name="Approve chosen…").click()
    page.get_by_role("heading", name="Approve 2 curricula of Institution kaznu?").wait_for()
    assert page.locator("html").evaluate("page => page.scrollWidth") <= 360
    page.get_by_label("With the staff figures").check()
    page.get_by_role("button", name="Approve these 2").click()
    page.get_by_text("2 curricula approved.").wait_for()
    page.get_by_text("The staff figures are approved.").wait_for()
    submission.refresh_from_db()
    context.close()
    assert submission.state == "approved"
    assert submission.versions.filter(state="approved").count() == 2
