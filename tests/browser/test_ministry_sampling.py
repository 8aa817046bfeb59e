"""Point 3 in a browser: a sample is drawn, read closely and told of; a case says how alike ones were decided."""

from typing import TYPE_CHECKING, Any

import pytest

from curricula.models import Period, Sample, Submission
from curricula.sampling import draw_sample, record_reading
from institutions.models import User
from tests.browsers import Axe, sign_in
from tests.factories import (
    make_discipline,
    make_institution,
    make_period,
    make_programme,
    make_submission,
    make_version,
)
from tests.full import LANGUAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLES = {"title_kk": "Машиналық оқыту", "title_ru": "Машинное обучение", "title_en": "Machine learning"}


@pytest.fixture
def period(transactional_db: None) -> Period:
    return make_period("2025")


@pytest.fixture
def submission(period: Period) -> Submission:
    """Five curricula that wait; three others with the same discipline were decided before."""
    for state, category in (("approved", "core"), ("approved", "core"), ("returned", "applied")):
        other = make_institution()
        lines = [{"discipline": make_discipline(other, **TITLES), "ai_category": category}]
        make_version(make_programme(other), period=period, state=state, lines=lines)
    kaznu = make_institution(code="kaznu")
    submission = make_submission(kaznu, period=period)
    learning = make_discipline(kaznu, **TITLES)
    for number in range(1, 6):
        lines = [{"discipline": learning, "ai_category": "applied"}, {}]
        programme = make_programme(kaznu, code=f"6B0610{number}")
        make_version(programme, period=period, state="submitted", submission=submission, lines=lines)
    return submission


def test_a_sample_is_drawn_read_closely_and_told_of(
    page: "Page", axe: Axe, live_server: Any, reviewer: User, submission: Submission
) -> None:
    sign_in(page, reviewer, live_server.url)
    page.goto(f"{live_server.url}/en/admin/curricula/submission/{submission.pk}/change/")
    case = page.locator("article.case").first
    case.get_by_text("1 usually approved otherwise").wait_for()
    case.get_by_text("most often approved as: AI as the subject").wait_for()
    axe(page)
    page.get_by_role("link", name="Draw some of them for close reading…").click()
    page.get_by_label("How many curricula").fill("20")
    page.get_by_role("button", name="Draw").click()
    page.get_by_text("There are only 5 curricula to draw from").first.wait_for()
    axe(page)
    page.get_by_label("How many curricula").fill("2")
    page.get_by_label("Seed").fill("4 8 15 16 23 42")
    page.get_by_role("button", name="Draw").click()
    page.get_by_text("2 curricula of 5 are drawn.").wait_for()
    axe(page)
    page.get_by_role("link", name="Draw again and compare").click()
    page.get_by_text("the same 2 curricula").wait_for()
    page.get_by_role("link", name="Begin to read").click()
    page.get_by_role("button", name="It does not stand").click()
    page.locator(".error-summary").get_by_role("link", name="Say what did not stand.").click()
    axe(page)
    page.keyboard.type("The syllabus speaks of statistics only.")
    page.get_by_role("button", name="It does not stand").click()
    page.get_by_text("did not stand. Its page in the sample takes that back.").wait_for()
    axe(page)
    page.get_by_role("button", name="It stands").click()
    page.get_by_text("Of all 5, from 1 to 4 would stand (20% to 80%), with 95 % confidence.").wait_for()
    axe(page)
    sample = Sample.objects.get()
    assert (sample.seed, sample.submission_id) == ("4 8 15 16 23 42", submission.pk)
    assert sorted(sample.curricula.values_list("outcome", "note")) == [
        ("failed", "The syllabus speaks of statistics only."),
        ("stood", ""),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_barrier_in_any_language_on_a_screen_or_a_telephone(
    page: "Page", axe: Axe, live_server: Any, reviewer: User, submission: Submission, language: str
) -> None:
    sample = draw_sample(period=submission.period, of="waiting", size=3, strata="field", by=reviewer)
    record_reading(drawn=sample.curricula.get(position=1), outcome="failed", note="Нет.", by=reviewer)
    sign_in(page, reviewer, live_server.url)
    here = f"admin/curricula/sample/{sample.pk}"
    paths = ("admin/curricula/sample/", "admin/curricula/sample/add/", f"{here}/change/", f"{here}/read/1/")
    for path in (*paths, f"admin/curricula/submission/{submission.pk}/change/"):
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{live_server.url}/{language}/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            axe(page)


def test_it_works_by_keyboard_and_without_scripts(
    browser: "Browser", live_server: Any, reviewer: User, submission: Submission
) -> None:
    sample = draw_sample(period=submission.period, of="waiting", size=1, by=reviewer)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    sign_in(page, reviewer, live_server.url)
    page.goto(f"{live_server.url}/en/admin/curricula/sample/{sample.pk}/change/")
    page.get_by_role("link", name="Begin to read").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_label("What was found").focus()
    page.keyboard.type("All evidence opens.")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_text("Of all 5, from").wait_for()
    context.close()
    one = sample.curricula.get()
    assert (one.outcome, one.note, one.read_by) == ("stood", "All evidence opens.", reviewer)
