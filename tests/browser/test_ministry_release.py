"""Two people release figures in the admin: one proposes, the other reads what moved and confirms.

Once with scripts and once without.

By hand: first one of two programmes meets the mandate (50%), then both do (100%), moved by one approval.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from curricula.models import Programme
from institutions.models import User
from reports import releasing, snapshots, verifying
from reports.models import Release, ReleaseProposal, Snapshot
from tests.browsers import Axe
from tests.factories import PASSWORD, make_institution, make_period, make_user, make_version
from tests.reports.releases import make_country, make_release
from tests.workers import Worker, eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def leader(name: str) -> User:
    from django.contrib.auth.models import Group

    from reports.reference.roles import load_roles

    load_roles()
    user = make_user(f"{name}@ministry.kz", PASSWORD, is_staff=True, first_name=name.capitalize())
    user.groups.set(Group.objects.filter(name="lead"))
    return user


@pytest.fixture
def snapshot(transactional_db: None) -> Snapshot:
    """Verified, and one approval ahead of release 1."""
    kaznu = make_institution(code="kaznu")
    make_country((kaznu, "6B06101", "met"), (kaznu, "6B06102", "no_data"))
    lead, deputy = leader("bolat"), leader("dana")
    make_release(by=lead)
    moment = timezone.now() - timedelta(minutes=1)
    make_version(Programme.objects.get(code="6B06102"), period=make_period(), state="approved", at=moment)
    taken = snapshots.take(snapshots.request(period=make_period(), by=deputy).pk)
    return verifying.verify(taken.pk)


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def people(browser: "Browser", live_server: Any, scripts: bool) -> "Iterator[Any]":
    contexts = []

    def sign_in(email: str, width: int = 1280) -> "Page":
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, base_url=live_server.url
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto("/en/sign-in/")
        page.fill("input[name=username]", email)
        page.fill("input[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    yield sign_in
    for context in contexts:
        context.close()


def test_one_proposes_the_other_confirms_and_withdraws_in_time(
    people: Any, snapshot: Snapshot, worker: Worker, axe: Axe, scripts: bool
) -> None:
    bolat, dana = people("bolat@ministry.kz"), people("dana@ministry.kz", 360)
    look = axe if scripts else lambda _page: None

    bolat.goto(f"/en/admin/reports/snapshot/{snapshot.pk}/change/")
    bolat.get_by_role("heading", name="What moved since release 1, and why").wait_for()
    look(bolat)
    bolat.get_by_role("link", name="Propose to release these figures…").click()
    bolat.fill("textarea[name=notes_en]", "Late packages are included.")
    bolat.fill(
        "input[name=publish_at]", (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    )
    look(bolat)
    bolat.get_by_role("button", name="Propose").click()
    bolat.get_by_text("a second person must confirm it").wait_for()
    assert bolat.get_by_role("button", name="Confirm the release").count() == 0

    dana.goto(bolat.url)
    dana.get_by_text("was 50%: up 50 points").wait_for()
    dana.get_by_text("Which curricula").click()
    dana.get_by_role("link", name="6B06102").wait_for()
    look(dana)
    dana.get_by_role("button", name="Confirm the release").click()
    dana.get_by_text("Release 2 is confirmed; it becomes public on").wait_for()
    eventually(lambda: Release.objects.filter(files_ready_at=None).count() == 0, "the files")
    assert Release.objects.published().count() == 1

    dana.get_by_role("link", name="Withdraw…").click()
    dana.get_by_role("button", name="Withdraw").click()
    dana.get_by_role("heading", name="There is a problem").wait_for()
    dana.fill("textarea[name=reason]", "The Kazakh note is missing.")
    dana.get_by_role("button", name="Withdraw").click()
    dana.get_by_text("It is withdrawn.").wait_for()
    look(dana)
    assert not Release.objects.filter(number=2).exists()

    dana.get_by_role("link", name="Propose anew with these texts").click()
    assert dana.input_value("textarea[name=notes_en]") == "Late packages are included."
    dana.fill("textarea[name=notes_kk]", "Кешіккен ұсынымдар қосылды.")
    dana.fill("input[name=publish_at]", "")
    dana.get_by_role("button", name="Propose").click()
    bolat.goto(dana.url)
    bolat.get_by_role("button", name="Confirm the release").click()
    eventually(lambda: Release.objects.published().count() == 2, "release 2")
    bolat.goto("/kk/")
    assert "100 %" in bolat.locator("main").inner_text().replace("\xa0", " ")
    assert ReleaseProposal.objects.count() == 3
    assert releasing.prepare(Release.objects.get(number=2).pk).released_by.email == "bolat@ministry.kz"
