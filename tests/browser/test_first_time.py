"""Somebody whom nobody told anything: from the letter of invitation to the receipt for 40 programmes, by forms.

They do what each page says: fill in its form, and press the one button of the task list. Pages are counted as the
browser loads them.
"""

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from curricula.models import Line, Submission
from institutions.models import Institution, User
from tests.browsers import Axe
from tests.factories import PASSWORD, make_institution, make_invitation, make_period, make_programme
from tests.rules import make_requirement

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PROGRAMMES = 40
MOST_PAGES = 59
TOKEN = "a-token-that-only-the-letter-knows"


@pytest.fixture
def invited(transactional_db: None) -> Institution:
    """A university with forty programmes in five directions, nothing entered, and one invitation."""
    make_requirement()
    make_period("2025")
    institution = make_institution(code="kaznu")
    for number in range(PROGRAMMES):
        direction = ("011", "041", "061", "071", "101")[number % 5]
        make_programme(institution, code=f"{('6B', '7M')[number % 2]}{direction}{number:02}")
    make_invitation(institution, "editor", "signatory", email="dana@kaznu.kz", token=TOKEN)
    return institution


class Visitor:
    """At a browser for the first time. `loads` counts the pages that it has loaded."""

    def __init__(self, page: "Page", look: Callable[["Page"], None]) -> None:
        self.page, self.look = page, look
        self.loads = 0
        page.set_default_timeout(20_000)
        page.on("domcontentloaded", self._loaded)

    def _loaded(self, page: "Page") -> None:
        self.loads += page.url != "about:blank"

    def press(self, name: str | re.Pattern[str]) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name).first.click()
        self.look(self.page)

    def join(self, link: str) -> None:
        self.page.goto(link)
        self.look(self.page)
        self.page.get_by_label("First name").fill("Dana")
        self.page.get_by_label("Last name").fill("Sadyk")
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_label("The same password again").fill(PASSWORD)
        self.press("Make the account and join")

    def obey(self) -> None:
        """Do what the task list says next, until there is a receipt."""
        ways = {
            r"/disciplines/$": self.write_discipline,
            r"/enrolment/": self.count_students,
            r"/checks/": self.give_reasons,
            r"/sign/": self.sign,
        }
        for _turn in range(len(ways) * 2):
            with self.page.expect_navigation():
                self.page.locator("section.next a.button").click()
            self.look(self.page)
            next(do for pattern, do in ways.items() if re.search(pattern, self.page.url))()
            if "/submissions/" in self.page.url:
                return
        pytest.fail(f"After {self.loads} pages there is no receipt: {self.page.url}")

    def write_discipline(self) -> None:
        page = self.page
        self.follow("New discipline")
        page.get_by_label("Code").fill("AI101")
        page.get_by_label("Title in English").fill("Introduction to artificial intelligence")
        page.get_by_label("Title in Kazakh").fill("Жасанды интеллектке кіріспе")
        page.get_by_label("Description").fill("Machine learning, neural networks and their use in the field.")
        page.get_by_label("AI category").select_option("foundations")
        page.get_by_label("Usual credits").fill("5")
        page.get_by_label("Link to evidence").fill("https://kaznu.kz/syllabi/ai101.pdf")
        self.press("Save and choose programmes")
        page.get_by_label("Cycle").select_option("general")
        page.get_by_label("Component").select_option("university")
        page.get_by_label("Semester").fill("2")
        self.press(re.compile("Choose all"))
        self.press("Show what will happen")
        self.press(f"Apply to {PROGRAMMES} programmes")
        self.follow("Tasks")

    def count_students(self) -> None:
        for place, field in enumerate(self.page.locator(".enrolment input[data-code]").all()):
            field.fill(str(20 + place))
        self.press("Save and go to the tasks")

    def give_reasons(self) -> None:
        for field in self.page.locator("main textarea:visible").all():
            field.fill("The whole curriculum follows in spring; this year the AI discipline is reported.")
        self.press(re.compile("^Save"))
        if "/checks/" in self.page.url:
            self.follow("Tasks")

    def sign(self) -> None:
        self.page.get_by_label("Faculty", exact=True).fill("120")
        self.page.get_by_label("Of them, completed training in AI").fill("60")
        self.page.get_by_label("I have read the summary").check()
        self.press("Sign and hand in")

    def follow(self, name: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name, exact=True).click()
        self.look(self.page)


def check_receipt(visitor: Visitor, base: str) -> None:
    submission = Submission.objects.get()
    assert submission.versions.count() == PROGRAMMES
    assert (
        Line.objects.filter(version__submission=submission, ai_category="foundations").count() == PROGRAMMES
    )
    assert not submission.versions.filter(students=None).exists()
    assert submission.receipt_number in visitor.page.locator("#receipt").inner_text()
    paper = visitor.page.locator("#receipt").get_by_role("link", name="English").get_attribute("href")
    pdf = visitor.page.request.get(f"{base}{paper}").body()
    assert submission.content_hash in " ".join(
        part.extract_text() for part in PdfReader(io.BytesIO(pdf)).pages
    )
    assert User.objects.get(email="dana@kaznu.kz") == submission.signed_by
    assert visitor.loads <= MOST_PAGES


def test_from_the_invitation_to_the_receipt_in_under_sixty_pages(
    page: "Page", axe: Axe, live_server: Any, invited: Institution
) -> None:
    visitor = Visitor(page, axe)
    visitor.join(f"{live_server.url}/en/invitations/{TOKEN}/")
    visitor.obey()
    check_receipt(visitor, live_server.url)
    print(f"{visitor.loads} pages")  # noqa: T201


def test_the_same_way_without_scripts(browser: "Browser", live_server: Any, invited: Institution) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    visitor = Visitor(context.new_page(), lambda _page: None)
    visitor.join(f"{live_server.url}/en/invitations/{TOKEN}/")
    visitor.obey()
    check_receipt(visitor, live_server.url)
    context.close()
