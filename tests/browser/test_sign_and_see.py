"""Point 7 in a browser: the summary, one signature, the receipt as page and file, and what becomes of it."""

import io
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from curricula import reviewing
from curricula.models import Period, Submission
from institutions.models import Institution, User
from reports import live
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
from tests.rules import make_requirement

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AI = [{"ai_category": "core", "evidence_url": "https://kaznu.kz/syllabus.pdf"}]


@pytest.fixture
def period(transactional_db: None) -> Period:
    return make_period("2025")


@pytest.fixture
def kaznu(period: Period) -> Institution:
    """Two curricula ready, one of them with AI, one programme without; six others that have reported already."""
    make_requirement()
    institution = make_institution(code="kaznu")
    title = {"title_kk": "Ұңғымаларды бұрғылау", "title_ru": "Бурение скважин", "title_en": "Drilling"}
    programme = make_programme(institution, code="6B06101", **title)
    make_version(programme, period=period, students=41, lines=AI)
    make_version(programme, period=make_earlier_period(), state="approved", lines=[{}])
    make_version(make_programme(institution, code="6B06102"), period=period, students=25, lines=[{}])
    make_programme(institution, code="6B06103")
    for met in (True, True, True, False, False, False):
        make_version(period=period, state="approved", lines=AI if met else [{}])
    return institution


@pytest.fixture
def rector(kaznu: Institution) -> User:
    return make_member(kaznu, "signatory", email="rector@kaznu.kz", first_name="Serik")


def fill(page: "Page") -> None:
    page.get_by_label("Faculty", exact=True).fill("120")
    page.get_by_label("Of them, completed training in AI").fill("60")
    page.get_by_label("I have read the summary").check()


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(part.extract_text() for part in PdfReader(io.BytesIO(pdf)).pages).split())


def decide(submission: Submission) -> None:
    reviewer = make_reviewer()
    approved, returned = submission.versions.order_by("programme__code")
    reviewing.approve(version=approved, by=reviewer)
    reviewing.return_for_correction(version=returned, by=reviewer, reason="Say what is taught of AI.")


def test_a_signatory_reads_signs_once_and_follows_what_becomes_of_it(
    page: "Page", axe: Axe, live_server: Any, rector: User
) -> None:
    sign_in(page, rector, live_server.url)
    page.goto(f"{live_server.url}/en/workspace/kaznu/")
    page.locator("section.next").get_by_role("link", name="Check and sign").click()
    share = page.get_by_role("row").filter(has_text="At least one AI discipline").inner_text().split()
    assert " ".join(share).endswith("0% 0 of 3 33% 1 of 3 1 1 more has no curriculum")
    assert "66" in page.get_by_role("main").inner_text()  # students in all
    axe(page)
    fill(page)
    page.get_by_role("button", name="Sign and hand in").dblclick()
    page.get_by_role("heading", name="Receipt").wait_for()
    submission = Submission.objects.get(institution__code="kaznu", period__code="2025")
    receipt = page.locator("#receipt").inner_text()
    assert submission.receipt_number in receipt
    assert submission.content_hash in receipt
    axe(page)
    with page.expect_download() as download:
        page.locator("#receipt").get_by_role("link", name="Қазақша").click()
    assert download.value.suggested_filename == f"{submission.receipt_number}.pdf"
    text = words_of(download.value.path().read_bytes())
    for words in (
        submission.receipt_number,
        submission.content_hash,
        "Ұңғымаларды бұрғылау",
        "rector@kaznu.kz",
    ):
        assert words in text

    stage = page.locator(".stages [aria-current=step]")
    assert "2 curricula and the staff figures wait for the ministry." in stage.inner_text()
    live.refresh()
    decide(submission)
    page.reload()
    page.get_by_text("Say what is taught of AI.").wait_for()
    axe(page)
    page.get_by_role("link", name="What it means for your coverage now").click()
    page.locator(".notice").get_by_text("Being updated since").wait_for()
    live.refresh()
    page.reload()
    assert not page.locator(".notice").get_by_text("Being updated since").count()
    assert page.locator(".figure strong").inner_text() == "33%"
    assert "50% median of 6 others" in " ".join(page.locator("dl.facts").inner_text().split())
    axe(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_barrier_in_any_language_on_a_screen_or_a_telephone(
    page: "Page", axe: Axe, live_server: Any, rector: User, kaznu: Institution, period: Period, language: str
) -> None:
    make_version(kaznu.programmes.get(code="6B06103"), period=period, state="returned", by=rector)
    live.refresh()
    sign_in(page, rector, live_server.url)
    home = "workspace/kaznu"
    for path in (
        f"{home}/2025/sign/",
        f"{home}/2025/submissions/1/",
        f"{home}/coverage/",
        "receipts/?number=1",
    ):
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{live_server.url}/{language}/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            axe(page)


def test_it_works_without_scripts(browser: "Browser", live_server: Any, rector: User) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, rector, live_server.url)
    page.goto(f"{live_server.url}/en/workspace/kaznu/2025/sign/")
    page.get_by_role("button", name="Sign and hand in").click()
    page.get_by_text("Tick the box to sign.").first.wait_for()
    fill(page)
    page.get_by_role("button", name="Sign and hand in").click()
    page.get_by_text("This page is your receipt").wait_for()
    paper = page.locator("#receipt").get_by_role("link", name="Русский").get_attribute("href")
    answer = page.request.get(f"{live_server.url}{paper}")
    submission = Submission.objects.get(institution__code="kaznu", period__code="2025")
    text = words_of(answer.body())
    assert "Бурение скважин" in text
    assert submission.content_hash in text
    context.close()
