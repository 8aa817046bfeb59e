"""Point 3 in a browser: a new year starts from last year's approved curricula, is changed, undone and signed for."""

from typing import TYPE_CHECKING, Any

import pytest

from curricula.models import CurriculumVersion, Period
from institutions.models import Institution, User
from tests.browsers import Axe, sign_in
from tests.factories import (
    make_earlier_period,
    make_institution,
    make_lines,
    make_member,
    make_period,
    make_programme,
    make_version,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CARRY = "/en/workspace/kaznu/2025/carry/"


@pytest.fixture
def period(transactional_db: None) -> Period:
    return make_period("2025")


@pytest.fixture
def kaznu(period: Period) -> Institution:
    """Three programmes approved last year, one that is new and one that had nothing."""
    institution = make_institution(code="kaznu")
    for number in (1, 2, 3):
        make_version(
            make_programme(institution, code=f"6B0610{number}"),
            period=make_earlier_period(),
            state="approved",
        )
    make_programme(institution, code="6B06104", active_from=period.starts_on)
    make_programme(institution, code="6B06105")
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


def test_last_year_is_carried_changed_and_shown_before_signing(
    page: "Page", axe: Axe, live_server: Any, rector: User, period: Period
) -> None:
    sign_in(page, rector, live_server.url)
    page.goto(f"{live_server.url}/en/workspace/kaznu/?period=2025")
    page.get_by_role("link", name="Carry them forward").click()
    page.get_by_text("3 curricula approved for 2024/25, with 6 lines in all").wait_for()
    page.get_by_text("1 programme is new this year").wait_for()
    page.get_by_text("1 programme has no approved curriculum of an earlier year").wait_for()
    without_barriers(page, axe)
    page.get_by_role("button", name="Carry 3 curricula forward").dblclick()
    page.get_by_text("Carried forward by Serik").wait_for()
    assert CurriculumVersion.objects.filter(period=period, state="draft").count() == 3
    assert page.get_by_role("button", name="Carry").count() == 0
    without_barriers(page, axe)

    drafts = CurriculumVersion.objects.filter(period=period).order_by("programme__code")
    make_lines(drafts[0], [{"semester": 8}])
    drafts[1].delete()
    make_version(make_programme(drafts[0].institution, code="6B06106"), period=period)
    page.goto(f"{live_server.url}/en/workspace/kaznu/2025/sign/")
    said = page.get_by_role("region", name="Since last year").or_(
        page.locator("section[aria-labelledby=since-last-year]")
    )
    counts = said.first.locator("dl").inner_text().split()
    assert [word for word in counts if word.isdecimal()] == ["1", "1", "1", "1"]
    page.get_by_text("What was changed").click()
    page.get_by_text("1 lines added, 0 removed, 0 changed, 2 the same").wait_for()


def test_all_of_it_works_without_scripts_and_is_undone_with_one_click(
    plain_page: "Page", live_server: Any, rector: User, period: Period
) -> None:
    sign_in(plain_page, rector, live_server.url)
    plain_page.goto(f"{live_server.url}{CARRY}")
    plain_page.get_by_role("button", name="Carry 3 curricula forward").click()
    plain_page.get_by_text("3 curricula are carried forward as drafts.").wait_for()
    plain_page.get_by_role("button", name="Undo").first.click()
    plain_page.get_by_text("Undone: 3 curricula are as they were before.").wait_for()
    assert not CurriculumVersion.objects.filter(period=period).exists()


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_page_has_no_barrier_in_other_languages(
    page: "Page", axe: Axe, live_server: Any, rector: User, language: str
) -> None:
    sign_in(page, rector, live_server.url)
    page.goto(live_server.url + CARRY.replace("/en/", f"/{language}/"))
    without_barriers(page, axe)
