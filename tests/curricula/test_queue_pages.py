"""The queue and the home page: whose work it is, what comes first, and that a button does what it says and no more."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from curricula.assigning import assign
from curricula.claiming import claim
from curricula.models import Assignment, Claim, Submission
from institutions.models import Institution, User
from tests.factories import (
    make_institution,
    make_member,
    make_programme,
    make_region,
    make_reviewer,
    make_submission,
    make_version,
)

pytestmark = pytest.mark.django_db

QUEUE = "/en/admin/curricula/submission/"
ASSIGNMENTS = "/en/admin/curricula/assignment/"
HOME = "/en/admin/"


@pytest.fixture
def submission(institution: Institution, signatory: User) -> Submission:
    """One new curriculum and staff figures that wait."""
    made = make_submission(institution, by=signatory)
    make_version(make_programme(institution), state="submitted", submission=made)
    return made


@pytest.fixture
def reviewing(client: Client, reviewer: User) -> Client:
    client.force_login(reviewer)
    return client


def sheet(submission: Submission) -> str:
    return f"{QUEUE}{submission.pk}/change/"


def order(client: Client, what: str, submission: Submission | None = None, back: str = "") -> Any:
    path = f"{QUEUE}{submission.pk}/{what}/" if submission else f"{QUEUE}{what}/"
    return client.post(f"{path}?back={back}" if back else path, follow=True)


def listed(client: Client, **asked: str) -> list[int]:
    return [row.pk for row in client.get(QUEUE, asked).context["cl"].result_list]


def test_the_riskiest_comes_first_and_says_why(reviewing: Client, submission: Submission) -> None:
    quiet = make_submission(at=timezone.now() - timedelta(days=9))
    older = make_submission(at=timezone.now() - timedelta(days=10))
    assert listed(reviewing) == [submission.pk, older.pk, quiet.pk]
    assert "1 of 1 is new" in reviewing.get(QUEUE).content.decode()
    assert listed(reviewing, o="-1") == [quiet.pk, older.pk, submission.pk]


def test_one_takes_a_submission_and_lets_it_go(
    reviewing: Client, reviewer: User, submission: Submission
) -> None:
    page = order(reviewing, "claim", submission)
    assert page.redirect_chain[-1][0] == sheet(submission)
    assert "is yours until" in page.content.decode()
    assert Claim.objects.get().reviewer == reviewer
    assert "You hold this submission" in reviewing.get(sheet(submission)).content.decode()
    page = order(reviewing, "release", submission, back=QUEUE)
    assert page.redirect_chain[-1][0] == QUEUE
    assert not Claim.objects.exists()


def test_the_second_is_told_who_has_it_and_can_not_decide(
    reviewing: Client, submission: Submission, lead: User
) -> None:
    claim(submission=submission, by=lead)
    page = order(reviewing, "claim", submission)
    assert "Bolat took this submission up" in page.content.decode()
    text = reviewing.get(sheet(submission)).content.decode()
    assert "Bolat holds this submission" in text
    assert 'class="decide"' not in text
    assert "Bolat" in reviewing.get(QUEUE).content.decode()
    sent = {"subject": "staff", "decision": "approve"}
    answer = reviewing.post(f"{QUEUE}{submission.pk}/decide/", sent, follow=True)
    assert "Bolat took this submission up" in answer.content.decode()
    submission.refresh_from_db()
    assert submission.state == "submitted"


def test_only_the_lead_releases_what_another_holds(
    client: Client, submission: Submission, reviewer: User, lead: User
) -> None:
    holder = make_reviewer(first_name="Ilyas")
    claim(submission=submission, by=holder)
    client.force_login(reviewer)
    assert f"{submission.pk}/release/" not in client.get(QUEUE).content.decode()
    assert "only they and the lead" in order(client, "release", submission).content.decode()
    assert Claim.objects.exists()
    client.force_login(lead)
    assert f"{submission.pk}/release/" in client.get(QUEUE).content.decode()
    assert "Ilyas held it" in order(client, "release", submission).content.decode()
    assert not Claim.objects.exists()


def test_the_next_one_is_mine_before_it_is_anybodys(
    reviewing: Client, reviewer: User, lead: User, submission: Submission
) -> None:
    mine = make_submission(make_institution(region=make_region("KZ-75")))
    assign(reviewer=reviewer, regions=[make_region("KZ-75")], kinds=[], by=lead)
    assert order(reviewing, "next").redirect_chain[-1][0] == sheet(mine)
    assert order(reviewing, "next").redirect_chain[-1][0] == sheet(submission)
    page = order(reviewing, "next")
    assert page.redirect_chain[-1][0] == QUEUE
    assert "Nothing is free" in page.content.decode()


def test_the_filters_show_whose_work_it_is_and_what_is_of_concern(
    reviewing: Client, reviewer: User, lead: User, submission: Submission
) -> None:
    old = make_submission(make_institution(kind="private"), at=timezone.now() - timedelta(days=15))
    held, theirs = make_submission(), make_submission()
    claim(submission=held, by=reviewer)
    claim(submission=theirs, by=lead)
    assign(reviewer=reviewer, regions=[], kinds=["private"], by=lead)
    assert set(listed(reviewing, whose="mine")) == {old.pk, held.pk}
    assert listed(reviewing, whose="held") == [held.pk]
    assert listed(reviewing, whose="with_others") == [theirs.pk]
    assert set(listed(reviewing, whose="free")) == {submission.pk, old.pk}
    assert listed(reviewing, whose="unassigned") == [submission.pk]
    assert listed(reviewing, concern="overdue") == [old.pk]
    assert listed(reviewing, concern="came_back") == []
    assert len(listed(reviewing, whose="nonsense")) == 4


def test_an_empty_list_says_what_to_do(reviewing: Client, submission: Submission) -> None:
    assert "Show all that waits" in reviewing.get(QUEUE, {"concern": "overdue"}).content.decode()


def test_back_leads_nowhere_else(reviewing: Client, submission: Submission) -> None:
    order(reviewing, "claim", submission)
    for back in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = reviewing.post(f"{QUEUE}{submission.pk}/release/?back={back}")
        assert answer.url == sheet(submission)  # type: ignore[attr-defined]


def test_opening_an_address_of_an_order_does_nothing(reviewing: Client, submission: Submission) -> None:
    for path in (f"{QUEUE}{submission.pk}/claim/", f"{QUEUE}{submission.pk}/release/", f"{QUEUE}next/"):
        assert reviewing.get(path).status_code == 302
    assert not Claim.objects.exists()


@pytest.mark.parametrize("person", ["editor", "stranger", "signatory"])
def test_universities_neither_take_nor_look(
    client: Client, submission: Submission, person: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(person))
    for path in (
        f"{QUEUE}{submission.pk}/claim/", f"{QUEUE}{submission.pk}/release/", f"{QUEUE}next/",
        f"{QUEUE}universities/", ASSIGNMENTS, f"{ASSIGNMENTS}add/",
    ):  # fmt: skip
        assert client.post(path).status_code == 302, path
    assert not Claim.objects.exists()


def test_staff_without_the_right_to_decide_take_nothing(client: Client, submission: Submission) -> None:
    client.force_login(make_member(make_institution(), is_staff=True))
    for path in (
        f"{QUEUE}{submission.pk}/claim/", f"{QUEUE}{submission.pk}/release/", f"{QUEUE}next/",
        f"{QUEUE}universities/", ASSIGNMENTS, f"{ASSIGNMENTS}add/",
    ):  # fmt: skip
        assert client.post(path).status_code == 403, path
    assert not Claim.objects.exists()


def test_the_lead_assigns_and_takes_back(
    client: Client, lead: User, reviewer: User, submission: Submission
) -> None:
    client.force_login(lead)
    sent = {
        "reviewer": reviewer.pk,
        "regions": [submission.institution.region_id],
        "kinds": ["state", "private"],
    }
    page = client.post(f"{ASSIGNMENTS}add/", sent, follow=True).content.decode()
    assert "2 assignments to Dana hold from now on." in page
    assert "All that waits is taken or assigned." in page
    made = Assignment.objects.get(kind="state")
    assert made.assigned_by == lead
    client.post(f"{ASSIGNMENTS}{made.pk}/delete/", {"post": "yes"})
    assert Assignment.objects.count() == 1


def test_an_assignment_of_nothing_keeps_what_was_chosen(client: Client, lead: User, reviewer: User) -> None:
    client.force_login(lead)
    answer = client.post(f"{ASSIGNMENTS}add/", {"reviewer": reviewer.pk})
    assert answer.status_code == 422
    assert "Choose a region or a kind" in answer.content.decode()
    assert f'<option value="{reviewer.pk}" selected>' in answer.content.decode()


def test_a_reviewer_sees_assignments_and_changes_none(reviewing: Client, reviewer: User, lead: User) -> None:
    (made,) = assign(reviewer=reviewer, regions=[], kinds=["state"], by=lead)
    assert reviewing.get(ASSIGNMENTS).status_code == 200
    assert reviewing.post(f"{ASSIGNMENTS}add/").status_code == 403
    assert reviewing.post(f"{ASSIGNMENTS}{made.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Assignment.objects.exists()


def test_the_home_page_says_what_waits_for_me(
    reviewing: Client, reviewer: User, lead: User, submission: Submission, django_assert_max_num_queries: Any
) -> None:
    claim(submission=make_submission(), by=reviewer)
    assign(reviewer=reviewer, regions=[submission.institution.region], kinds=[], by=lead)
    with django_assert_max_num_queries(24):
        text = " ".join(reviewing.get(HOME).content.decode().split())
    assert "For you</a></dt><dd><strong>2</strong> 1 of them taken" in text
    assert "You have taken" in text
    assert sheet(submission) in text
    assert "Take the next one" in text


def test_the_home_page_costs_the_same_for_one_and_for_many(
    reviewing: Client, submission: Submission, django_assert_max_num_queries: Any
) -> None:
    for _number in range(2):
        with django_assert_max_num_queries(24):
            reviewing.get(HOME)
        for _other in range(4):
            make_version(state="submitted")


def test_counts_of_the_period_lead_to_the_universities(
    reviewing: Client, submission: Submission, django_assert_max_num_queries: Any
) -> None:
    silent = make_institution(region=make_region("KZ-75"), kind="private")
    page = f"{QUEUE}universities/"
    with django_assert_max_num_queries(12):
        text = reviewing.get(page).content.decode()
    assert silent.name_en in text
    assert sheet(submission) in text
    for asked in ({"state": "silent"}, {"region": "KZ-75"}, {"kind": "private"}):
        text = reviewing.get(page, asked).content.decode()
        assert silent.name_en in text
        assert sheet(submission) not in text
    assert "No university fits" in reviewing.get(page, {"state": "returned"}).content.decode()
