"""The page on which last period's curricula are carried forward, from both sides."""

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from curricula.models import Batch, CurriculumVersion, Period
from institutions.models import Institution, User
from tests.factories import make_earlier_period, make_lines, make_programme, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def approved(institution: Institution) -> list[CurriculumVersion]:
    return [
        make_version(
            make_programme(institution, code=f"6B0610{number}"),
            period=make_earlier_period(),
            state="approved",
        )
        for number in (1, 2, 3)
    ]


@pytest.fixture
def address(institution: Institution, period: Period) -> str:
    return reverse("carry", args=[institution.code, period.code])


def text(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def test_it_shows_first_and_carries_after_one_press(
    client: Client, address: str, approved: list[CurriculumVersion], period: Period, editor: User
) -> None:
    client.force_login(editor)
    page = text(client.get(address))
    assert "3 curricula approved for 2024/25, with 6 lines in all, become drafts" in page
    assert "Carry 3 curricula forward" in page
    assert "Since last year" not in page
    assert not CurriculumVersion.objects.filter(period=period).exists()
    page = text(client.post(address, follow=True))
    assert "3 curricula are carried forward as drafts." in page
    assert "Since last year" in page
    assert "Undo" in page
    assert CurriculumVersion.objects.filter(period=period, state="draft").count() == 3


def test_a_second_press_says_that_it_is_done(
    client: Client, address: str, approved: list[CurriculumVersion], editor: User
) -> None:
    client.force_login(editor)
    client.post(address)
    assert "There is nothing left to carry forward" in text(client.post(address, follow=True))
    assert Batch.objects.count() == 1


def test_it_can_be_undone_from_the_page(
    client: Client, address: str, approved: list[CurriculumVersion], period: Period, editor: User
) -> None:
    client.force_login(editor)
    client.post(address)
    undo = reverse("batch-undo", args=["kaznu", period.code, Batch.objects.get().pk])
    page = text(client.post(undo, {"next": address}, follow=True))
    assert "Undone: 3 curricula are as they were before." in page
    assert "Carry 3 curricula forward" in page


def test_what_was_changed_since_is_shown_line_by_line(
    client: Client, address: str, approved: list[CurriculumVersion], period: Period, editor: User
) -> None:
    client.force_login(editor)
    client.post(address)
    draft = CurriculumVersion.objects.get(programme=approved[0].programme, period=period)
    (line,) = make_lines(draft, [{"semester": 8}])
    page = text(client.get(address))
    assert "Against 2024/25: 1 lines added, 0 removed, 0 changed, 2 the same." in page
    assert line.discipline.title in page


def test_without_anything_approved_it_says_what_to_do(client: Client, address: str, editor: User) -> None:
    client.force_login(editor)
    page = text(client.get(address))
    assert "no curriculum of an earlier year is approved" in page
    assert "Upload a spreadsheet" in page


def test_the_tasks_lead_there(
    client: Client, address: str, approved: list[CurriculumVersion], period: Period, editor: User
) -> None:
    client.force_login(editor)
    page = client.get(reverse("workspace-institution", args=["kaznu"]) + f"?period={period.code}")
    assert f'href="{address}"' in page.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_editors_of_the_university_get_there(
    client: Client, address: str, approved: list[CurriculumVersion], stranger: User, viewer: User,
    signatory: User, reviewer: User, method: str,
) -> None:  # fmt: skip
    assert getattr(client, method)(address).status_code == 302
    for person, status in ((stranger, 404), (reviewer, 404), (viewer, 403), (signatory, 403)):
        client.force_login(person)
        assert getattr(client, method)(address).status_code == status
    assert not Batch.objects.exists()


def test_the_page_costs_the_same_for_one_and_for_many(
    client: Client, address: str, institution: Institution, editor: User, django_assert_max_num_queries: Any
) -> None:
    client.force_login(editor)
    for number in range(1, 9):
        make_version(
            make_programme(institution, code=f"6B0610{number}"),
            period=make_earlier_period(),
            state="approved",
        )
        client.post(address)
        with django_assert_max_num_queries(24):
            client.get(address)
