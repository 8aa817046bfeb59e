"""Students of all programmes on one form: saved in one go, kept as typed, and nobody's number is overwritten unseen."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from curricula.enrolment import Number, Saved, save_students
from curricula.models import CurriculumVersion, Period, Submission
from curricula.submitting import submit
from institutions.models import Institution, User
from tests.at_once import beside, not_yet_committed, without_row_locks
from tests.factories import make_earlier_period, make_member, make_programme, make_submission, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def drafts(institution: Institution, period: Period) -> list[CurriculumVersion]:
    return [
        make_version(make_programme(institution, code=f"6B0610{number}"), period=period, students=None)
        for number in (1, 2, 3)
    ]


@pytest.fixture
def address(client: Client, institution: Institution, period: Period, editor: User) -> str:
    client.force_login(editor)
    return reverse("enrolment", args=[institution.code, period.code])


def typed(drafts: list[CurriculumVersion], *numbers: str, was: str = "", **over: str) -> dict[str, str]:
    data = {f"students-{draft.pk}": number for draft, number in zip(drafts, numbers, strict=True)}
    return data | {f"was-{draft.pk}": was for draft in drafts} | over


def students(drafts: list[CurriculumVersion]) -> list[int | None]:
    return [CurriculumVersion.objects.get(pk=draft.pk).students for draft in drafts]


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_what_is_typed_is_saved_and_leads_back_to_the_tasks(
    client: Client, address: str, drafts: list[CurriculumVersion], editor: User
) -> None:
    answer = client.post(address, typed(drafts, "25", "", "1 200"))
    assert answer["Location"].endswith(f"/workspace/kaznu/?period={drafts[0].period.code}")
    assert students(drafts) == [25, None, 1200]
    changed = CurriculumVersion.objects.get(pk=drafts[0].pk)
    assert (changed.edit_number, changed.edited_by) == (1, editor)
    assert CurriculumVersion.objects.get(pk=drafts[1].pk).edit_number == 0
    assert "The numbers of students of 2 curricula are saved." in text(client.get(answer["Location"]))


def test_a_number_can_be_taken_back(client: Client, address: str, drafts: list[CurriculumVersion]) -> None:
    client.post(address, typed(drafts, "25", "26", "27"))
    client.post(address, typed(drafts, "", "26", "0") | {
        f"was-{draft.pk}": was for draft, was in zip(drafts, ("25", "26", "27"), strict=True)
    })  # fmt: skip
    assert students(drafts) == [None, 26, 0]


def test_last_years_number_stands_beside_and_is_not_filled_in(
    client: Client, address: str, drafts: list[CurriculumVersion]
) -> None:
    make_version(drafts[0].programme, period=make_earlier_period(), state="approved", students=777)
    page = text(client.get(address))
    assert "777 <small>2024/25</small>" in page
    assert 'value="777"' not in page


def test_after_an_error_nothing_is_saved_and_everything_typed_is_there(
    client: Client, address: str, drafts: list[CurriculumVersion]
) -> None:
    answer = client.post(address, typed(drafts, "25", "many", "-1"))
    assert answer.status_code == 422
    page = text(answer)
    assert f'<a href="#students-{drafts[1].pk}">6B06102: Write a whole number, such as 25.</a>' in page
    for value in ("25", "many", "-1"):
        assert f'value="{value}"' in page
    assert students(drafts) == [None, None, None]


def test_a_number_that_somebody_has_written_meanwhile_is_shown_beside(
    client: Client, address: str, institution: Institution, period: Period, drafts: list[CurriculumVersion]
) -> None:
    other = make_member(institution, "editor", first_name="Dina", email="dina@kaznu.kz")
    save_students(institution=institution, period=period, numbers=[Number(drafts[0].pk, None, 41)], by=other)
    answer = client.post(address, typed(drafts, "45", "26", ""))
    assert answer.status_code == 409
    page = text(answer)
    assert "Dina has saved 41 meanwhile" in page
    assert 'value="45"' in page
    assert students(drafts) == [41, 26, None]
    again = typed(drafts, "45", "26", "") | {f"was-{drafts[0].pk}": "41", f"was-{drafts[1].pk}": "26"}
    assert client.post(address, again).status_code == 302
    assert students(drafts) == [45, 26, None]


def test_saving_twice_is_saving_once(client: Client, address: str, drafts: list[CurriculumVersion]) -> None:
    for _time in range(2):
        assert client.post(address, typed(drafts, "25", "26", "27")).status_code == 302
    assert CurriculumVersion.objects.get(pk=drafts[0].pk).edit_number == 1


def test_lines_that_somebody_edits_meanwhile_do_not_get_in_the_way(
    client: Client, address: str, drafts: list[CurriculumVersion]
) -> None:
    CurriculumVersion.objects.filter(pk=drafts[0].pk).update(edit_number=7)
    assert client.post(address, typed(drafts, "25", "26", "27")).status_code == 302
    assert CurriculumVersion.objects.get(pk=drafts[0].pk).edit_number == 8


def test_what_was_signed_meanwhile_stays_as_it_was_signed(
    client: Client, address: str, drafts: list[CurriculumVersion]
) -> None:
    page = typed(drafts, "25", "26", "27")
    make_submission(versions=drafts[:1])
    answer = client.post(address, page)
    assert students(drafts) == [None, 26, 27]
    assert "1 curriculum is a draft no more" in text(client.get(answer["Location"]))


def test_drafts_of_others_are_out_of_reach(
    client: Client, address: str, period: Period, institution: Institution, editor: User
) -> None:
    foreign = make_version(period=period, students=5)
    client.post(address, {f"students-{foreign.pk}": "99", f"was-{foreign.pk}": "5"})
    save_students(institution=institution, period=period, numbers=[Number(foreign.pk, 5, 99)], by=editor)
    foreign.refresh_from_db()
    assert foreign.students == 5


@pytest.mark.parametrize("was", ["9" * 40, "x", "-1", ""])
def test_a_made_up_page_changes_nothing_by_force(
    client: Client, address: str, drafts: list[CurriculumVersion], was: str
) -> None:
    CurriculumVersion.objects.filter(pk=drafts[0].pk).update(students=41)
    assert client.post(address, typed(drafts, "45", "", "", was=was)).status_code == 409
    assert students(drafts)[0] == 41


def test_without_drafts_it_says_what_comes_first(client: Client, address: str) -> None:
    assert "First enter what the programmes teach" in text(client.get(address))


def test_a_hundred_and_fifty_numbers_cost_as_many_statements_as_one(
    institution: Institution, period: Period, editor: User, django_assert_num_queries: Callable[..., Any]
) -> None:
    for count in (1, 20):
        drafts = [
            make_version(make_programme(institution), period=period, students=None) for _ in range(count)
        ]
        with django_assert_num_queries(5):
            numbers = [Number(draft.pk, None, 10) for draft in drafts]
            assert (
                save_students(institution=institution, period=period, numbers=numbers, by=editor).changed
                == count
            )


@pytest.fixture
def saving_beside_signing(
    institution: Institution, period: Period, editor: User, signatory: User
) -> Callable[[], list[object]]:
    """Both want three drafts, which lie in the table as after years of changes: the oldest last.

    The one between is held until both have come as far as they can.
    """
    for key in (3, 2, 1):
        make_version(make_programme(institution), period=period, pk=key)
    numbers = [Number(key, 25, 30) for key in (3, 2, 1)]  # whether the table is read or its index asked
    between = CurriculumVersion.objects.filter(pk=2)
    return lambda: beside(
        lambda: submit(
            institution=institution, period=period, faculty_total=10, faculty_trained=5, by=signatory
        ),
        lambda: save_students(institution=institution, period=period, numbers=numbers, by=editor),
        meanwhile=not_yet_committed(lambda: between.update(edited_at=None)),
    )


@pytest.mark.django_db(transaction=True)
def test_who_saves_while_another_signs_waits_and_is_told(
    saving_beside_signing: Callable[[], list[object]],
) -> None:
    signed, saved = saving_beside_signing()
    assert isinstance(signed, Submission)
    assert saved == Saved(stale=dict.fromkeys((1, 2, 3)))


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_each_would_wait_for_the_other(
    saving_beside_signing: Callable[[], list[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the database ends one of the two."""
    without_row_locks(monkeypatch, save_students)
    assert OperationalError in map(type, saving_beside_signing())
