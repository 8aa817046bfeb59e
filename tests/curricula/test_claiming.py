"""One reviewer at a time works on a submission; the others are told who, and none waits for a forgotten one."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError
from django.utils import timezone

from curricula import reviewing
from curricula.claiming import HOLDS_FOR, claim, claim_first, release
from curricula.errors import Refused
from curricula.models import Claim, Submission
from institutions.models import User
from tests.at_once import at_once
from tests.factories import make_member, make_programme, make_reviewer, make_submission, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def submission() -> Submission:
    """Staff figures and one curriculum that wait."""
    made = make_submission()
    make_version(make_programme(made.institution), state="submitted", submission=made)
    return made


def age(submission: Submission) -> None:
    """A working day goes by."""
    past = timezone.now() - timedelta(minutes=1)
    Claim.objects.filter(submission=submission).update(claimed_at=past - HOLDS_FOR, until=past)


def holder(submission: Submission) -> User | None:
    held = Claim.objects.live().filter(submission=submission).first()
    return held.reviewer if held else None


def test_the_second_is_told_who_has_it(submission: Submission, reviewer: User) -> None:
    claim(submission=submission, by=reviewer)
    with pytest.raises(Refused, match="Dana took this submission up") as refused:
        claim(submission=submission, by=make_reviewer(first_name="Ilyas"))
    assert refused.value.code == "held"
    assert holder(submission) == reviewer


def test_whoever_takes_it_again_holds_it_longer(submission: Submission, reviewer: User) -> None:
    first = claim(submission=submission, by=reviewer)
    again = claim(submission=submission, by=reviewer)
    assert again.until > first.until
    assert again.claimed_at == first.claimed_at


def test_a_claim_ages_out(submission: Submission, reviewer: User) -> None:
    claim(submission=submission, by=reviewer)
    age(submission)
    assert holder(submission) is None
    other = make_reviewer()
    taken = claim(submission=submission, by=other)
    assert holder(submission) == other
    assert taken.claimed_at > timezone.now() - timedelta(minutes=1)


def test_whoever_comes_back_to_their_own_that_has_aged_out_begins_anew(
    submission: Submission, reviewer: User
) -> None:
    first = claim(submission=submission, by=reviewer)
    age(submission)
    assert claim(submission=submission, by=reviewer).claimed_at > first.claimed_at


def test_what_was_released_is_free(submission: Submission, reviewer: User) -> None:
    claim(submission=submission, by=reviewer)
    assert release(submission=submission, by=reviewer) == reviewer
    claim(submission=submission, by=make_reviewer())
    with pytest.raises(Refused, match="only they and the lead"):
        release(submission=submission, by=reviewer)


def test_the_lead_releases_what_another_holds(submission: Submission, reviewer: User, lead: User) -> None:
    claim(submission=submission, by=reviewer)
    assert release(submission=submission, by=lead) == reviewer
    assert holder(submission) is None
    with pytest.raises(Refused, match="Nobody holds"):
        release(submission=submission, by=lead)


def test_who_signed_it_and_who_is_not_of_the_ministry_can_not_take_it(submission: Submission) -> None:
    signatory = submission.signed_by
    with pytest.raises(Refused) as refused:
        claim(submission=submission, by=signatory)
    assert refused.value.code == "not_ministry"
    signatory.is_staff = True
    with pytest.raises(Refused) as refused:
        claim(submission=submission, by=signatory)
    assert refused.value.code == "four_eyes"


def test_nothing_is_taken_that_does_not_wait(reviewer: User) -> None:
    submission, _waits = make_submission(), make_submission()
    reviewing.approve_staff_figures(submission=submission, by=reviewer)
    with pytest.raises(Refused, match="Nothing of this submission waits"):
        claim(submission=submission, by=reviewer)


def test_nobody_decides_on_what_another_holds(submission: Submission, reviewer: User) -> None:
    other = make_reviewer()
    claim(submission=submission, by=reviewer)
    version = submission.versions.get()
    steps: list[Any] = [
        lambda: reviewing.approve(version=version, by=other),
        lambda: reviewing.approve_all(submission=submission, by=other, seen_version_ids=[version.pk]),
        lambda: reviewing.return_for_correction(version=version, by=other, reason="No evidence."),
        lambda: reviewing.approve_staff_figures(submission=submission, by=other),
        lambda: reviewing.return_staff_figures(submission=submission, by=other, reason="Too many."),
    ]
    for step in steps:
        with pytest.raises(Refused) as refused:
            step()
        assert refused.value.code == "held"
    submission.refresh_from_db()
    version.refresh_from_db()
    assert (submission.state, version.state) == ("submitted", "submitted")


def test_a_decision_holds_it_longer_and_the_last_one_ends_it(submission: Submission, reviewer: User) -> None:
    until = claim(submission=submission, by=reviewer).until
    reviewing.approve(version=submission.versions.get(), by=reviewer)
    assert Claim.objects.get().until > until
    reviewing.approve_staff_figures(submission=submission, by=reviewer)
    assert not Claim.objects.exists()


def test_a_decision_of_another_does_not_bring_a_forgotten_claim_back(
    submission: Submission, reviewer: User
) -> None:
    claim(submission=submission, by=make_reviewer())
    age(submission)
    reviewing.approve(version=submission.versions.get(), by=reviewer)
    assert holder(submission) is None


def test_the_history_keeps_who_had_it(submission: Submission, reviewer: User, lead: User) -> None:
    claim(submission=submission, by=reviewer)
    release(submission=submission, by=lead)
    kept = apps.get_model("curricula", "ClaimEvent").objects.order_by("pgh_id")
    assert list(kept.values_list("pgh_label", "pgh_context__metadata__user")) == [
        ("insert", reviewer.pk),
        ("delete", lead.pk),
    ]


def test_the_first_that_is_free_is_taken(reviewer: User) -> None:
    held, own, free = make_submission(), make_submission(by=reviewer), make_submission()
    claim(submission=held, by=make_reviewer())
    assert claim_first(submissions=[held, own, free], by=reviewer) == free
    assert claim_first(submissions=[held, own], by=reviewer) is None


def test_the_database_keeps_one_claim_a_submission(submission: Submission, reviewer: User) -> None:
    claim(submission=submission, by=reviewer)
    now = timezone.now()
    with pytest.raises(IntegrityError):
        Claim.objects.create(
            submission=submission, reviewer=make_reviewer(), claimed_at=now, until=now + HOLDS_FOR
        )


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_has_it_and_the_other_is_told(db: None) -> None:
    submission = make_submission(by=make_member(make_submission().institution, "signatory"))
    people = [make_reviewer(), make_reviewer()]
    told = at_once(*(lambda person=person: claim(submission=submission, by=person) for person in people))
    assert sorted(type(one).__name__ for one in told) == ["Claim", "Refused"]
    assert Claim.objects.count() == 1
