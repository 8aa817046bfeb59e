"""What a reviewer should read first: each rule gives its points for what it names, and says it in words."""

from typing import Any

import pytest
from django.db import transaction

from curricula.models import CurriculumVersion, Submission, WarningReason
from curricula.reviewing import return_staff_figures
from curricula.risk import MOST, Facts, Risk, RiskRule, kept, points_of, risks
from institutions.models import Institution, User
from tests.factories import (
    TWO_LINES,
    decide,
    make_earlier_period,
    make_programme,
    make_submission,
    make_user,
    make_version,
)

pytestmark = pytest.mark.django_db
AI: dict[str, Any] = {"ai_category": "applied"}
NONE: dict[str, Any] = {"ai_category": "none"}


def found(submission: Submission) -> Facts:
    return risks([submission.pk])[submission.pk].facts


def give_reason(version: CurriculumVersion, code: str) -> None:
    WarningReason.objects.create(
        institution=version.institution, version=version, code=code, reason="So it is.", given_by=make_user()
    )


def last_year(programme: Any, lines: Any = TWO_LINES) -> None:
    make_version(programme, period=make_earlier_period(), state="approved", lines=lines)


def test_a_quiet_submission_has_no_points(institution: Institution) -> None:
    programme = make_programme(institution)
    last_year(programme)
    submission = make_submission(institution)
    make_version(programme, state="submitted", submission=submission)
    assert found(submission) == Facts(waiting=1)
    assert risks([submission.pk])[submission.pk].points == 0


def test_changes_of_ai_since_the_last_approval_count(institution: Institution) -> None:
    submission = make_submission(institution)
    for lines in (TWO_LINES, [NONE, NONE], [AI, AI], [NONE, {**AI, "credits": 6}], [NONE, NONE, AI]):
        programme = make_programme(institution)
        last_year(programme)
        make_version(programme, state="submitted", submission=submission, lines=lines)
    make_version(make_programme(institution), state="submitted", submission=submission)
    facts = found(submission)
    assert (facts.waiting, facts.changed, facts.new) == (6, 3, 1)
    assert points_of(facts)[RiskRule.CHANGES] == 17  # of 25, four of six, rounded up


def test_warnings_that_were_answered_and_missing_students_count_once_a_curriculum(
    institution: Institution,
) -> None:
    versions = [make_version(make_programme(institution), students=students) for students in (25, 25, None)]
    give_reason(versions[0], "unchanged")
    give_reason(versions[0], "ai_less")
    give_reason(versions[2], "unchanged")
    submission = make_submission(institution, versions=versions)
    facts = found(submission)
    assert facts.warned == 2
    assert points_of(facts)[RiskRule.WARNINGS] == 27


def test_what_was_returned_before_counts_whether_curriculum_or_staff_figures(
    institution: Institution, reviewer: User
) -> None:
    first = make_submission(institution)
    mended = make_version(make_programme(institution), state="returned", submission=first)
    return_staff_figures(submission=first, by=reviewer, reason="Too many.")
    second = make_submission(institution)
    make_version(mended.programme, state="submitted", submission=second)
    risk = risks([second.pk])[second.pk]
    assert (risk.facts.returned, risk.facts.staff_returned, risk.came_back) == (1, True, True)
    assert points_of(risk.facts)[RiskRule.RETURNED] == MOST[RiskRule.RETURNED]


def test_a_correction_of_what_was_approved_did_not_come_back(institution: Institution) -> None:
    approved = make_version(make_programme(institution), state="approved")
    submission = make_submission(institution)
    make_version(approved.programme, state="submitted", submission=submission)
    assert not risks([submission.pk])[submission.pk].came_back


def test_odd_staff_figures_count(institution: Institution, reviewer: User) -> None:
    make_submission(institution, period=make_earlier_period())
    Submission.objects.update(
        state="approved", decided_by=reviewer, decided_at="2025-01-01T00:00Z", valid_from="2025-01-01T00:00Z"
    )
    odd = make_submission(institution, faculty_total=200, faculty_trained=190)
    assert found(odd).staff_odd == 2
    assert points_of(found(odd))[RiskRule.STAFF] == MOST[RiskRule.STAFF]


def test_what_is_decided_counts_no_more(institution: Institution) -> None:
    submission = make_submission(institution)
    for state in ("submitted", "submitted"):
        version = make_version(make_programme(institution), state=state, submission=submission, students=None)
    assert found(submission).warned == 2
    decide(version, "approved")
    assert (found(submission).waiting, found(submission).warned) == (1, 1)


def test_points_are_a_hundred_at_most_and_say_why(english: None) -> None:
    worst = Risk(Facts(waiting=4, warned=4, changed=3, new=1, returned=1, staff_returned=True, staff_odd=2))
    assert worst.points == sum(MOST.values()) == 100
    assert worst.level == "high"
    assert worst.reasons == [
        "1 curriculum came back", "staff figures came back", "staff figures look odd", "4 of 4 with warnings",
        "AI changed in 3 of 4", "1 of 4 is new",
    ]  # fmt: skip


def test_one_costs_as_much_as_many(institution: Institution, django_assert_num_queries: Any) -> None:
    for _number in range(2):
        submissions = [make_version(state="submitted").submission_id for _one in range(3)]
        with django_assert_num_queries(4):
            assert len(risks([key for key in submissions if key])) == 3


def test_what_has_not_changed_is_not_counted_again(
    institution: Institution, django_assert_num_queries: Any, django_capture_on_commit_callbacks: Any
) -> None:
    keys = [
        version.submission_id
        for version in (make_version(state="submitted"), make_version(state="submitted"))
    ]
    with django_capture_on_commit_callbacks(execute=True):
        before = risks([key for key in keys if key])
    with django_assert_num_queries(3):
        assert risks([key for key in keys if key]) == before


def a_curriculum_is_approved(institution: Institution, waiting: CurriculumVersion) -> None:
    decide(waiting, "approved")


def a_curriculum_is_returned(institution: Institution, waiting: CurriculumVersion) -> None:
    decide(waiting, "returned")


def last_year_is_approved_at_last(institution: Institution, waiting: CurriculumVersion) -> None:
    last_year(waiting.programme, lines=[AI, AI, AI])


@pytest.mark.parametrize(
    "event", [a_curriculum_is_approved, a_curriculum_is_returned, last_year_is_approved_at_last]
)
def test_what_has_changed_is_counted_again(
    institution: Institution, event: Any, django_capture_on_commit_callbacks: Any
) -> None:
    submission = make_submission(institution)
    for _number in range(2):
        waiting = make_version(make_programme(institution), state="submitted", submission=submission)
    with django_capture_on_commit_callbacks(execute=True):
        before = found(submission)
    event(institution, waiting)
    after = found(submission)
    assert after != before
    kept.clear()
    assert found(submission) == after


def test_what_is_taken_back_is_not_kept(
    institution: Institution, django_capture_on_commit_callbacks: Any
) -> None:
    submission = make_submission(institution)
    for _number in range(2):
        version = make_version(make_programme(institution), state="submitted", submission=submission)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        decide(version, "returned")
        found(submission)
        transaction.set_rollback(True)
    assert submission.pk not in kept
