"""How a period stands: each university is counted once, by what it has to do or to wait for."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from curricula.models import Extension, Period, Submission
from curricula.reviewing import approve_staff_figures, return_staff_figures
from curricula.standing import standing
from institutions.models import Institution, User
from tests.factories import (
    make_earlier_period,
    make_institution,
    make_programme,
    make_region,
    make_submission,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def silent(institution: Institution, period: Period) -> Institution:
    """One that has signed something, but in the period before."""
    make_submission(institution, period=make_earlier_period())
    return institution


def state_of(institution: Institution, period: Period) -> str:
    """The state that is not the silent one's."""
    counts = standing(period).counts
    counts["silent"] -= 1
    (state,) = (name for name, count in counts.items() if count)
    return state


def approved_figures(reviewer: User, **over: Any) -> Submission:
    return approve_staff_figures(submission=make_submission(**over), by=reviewer)


def test_who_has_signed_nothing_is_silent(period: Period) -> None:
    assert standing(period).counts == {"silent": 1}


def test_who_has_signed_waits(period: Period) -> None:
    found = standing(period)
    submission = make_submission(versions=[make_version()])
    assert state_of(submission.institution, period) == "waiting"
    found = standing(period)
    assert (found.waiting, found.curricula_waiting, found.oldest_days) == (1, 1, 0)


def test_who_waits_for_curricula_alone_waits(period: Period, reviewer: User) -> None:
    submission = approved_figures(reviewer)
    make_version(make_programme(submission.institution), state="submitted", submission=submission)
    assert state_of(submission.institution, period) == "waiting"


def test_who_must_mend_a_curriculum_is_returned(period: Period, reviewer: User) -> None:
    submission = approved_figures(reviewer)
    returned = make_version(make_programme(submission.institution), state="returned", submission=submission)
    assert state_of(submission.institution, period) == "returned"
    make_version(returned.programme)  # a draft mends nothing yet
    assert state_of(submission.institution, period) == "returned"


def test_who_has_mended_it_is_approved(period: Period, reviewer: User) -> None:
    submission = approved_figures(reviewer)
    returned = make_version(make_programme(submission.institution), state="returned", submission=submission)
    make_version(returned.programme, state="approved", submission=submission)
    assert state_of(submission.institution, period) == "approved"


def test_staff_figures_are_returned_until_newer_ones_come(period: Period, reviewer: User) -> None:
    submission = make_submission()
    return_staff_figures(submission=submission, by=reviewer, reason="Too many.")
    assert state_of(submission.institution, period) == "returned"
    approved_figures(reviewer, institution=submission.institution)
    assert state_of(submission.institution, period) == "approved"


def test_planned_and_closed_ones_do_not_count(period: Period) -> None:
    make_institution(kind="planned")
    make_institution(closed_on="2020-01-01")
    assert standing(period).total == 1


def test_regions_add_up_to_the_country(period: Period, django_assert_num_queries: Any) -> None:
    for code in ("KZ-75", "KZ-75", "KZ-11"):
        make_submission(make_institution(region=make_region(code)))
    with django_assert_num_queries(5):
        found = standing(period)
    assert {row.region.code: row.total for row in found.regions} == {"KZ-71": 1, "KZ-75": 2, "KZ-11": 1}
    assert [sum(row.counts[place] for row in found.regions) for place in range(4)] == [
        state.count for state in found.states
    ]


def test_the_silent_are_late_once_their_day_is_over(period: Period, silent: Institution, lead: User) -> None:
    assert standing(period).late == 0
    make_submission(make_institution())
    today = timezone.localdate()
    Period.objects.filter(pk=period.pk).update(due_on=today - timedelta(days=1))
    period.refresh_from_db()
    assert standing(period).late == 1
    Extension.objects.create(
        institution=silent, period=period, due_on=today, closes_on=period.closes_on, reason="A fire.",
        granted_by=lead, granted_at=timezone.now(),
    )  # fmt: skip
    assert standing(period).late == 0


def test_kinds_add_up_to_the_country_too(period: Period) -> None:
    for kind in ("private", "private", "national"):
        make_submission(make_institution(kind=kind))
    found = standing(period)
    assert {row.kind: (row.total, row.reported) for row in found.kinds} == {
        "state": (1, 0), "private": (2, 2), "national": (1, 1),
    }  # fmt: skip
    assert found.reported == 3
