"""The workspace in a real browser without scripts."""

from typing import TYPE_CHECKING, Any

import pytest

from curricula import drafting
from curricula.models import Submission
from institutions.models import Institution, User
from tests.browsers import enter
from tests.factories import PASSWORD, make_institution, make_member, make_period, make_programme, make_version

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def kaznu(transactional_db: None) -> Institution:
    """A draft, a returned curriculum, one that was handed in, and one that nobody has begun."""
    period = make_period("2025")
    institution = make_institution(code="kaznu")
    make_version(make_programme(institution, code="6B06101"), period=period)
    returned = make_version(make_programme(institution, code="6B06102"), period=period, state="returned")
    drafting.copy_as_draft(version=returned, by=make_member(institution, "editor"))
    make_version(make_programme(institution, code="6B06103"), period=period, state="approved")
    make_programme(institution, code="6B06104")
    return institution


@pytest.fixture
def rector(kaznu: Institution) -> User:
    return make_member(kaznu, "editor", "signatory", email="rector@kaznu.kz", password=PASSWORD)


def test_a_curriculum_is_written_mended_and_signed_without_scripts(
    plain_page: "Page", live_server: Any, rector: User
) -> None:
    page = plain_page
    enter(page, live_server.url, rector.email)
    page.get_by_role("link", name="Mend 6B06102").first.click()
    page.get_by_label("Credits").first.fill("5,5 ects")
    page.get_by_role("button", name="Save", exact=True).click()
    problem = page.get_by_role("link", name="Line 1, Credits: “5,5 ects” is not a number. Write 5.5.")
    problem.click()
    assert page.url.endswith("#id_lines-0-credits")
    page.get_by_label("Credits").first.fill("5,5")
    page.get_by_role("button", name="Save and go to the list").click()
    page.get_by_text("6B06102 is saved, version 2.").wait_for()
    page.get_by_role("link", name="Fill in 6B06104").first.click()
    page.get_by_role("button", name="Add 5 rows").click()
    page.get_by_label("Code", exact=True).nth(9).wait_for()
    row = page.get_by_role("row").nth(10)
    row.get_by_label("Code").fill("AI101")
    row.get_by_label("Title").fill("Машиналық оқыту")
    row.get_by_label("Credits").fill("5")
    row.get_by_label("Cycle").select_option("major")
    row.get_by_label("Component").select_option("mandatory")
    row.get_by_label("Semester").fill("3")
    row.get_by_label("AI category").select_option("core")
    row.get_by_label("Link to evidence").fill("https://kaznu.kz/syllabi/ai101.pdf")
    page.get_by_label("Students who study by it").fill("30")
    page.get_by_role("button", name="Save and go to the list").click()
    page.get_by_role("link", name="Check and sign", exact=True).click()
    page.get_by_label("Faculty", exact=True).fill("120")
    page.get_by_label("Of them, completed training in AI").fill("60")
    page.get_by_role("button", name="Sign and hand in").click()
    page.get_by_text("Tick the box to sign.").first.wait_for()
    page.get_by_label("I have read the summary").check()
    page.get_by_role("button", name="Sign and hand in").click()
    page.get_by_text("Handed in. This page is your receipt").wait_for()
    signed = Submission.objects.get(signed_by=rector)
    assert signed.receipt_number in page.inner_text("main")
    assert sorted(signed.versions.values_list("programme__code", flat=True)) == [
        "6B06101",
        "6B06102",
        "6B06104",
    ]
