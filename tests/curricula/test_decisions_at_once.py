"""Two people of the ministry at the same moment: nobody sees an error of the database, and no claim is left over."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from curricula import reviewing
from curricula.claiming import claim, refuse_if_held, release
from curricula.models import Claim, Submission
from institutions.models import Institution, User
from tests.at_once import at_once, beside, no_decision_ends, without_row_locks
from tests.factories import make_institution, make_programme, make_reviewer, make_submission, make_version

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]


def waiting(institution: Institution) -> Submission:
    """Staff figures and one curriculum."""
    made = make_submission(institution)
    make_version(make_programme(institution), state="submitted", submission=made)
    return made


def whole(submission: Submission, by: User) -> int:
    keys = list(submission.versions.values_list("pk", flat=True))
    return reviewing.approve_all(submission=submission, by=by, seen_version_ids=keys, with_staff=True)


def names(told: list[object]) -> list[str]:
    return [type(one).__name__ for one in told]


def test_two_submissions_of_a_university_are_approved_as_wholes() -> None:
    institution = make_institution()
    one, other = waiting(institution), waiting(institution)
    people = make_reviewer(), make_reviewer()
    told = beside(
        lambda: whole(one, people[0]), lambda: whole(other, people[1]), meanwhile=no_decision_ends()
    )
    assert told == [1, 1]


def test_nobody_takes_up_what_is_being_decided() -> None:
    submission = waiting(make_institution())
    deciding, taking = make_reviewer(), make_reviewer()
    told = beside(
        lambda: whole(submission, deciding),
        lambda: claim(submission=submission, by=taking),
        meanwhile=no_decision_ends(),
    )
    assert names(told) == ["int", "Refused"]
    assert not Claim.objects.exists()


def the_last_taken_up_while_it_is_decided() -> list[object]:
    """What both are told; its staff figures are approved, so this decision is the last."""
    submission = waiting(make_institution())
    deciding, taking = make_reviewer(), make_reviewer()
    reviewing.approve_staff_figures(submission=submission, by=deciding)
    (version,) = submission.versions.all()
    return beside(
        lambda: reviewing.approve(version=version, by=deciding),
        lambda: claim(submission=submission, by=taking),
        meanwhile=no_decision_ends(),
    )


def test_who_takes_up_what_is_being_decided_is_told_that_nothing_waits() -> None:
    assert names(the_last_taken_up_while_it_is_decided()) == ["CurriculumVersion", "Refused"]


def test_without_the_lock_they_would_be_told_that_they_hold_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    without_row_locks(monkeypatch, refuse_if_held)
    assert names(the_last_taken_up_while_it_is_decided()) == ["CurriculumVersion", "Claim"]


def test_what_is_just_let_go_can_be_taken_up() -> None:
    submission, person = waiting(make_institution()), make_reviewer()
    claim(submission=submission, by=person)

    @contextmanager
    def letting_go() -> Iterator[None]:
        with transaction.atomic():
            release(submission=submission, by=person)
            yield

    told = beside(lambda: claim(submission=submission, by=person), meanwhile=letting_go())
    assert names(told) == ["Claim"]
    assert Claim.objects.get().reviewer == person


def test_a_holder_decides_on_all_and_holds_on_at_once() -> None:
    submission, person = waiting(make_institution()), make_reviewer()
    claim(submission=submission, by=person)
    told = at_once(lambda: whole(submission, person), lambda: claim(submission=submission, by=person))
    assert names(told) in (["int", "Claim"], ["int", "Refused"])
    assert not Claim.objects.exists()
