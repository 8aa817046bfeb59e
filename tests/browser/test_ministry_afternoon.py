"""A reviewer's afternoon: all submissions from the queue to its end, by mouse and by keyboard, without a dead end.

After the first page the address bar is not touched: every page must lead on by itself. What becomes of a submission
follows from its university's number, so at the end everything can be counted.
"""

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from curricula import claiming
from curricula.models import CurriculumVersion, Period, Submission
from institutions.models import User
from tests.browser.ministry_world import hand_in_many
from tests.browsers import Axe, sign_in
from tests.factories import make_period
from tests.full import IN_FULL

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SUBMISSIONS = 40 if IN_FULL else 8  # each way of deciding once
REASON = "Say how many study by it."
WAYS = ("all", "quiet", "all", "keyboard", "staff", "all", "mouse", "returned")


class Afternoon:
    """One person at one browser, and what the pages answered."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.answers: Counter[int] = Counter()
        page.on("response", self.note)

    def note(self, answer: "Response") -> None:
        if answer.request.is_navigation_request():
            self.answers[answer.status] += 1

    def button(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def link(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def said(self, words: str) -> None:
        self.page.locator(".messagelist").get_by_text(words).first.wait_for()

    def keys(self, *keys: str) -> None:
        """The shortcuts of the page, once they are there; the last key carries out."""
        self.page.locator("#keys").wait_for()
        for key in keys[:-1]:
            self.page.keyboard.press(key)
        with self.page.expect_navigation():
            self.page.keyboard.press(keys[-1])

    def press(self, name: str) -> None:
        """By keyboard: to the button, and Enter."""
        self.page.get_by_role("button", name=name).first.focus()
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def take_next(self) -> int:
        """The number of the university whose submission was taken, -1 if none is free."""
        self.button("Take the next one")
        self.page.locator(".messagelist").wait_for()
        found = re.search(r"University (\d+)", self.page.get_by_role("heading", level=1).inner_text())
        return int(found[1]) if found else -1

    def decide(self, way: str) -> None:
        match way:
            case "all":
                self.approve_shown("Approve all 3…", "Approve these 3")
            case "quiet":
                self.approve_shown("Approve the 2 without warnings…", "Approve these 2")
                self.send_back("6B06103")
            case "keyboard":
                self.keys("j", "a", "Enter")
                self.said("The staff figures are approved.")
                self.keys("j", "j", "a", "Enter")
                self.said("6B06103 is approved.")
                for code in ("6B06101", "6B06102"):  # each decision leads on to the next
                    self.keys("a", "Enter")
                    self.said(f"{code} is approved.")
                return
            case "staff":
                self.approve_shown("Approve all 3…", "Approve these 3")
                self.send_back("staff figures", "The staff figures are returned")
                return
            case "mouse":
                for code in ("6B06103", "6B06101", "6B06102"):
                    self.button(f"Approve {code}")
                    self.said(f"{code} is approved.")
            case "returned":
                self.send_back("6B06103", forgetful=True)
                self.approve_shown("Approve all 2…", "Approve these 2")
        self.button("Approve staff figures")
        self.said("The staff figures are approved.")

    def approve_shown(self, link: str, button: str) -> None:
        self.link(link)
        self.button(button)
        self.said("curricula approved.")

    def send_back(self, name: str, said: str = "", *, forgetful: bool = False) -> None:
        """By keyboard; who forgets to say why is told, and goes on at the same place."""
        approve = self.page.get_by_role("button", name=f"Approve {name}")
        place = self.page.locator("form.decide").filter(has=approve)
        place.locator("summary").first.focus()
        self.page.keyboard.press("Enter")
        if forgetful:
            self.press(f"Return for correction {name}")
            self.page.locator("textarea:focus").wait_for()
        else:
            place.locator("textarea").focus()
        self.page.keyboard.type(REASON)
        self.press(f"Return for correction {name}")
        self.said(said or f"{name} is returned")


def test_all_submissions_are_decided_without_a_dead_end(
    page: "Page", axe: Axe, live_server: Any, reviewer: User, lead: User
) -> None:
    period = make_period("2025")
    submissions = hand_in_many(period, SUBMISSIONS)
    claiming.claim(submission=submissions[7], by=lead)
    afternoon = Afternoon(page)
    sign_in(page, reviewer, live_server.url)
    page.goto(f"{live_server.url}/en/admin/")
    done = []
    while (number := afternoon.take_next()) >= 0:
        afternoon.decide(WAYS[number % len(WAYS)])
        page.get_by_text("Everything here is decided.").wait_for()
        done.append(number)
    afternoon.said("Nothing is free: all that waits has been taken up.")
    claiming.release(submission=submissions[7], by=lead)
    done.append(afternoon.take_next())
    afternoon.decide(WAYS[7])
    axe(page)
    afternoon.link("Queue")
    page.get_by_text("Nothing waits for a decision.").wait_for()
    assert sorted(done) == list(range(SUBMISSIONS))
    # 422 is how a page says that something was forgotten.
    forgotten = sum(WAYS[number % len(WAYS)] == "returned" for number in range(SUBMISSIONS))
    assert set(afternoon.answers) == {200, 302, 422}, afternoon.answers
    assert afternoon.answers[422] == forgotten
    check_what_became_of_it(period, reviewer)


def check_what_became_of_it(period: Period, by: User) -> None:
    ways = Counter(WAYS[number % len(WAYS)] for number in range(SUBMISSIONS))
    returned = ways["quiet"] + ways["returned"]
    handed_in = CurriculumVersion.objects.filter(period=period, submission__isnull=False)
    assert Counter(handed_in.values_list("state", "decided_by", "reason")) == {
        ("approved", by.pk, ""): 3 * SUBMISSIONS - returned,
        ("returned", by.pk, REASON): returned,
    }
    assert Counter(Submission.objects.values_list("state", "decided_by", "reason")) == {
        ("approved", by.pk, ""): SUBMISSIONS - ways["staff"],
        ("returned", by.pk, REASON): ways["staff"],
    }
    # What was returned is a draft again, so that the university can mend it.
    assert CurriculumVersion.objects.drafts().filter(period=period).count() == returned
