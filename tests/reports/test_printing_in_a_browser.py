"""The page of a university on paper: one A4 sheet, however many programmes it has."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.utils import timezone

from curricula.models import CurriculumVersion
from institutions.models import FormerName, Institution
from reports.models import Target
from reports.views.institutions import PROGRAMMES_SHOWN
from tests.factories import (
    decide,
    hand_in,
    make_discipline,
    make_field,
    make_institution,
    make_lines,
    make_period,
    make_programme,
    make_region,
    make_submission,
    three_names,
)
from tests.reports.releases import make_country, make_release

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BUDGET = 150_000
LONG = "Л.Н. Гумилев атындағы Еуразия ұлттық университеті"
TITLE = "Білім берудегі менеджмент және сапаны бағалау"
FIELDS = ("01", "02", "03", "04", "05", "06", "07", "08", "10", "11")


@pytest.fixture(params=[40, 150])
def programmes(request: pytest.FixtureRequest) -> int:
    """A typical university, and one of the largest."""
    number: int = request.param
    return number


@pytest.fixture
def site(live_server: "LiveServer", monkeypatch: pytest.MonkeyPatch, programmes: int) -> str:
    """With names as long as they are in Kazakh and Russian, a former name, a target, ten peers and as many fields."""
    monkeypatch.setattr(settings, "SITE_URL", live_server.url)
    kaznu = make_institution(
        code="kaznu", kind="national", **dict.fromkeys(("name_kk", "name_ru", "name_en"), LONG)
    )
    FormerName.objects.create(institution=kaznu, name_kk=LONG, name_ru=LONG, until=timezone.localdate())
    for number in range(10):
        other = make_institution(kind="national", region=make_region(f"KZ-{10 + number % 2}"))
        make_country((other, "6B06101", "met" if number % 2 else "not_met"))
    fill(kaznu, programmes)
    for days, share in ((-100, "0.5"), (400, "1")):
        due = timezone.localdate() + timedelta(days=days)
        Target.objects.create(
            requirement_code="ai-in-every-programme",
            due_on=due,
            share=share,
            **three_names("Барлық бағдарлама"),
        )
    make_release()
    return live_server.url


def fill(kaznu: Institution, programmes: int) -> None:
    """One programme of four does not meet the mandate; forty AI disciplines, handed in by four signings."""
    titles = dict.fromkeys(("title_kk", "title_ru", "title_en"), TITLE)
    taught = [make_discipline(kaznu, **titles) for _number in range(40)]
    period = make_period()
    versions = []
    for number in range(programmes):
        code = f"{('6B', '7M', '8D')[number % 3]}{FIELDS[number % 10]}1{number // 10:02}"
        make_field(code[2:5])
        programme = make_programme(kaznu, code=code, **titles)
        version = CurriculumVersion.objects.create(
            institution=kaznu, programme=programme, period=period, number=1, students=25
        )
        about = {"ai_category": "applied", "discipline": taught[number % 40]}
        make_lines(version, [about if number % 4 else {"ai_category": "none"}])
        versions.append(version)
    for part in range(4):
        submission = make_submission(kaznu, period=period)
        for version in versions[part::4]:
            hand_in(version, submission)
            decide(version, "approved")


def sheets(page: "Page") -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


def test_a_university_prints_on_one_sheet_that_says_where_the_whole_list_is(
    site: str, page: "Page", programmes: int
) -> None:
    for language in ("kk", "ru", "en"):
        page.goto(f"{site}/{language}/institutions/kaznu/")
        assert sheets(page) == 1, language
    page.emulate_media(media="print")
    printed = page.locator("body").inner_text()
    assert f"All {programmes} programmes" in printed
    assert f"{site}/en/institutions/kaznu/?release=1" in printed
    assert page.locator("#programmes").is_hidden()
    assert page.locator("textarea").first.is_hidden()
    assert page.locator("#place-title").is_visible()


def test_the_sheet_is_a4(site: str, page: "Page", programmes: int) -> None:
    page.goto(f"{site}/en/institutions/kaznu/")
    [box] = re.findall(rb"/MediaBox\s*\[([^\]]*)\]", page.pdf(prefer_css_page_size=True))
    width, height = (float(number) for number in box.split()[2:])
    assert (round(width), round(height)) in {(595, 842), (596, 842)}


def test_a_page_with_all_its_programmes_stays_within_the_budget(
    site: str, page: "Page", programmes: int
) -> None:
    received: list[int] = []
    page.on("response", lambda response: received.append(len(response.body()) if response.ok else 0))
    for language in ("kk", "ru", "en"):
        received.clear()
        page.goto(f"{site}/{language}/institutions/kaznu/", wait_until="networkidle")
        assert page.locator("#programmes tbody tr").count() == min(programmes, PROGRAMMES_SHOWN)
        assert len(received) <= 12
        assert sum(received) <= BUDGET, f"{language}: {sum(received)}"
