"""Decisions of the ministry: what they supersede, what they leave, and whom they refuse."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pghistory.models import Events

from curricula import reviewing
from curricula.drafting import content
from curricula.errors import Refused
from curricula.models import CurriculumVersion, Period, Submission
from institutions.models import Institution, User
from tests.at_once import beside, no_decision_ends
from tests.factories import (
    TWO_LINES,
    decide,
    make_institution,
    make_member,
    make_programme,
    make_reviewer,
    make_submission,
    make_version,
)

pytestmark = pytest.mark.django_db


def test_an_approval_supersedes_what_was_valid(institution: Institution, reviewer: User) -> None:
    programme = make_programme(institution)
    first = make_version(programme, state="approved", at=timezone.now() - timedelta(days=9))
    second = make_version(programme, state="submitted")

    reviewing.approve(version=second, by=reviewer)

    first.refresh_from_db()
    assert second.state == "approved"
    assert second.decided_by == reviewer
    assert first.valid_to == second.valid_from == second.decided_at
    assert second.valid_to is None


def test_an_approval_leaves_other_periods_and_programmes_alone(
    institution: Institution, period: Period, reviewer: User
) -> None:
    from tests.factories import make_earlier_period

    programme = make_programme(institution)
    others = [
        make_version(programme, state="approved", period=make_earlier_period()),
        make_version(make_programme(institution), state="approved"),
    ]
    reviewing.approve(version=make_version(programme, state="submitted"), by=reviewer)
    assert set(CurriculumVersion.objects.valid_now()) >= set(others)


def test_a_return_gives_the_university_a_draft_with_the_same_lines(
    institution: Institution, reviewer: User
) -> None:
    version = make_version(make_programme(institution), state="submitted", students=31)

    reviewing.return_for_correction(version=version, by=reviewer, reason=" The evidence can't be opened. ")

    draft = CurriculumVersion.objects.drafts().get(programme=version.programme)
    assert (version.state, version.reason) == ("returned", "The evidence can't be opened.")
    assert (draft.number, draft.students) == (2, 31)
    assert content(draft) == content(version)


def test_a_return_leaves_a_draft_that_was_begun(institution: Institution, reviewer: User) -> None:
    version = make_version(make_programme(institution), state="submitted")
    begun = make_version(version.programme, lines=TWO_LINES[:1])

    reviewing.return_for_correction(version=version, by=reviewer, reason="Wrong year.")

    assert CurriculumVersion.objects.drafts().get(programme=version.programme) == begun
    assert begun.lines.count() == 1


def test_a_return_leaves_valid_what_was_valid(institution: Institution, reviewer: User) -> None:
    programme = make_programme(institution)
    valid = make_version(programme, state="approved")
    reviewing.return_for_correction(
        version=make_version(programme, state="submitted"), by=reviewer, reason="Credits."
    )
    assert CurriculumVersion.objects.valid_now().get(programme=programme) == valid


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 5001])
def test_a_return_needs_a_reason_that_can_be_read(
    institution: Institution, reviewer: User, reason: str
) -> None:
    version = make_version(make_programme(institution), state="submitted")
    with pytest.raises(Refused) as refusal:
        reviewing.return_for_correction(version=version, by=reviewer, reason=reason)
    assert refusal.value.field == "reason"
    version.refresh_from_db()
    assert version.state == "submitted"


def test_a_reason_may_be_as_long_as_is_said(institution: Institution, reviewer: User) -> None:
    version = make_version(make_programme(institution), state="submitted")
    returned = reviewing.return_for_correction(version=version, by=reviewer, reason=f" \0{'x' * 5000} ")
    assert returned.reason == "x" * 5000


@pytest.mark.parametrize("state", ["draft", "approved", "returned"])
def test_only_what_was_submitted_can_be_decided(institution: Institution, reviewer: User, state: str) -> None:
    version = make_version(make_programme(institution), state=state)
    for decision in (approve, return_):
        with pytest.raises(Refused):
            decision(version, reviewer)


def test_a_second_decision_is_told_who_decided_and_when(institution: Institution, reviewer: User) -> None:
    version = make_version(make_programme(institution), state="submitted")
    reviewing.approve(version=version, by=make_reviewer(first_name="Asel"))
    with pytest.raises(Refused, match=r"Asel") as refusal:
        reviewing.return_for_correction(version=version, by=reviewer, reason="No.")
    assert version.programme.code in str(refusal.value)


def approve(version: CurriculumVersion, by: User) -> Any:
    return reviewing.approve(version=version, by=by)


def return_(version: CurriculumVersion, by: User) -> Any:
    return reviewing.return_for_correction(version=version, by=by, reason="No.")


def approve_figures(submission: Submission, by: User) -> Any:
    return reviewing.approve_staff_figures(submission=submission, by=by)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", [approve, return_])
def test_of_two_who_decide_at_once_one_is_told(second: Callable[[CurriculumVersion, User], Any]) -> None:
    version = make_version(state="submitted")
    told = beside(
        lambda: approve(version, make_reviewer()),
        lambda: second(CurriculumVersion.objects.get(pk=version.pk), make_reviewer()),
        meanwhile=no_decision_ends(),
    )
    assert [isinstance(one, Refused) for one in told] == [False, True], told
    version.refresh_from_db()
    assert version.state in ("approved", "returned")


@pytest.mark.django_db(transaction=True)
def test_two_staff_figures_approved_at_once_leave_the_newer_valid() -> None:
    institution = make_institution()
    older, newer = make_submission(institution), make_submission(institution)
    at_once(lambda: approve_figures(older, make_reviewer()), lambda: approve_figures(newer, make_reviewer()))
    assert Submission.objects.get(state="approved", valid_to=None) == newer


def at_once(*actions: Callable[[], Any]) -> list[Refused]:
    """Run the actions in connections of their own, as nearly at once as can be; the refusals of those refused."""
    start, told, broken = threading.Barrier(len(actions)), [], []

    def run(action: Callable[[], Any]) -> None:
        try:
            start.wait()
            action()
        except Refused as refusal:
            told.append(refusal)
        except Exception as error:
            broken.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broken
    return told


def test_nobody_decides_on_what_they_signed(institution: Institution) -> None:
    both = make_member(institution, "signatory", is_staff=True)
    version = make_version(make_programme(institution), state="submitted", by=both)
    assert version.submission
    decisions: list[tuple[Callable[[Any, User], Any], Any]] = [
        (approve, version),
        (return_, version),
        (approve_figures, version.submission),
    ]
    for decide_on, subject in decisions:
        with pytest.raises(Refused) as refusal:
            decide_on(subject, both)
        assert refusal.value.code == "four_eyes"


def test_nobody_but_the_ministry_decides(institution: Institution, stranger: User) -> None:
    with pytest.raises(Refused) as refusal:
        approve(make_version(make_programme(institution), state="submitted"), stranger)
    assert refusal.value.code == "not_ministry"


def test_whoever_has_left_the_ministry_decides_nothing(institution: Institution, reviewer: User) -> None:
    reviewer.is_active = False
    for decision in (approve, return_):
        with pytest.raises(Refused) as refusal:
            decision(make_version(make_programme(institution), state="submitted"), reviewer)
        assert refusal.value.code == "not_ministry"


def test_all_at_once_approves_only_what_was_seen(institution: Institution, reviewer: User) -> None:
    submission = make_submission(institution)
    seen = [make_version(make_programme(institution), state="submitted", submission=submission) for _ in "ab"]
    unseen = make_version(make_programme(institution), state="submitted", submission=submission)

    approved = reviewing.approve_all(
        submission=submission, by=reviewer, seen_version_ids=[version.pk for version in seen]
    )

    assert approved == 2
    assert set(CurriculumVersion.objects.valid_now()) == set(seen)
    unseen.refresh_from_db()
    assert unseen.state == "submitted"


def test_all_at_once_approves_nothing_if_one_was_decided_meanwhile(
    institution: Institution, reviewer: User
) -> None:
    submission = make_submission(institution)
    seen = [make_version(make_programme(institution), state="submitted", submission=submission) for _ in "ab"]
    decide(seen[0], "returned")
    with pytest.raises(Refused, match=seen[0].programme.code):
        reviewing.approve_all(
            submission=submission, by=reviewer, seen_version_ids=[version.pk for version in seen]
        )
    assert not CurriculumVersion.objects.valid_now().exists()


@pytest.mark.usefixtures("english")
def test_how_many_were_decided_meanwhile_is_told(institution: Institution, reviewer: User) -> None:
    submission = make_submission(institution)
    seen = [
        make_version(make_programme(institution), state="submitted", submission=submission) for _ in "abc"
    ]
    for version, told in zip(
        seen, ("was decided already", "and 1 other were", "and 2 others were"), strict=True
    ):
        decide(version, "returned")
        with pytest.raises(Refused, match=told):
            reviewing.approve_all(
                submission=submission, by=reviewer, seen_version_ids=[one.pk for one in seen]
            )


def test_all_at_once_stays_within_the_submission(institution: Institution, reviewer: User) -> None:
    mine = make_version(make_programme(institution), state="submitted")
    other = make_version(state="submitted")
    assert mine.submission
    for seen in ([mine.pk, other.pk], [other.pk], [0], []):
        with pytest.raises(Refused):
            reviewing.approve_all(submission=mine.submission, by=reviewer, seen_version_ids=seen)
    assert not CurriculumVersion.objects.valid_now().exists()


def test_all_at_once_costs_the_same_for_one_and_for_many(
    institution: Institution, reviewer: User, django_assert_num_queries: Any
) -> None:
    for number in (1, 7):
        submission = make_submission(institution)
        seen = [
            make_version(make_programme(institution), state="submitted", submission=submission).pk
            for _ in range(number)
        ]
        with django_assert_num_queries(17):
            reviewing.approve_all(submission=submission, by=reviewer, seen_version_ids=seen)


def test_staff_figures_supersede_those_of_before(institution: Institution, reviewer: User) -> None:
    first, second = make_submission(institution), make_submission(institution)
    approve_figures(first, reviewer)
    approve_figures(second, reviewer)
    first.refresh_from_db()
    assert first.valid_to == second.valid_from


def test_staff_figures_of_another_university_or_period_are_left_alone(
    institution: Institution, period: Period, reviewer: User
) -> None:
    from tests.factories import make_earlier_period

    others = [
        make_submission(period=period, number=9),
        make_submission(institution, period=make_earlier_period()),
    ]
    for submission in [*others, make_submission(institution)]:
        approve_figures(submission, reviewer)
    assert Submission.objects.filter(state="approved", valid_to=None).count() == 3


def test_older_staff_figures_never_supersede_newer_ones(institution: Institution, reviewer: User) -> None:
    first, second = make_submission(institution), make_submission(institution)
    approve_figures(second, reviewer)
    with pytest.raises(Refused) as refusal:
        approve_figures(first, reviewer)
    assert refusal.value.code == "outdated"
    returned = reviewing.return_staff_figures(
        submission=first, by=reviewer, reason="Newer ones are approved."
    )
    assert (returned.state, returned.decided_by) == ("returned", reviewer)
    second.refresh_from_db()
    assert second.valid_to is None


def test_staff_figures_are_decided_once(institution: Institution, reviewer: User) -> None:
    submission = make_submission(institution)
    reviewing.return_staff_figures(submission=submission, by=reviewer, reason="More trained than there are.")
    with pytest.raises(Refused, match=str(reviewer)):
        approve_figures(submission, reviewer)


def test_the_history_says_who_what_and_why(institution: Institution, reviewer: User) -> None:
    version = make_version(make_programme(institution), state="submitted")
    reviewing.return_for_correction(version=version, by=reviewer, reason="Wrong year.")
    last = Events.objects.tracks(version).order_by("pgh_created_at", "pgh_id").last()
    assert last.pgh_context["user"] == reviewer.pk
    assert last.pgh_context["reason"] == "Wrong year."
    assert last.pgh_diff["state"] == ["submitted", "returned"]


@settings(max_examples=25)
@given(
    fates=st.lists(st.sampled_from(["approve", "approve all", "return"]), min_size=1, max_size=5),
    order=st.randoms(use_true_random=False),
)
def test_the_order_of_decisions_never_matters_for_what_is_valid(
    db: None, fates: list[str], order: Any
) -> None:
    """Whatever the order and the way, valid is what was approved, else what was valid before."""
    with transaction.atomic():
        reviewer, submission = make_reviewer(), make_submission()
        programmes = [
            make_programme(submission.institution, code=f"6B061{n:02}") for n, _ in enumerate(fates)
        ]
        before = [make_version(programme, state="approved") for programme in programmes]
        waiting = [
            make_version(programme, state="submitted", submission=submission) for programme in programmes
        ]
        steps = list(range(len(fates)))
        order.shuffle(steps)
        together = [waiting[step].pk for step in steps if fates[step] == "approve all"]
        for step in steps:
            if fates[step] == "approve":
                approve(waiting[step], reviewer)
            elif fates[step] == "return":
                return_(waiting[step], reviewer)
            elif together:
                reviewing.approve_all(submission=submission, by=reviewer, seen_version_ids=together)
                together = []
        expected = {
            (old if fate == "return" else new).pk
            for fate, old, new in zip(fates, before, waiting, strict=True)
        }
        mine = CurriculumVersion.objects.valid_now().filter(institution=submission.institution)
        assert set(mine.values_list("pk", flat=True)) == expected
        transaction.set_rollback(True)
