"""Point 5 in a browser: faults and warnings with rule, source and remedy, reasons for many, signing, the reviewer."""

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group

from curricula.models import Line, Period, Submission, WarningReason
from institutions.models import Institution, User
from reports.reference.roles import load_roles
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
from tests.rules import make_requirement

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHECKS = "/en/workspace/kaznu/2025/checks/"
SIGN = "/en/workspace/kaznu/2025/sign/"
WHY = "The discipline moved to the next year by decision of the council."


@pytest.fixture
def period(transactional_db: None) -> Period:
    return make_period("2025")


@pytest.fixture
def kaznu(period: Period) -> Institution:
    """Two curricula have lost their AI since last year; an AI line of the third has no evidence."""
    make_requirement()
    institution = make_institution(code="kaznu")
    for number in (1, 2):
        last = make_version(
            make_programme(institution, code=f"6B0610{number}"),
            period=make_earlier_period(),
            state="approved",
        )
        make_version(last.programme, period=period, lines=[{}], edit_number=1)
    make_version(
        make_programme(institution, code="6B06103"), period=period, edit_number=1,
        lines=[{"ai_category": "core", "evidence_url": ""}],
    )  # fmt: skip
    return institution


@pytest.fixture
def rector(kaznu: Institution) -> User:
    return make_member(kaznu, "editor", "signatory", email="rector@kaznu.kz", first_name="Serik")


def without_barriers(page: "Page", axe: Axe) -> None:
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 800})


def mend_the_evidence(page: "Page", base: str) -> None:
    """The fault stands beside its row, with rule, source and remedy."""
    page.get_by_role("link", name="6B06103").first.click()
    check = page.locator("details.check").first
    check.locator("summary").click()
    check.get_by_text("Add a link to the line").wait_for()
    check.get_by_text("Source: Methodology, version 1").wait_for()
    page.locator("input[name$=evidence_url]").first.fill("https://kaznu.kz/syllabus.pdf")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.get_by_text("6B06103 is saved").wait_for()
    assert Line.objects.filter(evidence_url__endswith="syllabus.pdf").exists()


def sign(page: "Page") -> None:
    page.get_by_label("Faculty", exact=True).fill("120")
    page.get_by_label("Of them, completed training in AI").fill("60")
    page.get_by_label("I have read the summary").check()
    page.get_by_role("button", name="Sign and hand in").click()


def the_reviewer_reads_it(page: "Page", base: str) -> None:
    load_roles()
    reviewer = make_reviewer()
    reviewer.groups.set(Group.objects.filter(name="reviewer"))
    sign_in(page, reviewer, base)
    signed = Submission.objects.get(period__code="2025")
    page.goto(f"{base}/en/admin/curricula/submission/{signed.pk}/change/")
    assert page.get_by_text(WHY).count() == 2


def test_faults_are_mended_warnings_answered_and_the_reviewer_reads_why(
    page: "Page", axe: Axe, live_server: Any, rector: User
) -> None:
    sign_in(page, rector, live_server.url)
    page.goto(live_server.url + SIGN)
    page.get_by_text("6B06101, 6B06102: 2 warnings have no reason yet.").wait_for()
    assert page.get_by_role("button", name="Sign and hand in").count() == 0
    page.get_by_role("link", name="All checks").click()
    page.get_by_text("1 fault must be mended before signing. 2 warnings ask for a reason").wait_for()
    without_barriers(page, axe)
    mend_the_evidence(page, live_server.url)

    page.goto(live_server.url + CHECKS)
    page.get_by_label("No AI any more").fill(WHY)
    page.get_by_role("button", name="Save all reasons").first.click()
    page.get_by_text("2 reasons are saved.").wait_for()
    page.get_by_text("Every warning has its reason.").wait_for()
    assert WarningReason.objects.filter(reason=WHY).count() == 2
    without_barriers(page, axe)

    page.goto(live_server.url + SIGN)
    sign(page)
    page.get_by_text("Handed in.").first.wait_for()
    the_reviewer_reads_it(page, live_server.url)


def test_without_scripts_typing_is_kept_after_an_error(
    plain_page: "Page", live_server: Any, rector: User
) -> None:
    page = plain_page
    sign_in(page, rector, live_server.url)
    page.goto(live_server.url + CHECKS)
    fields = page.locator(".checks textarea")
    fields.nth(0).fill("ok")
    fields.nth(1).fill(WHY)
    page.get_by_role("button", name="Save all reasons").last.click()
    page.get_by_text("Nothing was saved yet: there is a problem").wait_for()
    assert fields.nth(1).input_value() == WHY
    page.get_by_role("link", name="6B06101: Say it in a few words").click()
    fields.nth(0).fill(WHY)
    page.get_by_role("button", name="Save all reasons").last.click()
    page.get_by_text("2 reasons are saved.").wait_for()


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_page_has_no_barrier_in_other_languages(
    page: "Page", axe: Axe, live_server: Any, rector: User, language: str
) -> None:
    sign_in(page, rector, live_server.url)
    page.goto(live_server.url + CHECKS.replace("/en/", f"/{language}/"))
    without_barriers(page, axe)
