"""A discipline is written once and applied to forty programmes, by hand: with a PDF, a suggestion, and undo."""

from typing import TYPE_CHECKING, Any

import pytest

from curricula.models import CurriculumVersion, Discipline, Line
from institutions.models import Institution
from tests.browsers import Axe, enter
from tests.factories import PASSWORD, make_institution, make_member, make_period, make_programme, make_version

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PDF = {
    "name": "syllabus.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n",
}


@pytest.fixture
def kaznu(transactional_db: None) -> Institution:
    """Forty programmes, one of them begun; an editor."""
    period = make_period("2025")
    institution = make_institution(code="kaznu")
    for number in range(40):
        make_programme(institution, code=f"6B061{number:02d}")
    make_version(institution.programmes.get(code="6B06105"), period=period)
    make_member(institution, "editor", email="editor@kaznu.kz", password=PASSWORD)
    return institution


def looked_at(page: "Page", axe: Axe) -> None:
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        axe(page)


def write(page: "Page") -> None:
    """From the empty list to the choice of programmes."""
    page.get_by_role("link", name="Disciplines", exact=True).click()
    page.get_by_role("link", name="New discipline").click()
    page.get_by_label("Code").fill("AI101")
    page.get_by_label("Title in English").fill("Introduction to machine learning")
    page.get_by_label("Usual credits").fill("5")
    page.get_by_role("button", name="Suggest from title and description").click()
    page.get_by_text("Suggested: AI as the subject").wait_for()
    page.get_by_label("AI category").select_option("core")
    page.get_by_label("Evidence as a PDF").set_input_files(PDF)  # type: ignore[arg-type]
    page.get_by_role("button", name="Save and choose programmes").click()
    page.get_by_text("AI101 Introduction to machine learning is saved.").wait_for()


def choose_all(page: "Page") -> None:
    page.get_by_label("Cycle").select_option("major")
    page.get_by_label("Component").select_option("elective")
    page.get_by_label("Semester").fill("3")
    page.get_by_role("button", name="Choose all 40 shown").click()
    page.get_by_text("40 programmes chosen").wait_for()
    page.get_by_role("button", name="Show what will happen").click()
    page.get_by_role("button", name="Apply to 40 programmes").wait_for()


def test_forty_programmes_get_a_discipline_two_of_them_otherwise_and_all_of_it_is_undone(
    page: "Page", axe: Axe, live_server: Any, kaznu: Institution
) -> None:
    enter(page, live_server.url, "editor@kaznu.kz")
    write(page)
    looked_at(page, axe)
    choose_all(page)
    looked_at(page, axe)
    assert page.get_by_text("added to the draft").count() == 1
    for code in ("6B06107", "6B06133"):
        page.get_by_role("row", name=code).get_by_label("Semester").fill("7")
    page.get_by_role("button", name="Apply to 40 programmes").click()
    page.get_by_text("AI101 is applied to 40 programmes.").wait_for()
    looked_at(page, axe)
    lines = Line.objects.filter(discipline__code="AI101", version__state="draft")
    assert lines.count() == 40
    assert set(lines.filter(semester=7).values_list("version__programme__code", flat=True)) == {
        "6B06107",
        "6B06133",
    }
    assert Discipline.objects.get(code="AI101").evidence_file is not None

    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone: 40 curricula are as they were before.").wait_for()
    assert not Line.objects.filter(discipline__code="AI101").exists()
    assert CurriculumVersion.objects.get().programme.code == "6B06105"

    page.get_by_role("link", name="Apply to programmes").first.click()
    choose_all(page)
    page.get_by_role("button", name="Apply to 40 programmes").click()
    page.get_by_text("AI101 is applied to 40 programmes.").wait_for()


def test_the_same_without_scripts(browser: "Browser", live_server: Any, kaznu: Institution) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.set_default_timeout(15_000)
    enter(page, live_server.url, "editor@kaznu.kz")
    write(page)
    page.get_by_label("Level").select_option("6B")
    page.get_by_label("Code or title").fill("6B06107")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_label("6B06107").check()
    page.get_by_role("button", name="Show what will happen").click()
    problem = page.get_by_role("link", name="Cycle: Fill this in.")
    problem.click()
    assert page.url.endswith("#id_all-cycle")
    page.get_by_label("Cycle").select_option("major")
    page.get_by_label("Component").select_option("elective")
    page.get_by_label("Semester").fill("3")
    page.get_by_role("button", name="Show what will happen").click()
    page.get_by_role("button", name="Apply to 1 programme").click()
    page.get_by_text("AI101 is applied to 1 programme.").wait_for()
    assert Line.objects.get(discipline__code="AI101").version.programme.code == "6B06107"
    context.close()
