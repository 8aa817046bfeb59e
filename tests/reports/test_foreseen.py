"""What share would meet each requirement, were all that is drafted approved: counted by the very rules of figures."""

from collections.abc import Callable
from typing import Any

import pytest

from curricula import reviewing, submitting
from curricula.models import Period
from institutions.models import Institution, User
from reports import live
from reports.figures import Counts
from reports.foreseen import foreseen
from tests.factories import make_earlier_period, make_programme, make_version
from tests.rules import make_exemption, make_requirement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

WITH, WITHOUT = [{"ai_category": "core"}], [{"ai_category": "none"}]


@pytest.fixture(autouse=True)
def mandate(db: None) -> None:
    make_requirement()


def test_drafts_count_as_if_they_were_approved(institution: Institution, period: Period) -> None:
    make_version(make_programme(institution), period=period, lines=WITH)
    make_version(make_programme(institution), period=period, lines=WITHOUT)
    make_version(make_programme(institution), period=period, state="submitted", lines=WITH)
    make_version(make_programme(institution), period=period, state="approved", lines=WITH)
    make_version(make_programme(institution), period=period, lines=[])
    make_version(make_programme(institution), period=period, state="returned", lines=WITH)
    make_version(make_programme(institution), period=make_earlier_period(), state="approved", lines=WITH)
    make_exemption(make_programme(institution))
    make_version(period=period, lines=WITH)  # another university's
    (prospect,) = foreseen(institution, period)
    assert prospect.now == Counts(met=1, not_met=0, no_data=6, exempt=1)
    assert prospect.then == Counts(met=3, not_met=1, no_data=3, exempt=1)
    assert prospect.gained == 2


def test_a_newer_draft_counts_instead_of_what_is_approved(institution: Institution, period: Period) -> None:
    programme = make_programme(institution)
    make_version(programme, period=period, state="approved", lines=WITH)
    make_version(programme, period=period, lines=WITHOUT)
    (prospect,) = foreseen(institution, period)
    assert (prospect.now.met, prospect.then.met, prospect.then.not_met) == (1, 0, 1)


def test_what_was_foreseen_comes_true_once_all_is_approved(
    institution: Institution, period: Period, signatory: User, reviewer: User
) -> None:
    make_requirement(code="three-credits", min_credits=3, categories=["applied", "core"])
    for lines in (WITH, WITHOUT, [{"ai_category": "ethics"}], [{"ai_category": "core", "credits": 2}]):
        make_version(make_programme(institution), period=period, lines=lines)
    make_programme(institution)
    promised = {prospect.requirement.pk: prospect.then for prospect in foreseen(institution, period)}
    submission = submitting.submit(
        institution=institution, period=period, by=signatory, faculty_total=10, faculty_trained=5
    )
    seen = list(submission.versions.values_list("pk", flat=True))
    reviewing.approve_all(submission=submission, by=reviewer, seen_version_ids=seen)
    live.refresh()
    kept = {row["requirement"]: Counts.of(row) for row in live.coverage(period=period)}
    assert promised == kept
    assert {prospect.requirement.pk: prospect.now for prospect in foreseen(institution, period)} == kept


def test_many_programmes_cost_as_many_queries_as_one(
    institution: Institution, period: Period, django_assert_num_queries: Callable[..., Any]
) -> None:
    for count in (1, 10):
        for _number in range(count):
            make_version(make_programme(institution), period=period)
        with django_assert_num_queries(4):
            foreseen(institution, period)
