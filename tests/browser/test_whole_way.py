"""The whole way, once, as people go it: from a university's spreadsheet to a figure that a visitor reads in Kazakh.

By hand: four programmes in the country. One university reports three: two of them teach AI once the ministry has
approved them, one teaches none; the other university is silent. So 2 of 4 programmes meet the mandate: 50 %.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group
from django.utils import translation

from curricula.models import CurriculumVersion, Line, Submission
from institutions.models import Institution
from reports import releasing, snapshots, verifying
from reports.models import Coverage, Release
from reports.reference.roles import load_roles
from tests.curricula.spreadsheet_files import HEADINGS, line, xlsx
from tests.factories import PASSWORD, make_institution, make_member, make_period, make_programme, make_user
from tests.rules import make_requirement
from tests.workers import Worker, eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.django_db(transaction=True)]

TEACHES, MENDED, WITHOUT, SILENT = "6B06101", "6B06102", "6B06103", "6B06104"
REASON = "Name the topics of the discipline: the evidence does not mention AI."


@pytest.fixture
def country(transactional_db: None) -> Institution:
    """Two universities, an open period, the mandate, people with passwords, and a first release: nothing is met."""
    load_roles()
    make_requirement()
    period = make_period("2025")
    kaznu, silent = make_institution(code="kaznu"), make_institution(code="satbayev")
    for code in (TEACHES, MENDED, WITHOUT):
        make_programme(kaznu, code=code)
    make_programme(silent, code=SILENT)
    make_member(kaznu, "editor", email="editor@kaznu.kz", password=PASSWORD)
    make_member(kaznu, "signatory", email="signatory@kaznu.kz", password=PASSWORD)
    people = []
    for name, role in (("reviewer", "reviewer"), ("lead", "lead"), ("deputy", "lead")):
        people.append(make_user(f"{name}@ministry.kz", PASSWORD, is_staff=True))
        people[-1].groups.set(Group.objects.filter(name=role))
    first = snapshots.take(snapshots.request(period=period).pk)
    snapshot = verifying.verify(first.pk)
    releasing.prepare(releasing.release(snapshot=snapshot, by=people[1], confirmed_by=people[2]).pk)
    return kaznu


class Person:
    """Somebody at a browser of their own, signed in by the form."""

    def __init__(self, browser: "Browser", base: str, email: str = "") -> None:
        self.page: Page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        self.page.set_default_timeout(15_000)
        self.base = base
        if email:
            self.go("/en/sign-in/")
            self.page.fill("input[name=username]", email)
            self.page.fill("input[name=password]", PASSWORD)
            self.page.get_by_role("button", name="Sign in").click()
            self.page.wait_for_url(lambda url: "sign-in" not in url)

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)

    def click(self, name: str) -> None:
        self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name)).first.click()

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()


def spreadsheet(folder: Path, name: str, *rows: list[Any]) -> Path:
    path = folder / name
    path.write_bytes(xlsx(HEADINGS, *rows))
    return path


def hand_in(editor: Person, path: Path) -> None:
    editor.go("/en/workspace/kaznu/imports/new/")
    editor.page.set_input_files("input[type=file]", path)
    editor.click("Upload and check")


def sign(signatory: Person) -> None:
    signatory.go("/en/workspace/kaznu/2025/sign/")
    signatory.page.fill("input[name=faculty_total]", "200")
    signatory.page.fill("input[name=faculty_trained]", "108")
    signatory.page.check("input[name=declaration]")
    signatory.click("Sign and hand in")
    signatory.page.wait_for_url(re.compile(r"/submissions?/|/2025/\d"))


def release_in_the_admin(lead: Person, deputy: Person) -> None:
    lead.go("/en/admin/reports/snapshot/add/")
    lead.page.locator("form button:not([name])").last.click()
    lead.page.get_by_text("Verified on").wait_for(
        timeout=60_000
    )  # the page renews itself until the worker is done
    lead.click("Propose to release these figures…")
    lead.page.locator("#content form button").last.click()
    lead.page.wait_for_url(lambda url: "/add/" not in url)
    deputy.page.goto(lead.page.url)
    deputy.click("Confirm the release")
    deputy.page.get_by_text("is confirmed").wait_for()


def said_in_kazakh(*, met: int, counted: int) -> str:
    """How the page words it to a Kazakh reader; the figures are worked out by hand above."""
    with translation.override("kk"):
        words = translation.ngettext(
            "%(met)s of %(counted)s programme meets the mandate",
            "%(met)s of %(counted)s programmes meet the mandate",
            counted,
        )
        return " ".join((words % {"met": met, "counted": counted}).split())


def national_figure(visitor: Person) -> str:
    visitor.go("/kk/")
    return " ".join(visitor.page.locator("main").inner_text().split())


def hand_in_with_faults_then_mended(editor: Person, folder: Path) -> None:
    rows = [
        line(1, programme_code=TEACHES),
        line(2, programme_code=MENDED),
        line(3, programme_code=WITHOUT, ai_category="none", discipline_title="History", discipline_code="H1"),
    ]
    fault = line(4, programme_code=TEACHES, credits="5,5 ects")
    hand_in(editor, spreadsheet(folder, "faulty.xlsx", *rows, fault))
    editor.sees("5,5 ects")
    assert not CurriculumVersion.objects.exists()
    hand_in(editor, spreadsheet(folder, "mended.xlsx", *rows))
    editor.sees("This would happen")
    editor.click("Yes, save it")
    editor.page.get_by_role("heading", name="Saved").wait_for()
    assert Line.objects.count() == 3


def return_one_and_approve_the_others(reviewer: Person) -> None:
    case = the_case(reviewer, MENDED)
    case.get_by_text("Return…").click()
    case.locator("textarea[name=reason]").fill(REASON)
    case.get_by_role("button", name="Return for correction").click()
    eventually(CurriculumVersion.objects.filter(state="returned").exists, "the return")
    for code in (TEACHES, WITHOUT):
        approve(reviewer, code)


def the_case(reviewer: Person, code: str) -> "Locator":
    """Where the newest submission shows a curriculum for decision."""
    reviewer.go(f"/en/admin/curricula/submission/{Submission.objects.latest('number').pk}/change/")
    return reviewer.page.locator("article.case").filter(has_text=code)


def approve(reviewer: Person, code: str) -> None:
    the_case(reviewer, code).get_by_role("button", name="Approve").click()
    approved = CurriculumVersion.objects.filter(programme__code=code, state="approved")
    eventually(approved.exists, f"the approval of {code}")


def mend(editor: Person) -> None:
    editor.go("/en/workspace/kaznu/")
    editor.sees(REASON)
    editor.click(f"Mend {MENDED}")
    editor.page.locator("input[name$=evidence_url]").first.fill("https://example.kz/topics.pdf")
    editor.page.get_by_role("button", name="Save", exact=True).click()
    eventually(Line.objects.filter(evidence_url__endswith="topics.pdf").exists, "the mended line")


def test_from_a_spreadsheet_with_faults_to_the_figure_that_a_visitor_reads(
    browser: "Browser", worker: Worker, live_server: Any, country: Institution, tmp_path: Path
) -> None:
    def person(email: str = "") -> Person:
        return Person(browser, live_server.url, email)

    assert said_in_kazakh(met=0, counted=4) in national_figure(person())
    editor, signatory = person("editor@kaznu.kz"), person("signatory@kaznu.kz")
    reviewer = person("reviewer@ministry.kz")
    hand_in_with_faults_then_mended(editor, tmp_path)
    sign(signatory)
    return_one_and_approve_the_others(reviewer)
    mend(editor)
    sign(signatory)
    approve(reviewer, MENDED)
    release_in_the_admin(person("lead@ministry.kz"), person("deputy@ministry.kz"))
    eventually(lambda: Release.objects.published().count() == 2, "the release's files")

    visitor = person()
    assert said_in_kazakh(met=2, counted=4) in national_figure(visitor)
    assert "50" in visitor.page.locator("main .figure strong").first.inner_text()
    cell = Coverage.objects.get(snapshot__release__number=2, dimension="nation")
    assert (cell.met, cell.not_met, cell.no_data, cell.in_scope) == (2, 1, 1, 4)
    rows = visitor.page.request.get(f"{live_server.url}/api/v1/coverage/?dimension=nation").json()["results"]
    assert [row["share"] for row in rows] == ["0.500000"]
    for context in browser.contexts:
        context.close()
