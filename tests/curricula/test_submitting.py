"""Submitting: all that is drafted, once, signed by who may; and what stands against it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from curricula import drafting, submitting
from curricula.errors import Refused
from curricula.models import CurriculumVersion, Period, Submission
from institutions.models import Institution, Membership, User
from tests.at_once import at_once
from tests.curricula.test_drafting import CORE
from tests.factories import (
    make_earlier_period,
    make_import,
    make_programme,
    make_reviewer,
    make_version,
)

pytestmark = pytest.mark.usefixtures("english")


def submit(institution: Institution, period: Period, by: User, **over: Any) -> Submission:
    figures = {"faculty_total": 120, "faculty_trained": 60}
    return submitting.submit(institution=institution, period=period, by=by, **{**figures, **over})


def refusal_of(*args: Any, **over: Any) -> str:
    with pytest.raises(Refused) as refusal:
        submit(*args, **over)
    return refusal.value.code


def draft(institution: Institution, period: Period, **over: Any) -> CurriculumVersion:
    return make_version(make_programme(institution), period=period, **over)


def return_figures(submission: Submission) -> None:
    Submission.objects.filter(pk=submission.pk).update(
        state="returned", decided_by=make_reviewer(), decided_at=timezone.now(), reason="Count again."
    )


@pytest.mark.django_db
class TestHandingIn:
    def test_every_draft_with_lines_is_handed_in(
        self, institution: Institution, period: Period, signatory: User
    ) -> None:
        drafts = [draft(institution, period) for _number in range(3)]
        empty = draft(institution, period, lines=[])
        submission = submit(institution, period, signatory, note="  All of it.  ")
        assert (submission.number, submission.faculty_total, submission.faculty_trained) == (1, 120, 60)
        assert (submission.signed_by, submission.note) == (signatory, "All of it.")
        assert set(submission.versions.all()) == set(drafts)
        for version in submission.versions.all():
            assert (version.state, version.submitted_by) == ("submitted", signatory)
            assert version.submitted_at == submission.signed_at
            assert len(version.content_hash) == 64
        empty.refresh_from_db()
        assert empty.state == "draft"

    def test_nothing_is_handed_in_while_a_spreadsheet_is_being_read(
        self, institution: Institution, period: Period, signatory: User
    ) -> None:
        draft(institution, period)
        running = make_import(institution, period=period)
        with pytest.raises(Refused) as refused:
            submit(institution, period, signatory)
        assert refused.value.code == "importing"
        running.delete()
        assert submit(institution, period, signatory).number == 1

    def test_other_periods_and_other_universities_stay_as_they_are(
        self, institution: Institution, period: Period, signatory: User, stranger: User
    ) -> None:
        draft(institution, period)
        others = [
            draft(institution, make_earlier_period()),
            draft(stranger.memberships.all()[0].institution, period),
        ]
        assert submit(institution, period, signatory).versions.count() == 1
        assert {CurriculumVersion.objects.get(pk=one.pk).state for one in others} == {"draft"}

    def test_only_the_chosen_versions_are_handed_in(
        self, institution: Institution, period: Period, signatory: User
    ) -> None:
        chosen, other = draft(institution, period), draft(institution, period)
        submission = submit(institution, period, signatory, version_ids=[chosen.pk])
        assert list(submission.versions.all()) == [chosen]
        assert submit(institution, period, signatory).versions.get() == other

    def test_submissions_are_numbered(
        self, institution: Institution, period: Period, signatory: User
    ) -> None:
        numbers = []
        for _number in range(3):
            draft(institution, period)
            numbers.append(submit(institution, period, signatory).number)
        assert numbers == [1, 2, 3]

    def test_the_second_time_there_is_nothing_left(
        self, institution: Institution, period: Period, signatory: User
    ) -> None:
        draft(institution, period)
        submit(institution, period, signatory)
        assert refusal_of(institution, period, signatory) == "nothing_to_submit"
        assert Submission.objects.count() == 1

    def test_a_hundred_curricula_cost_as_many_statements_as_one(
        self, institution: Institution, period: Period, signatory: User, django_assert_num_queries: Callable
    ) -> None:
        for count in (1, 20):
            for _number in range(count):
                draft(institution, period)
            with django_assert_num_queries(20):
                submit(institution, period, signatory)

    def test_the_past_of_a_demonstration_has_its_own_moments(
        self, institution: Institution, signatory: User
    ) -> None:
        past = make_earlier_period()
        moment = timezone.now() - timedelta(days=400)
        version = draft(institution, past)
        assert submit(institution, past, signatory, at=moment).signed_at == moment
        version.refresh_from_db()
        assert version.submitted_at == moment


@pytest.mark.django_db
class TestRefusals:
    @pytest.mark.parametrize("role", ["editor", "viewer", ""])
    def test_only_signatories_sign(
        self, institution: Institution, period: Period, stranger: User, role: str
    ) -> None:
        draft(institution, period)
        if role:
            Membership.objects.create(user=stranger, institution=institution, role=role)
        assert refusal_of(institution, period, stranger) == "not_signatory"
        assert refusal_of(institution, period, make_reviewer()) == "not_signatory"

    def test_a_closed_period_takes_nothing(self, institution: Institution, signatory: User) -> None:
        past = make_earlier_period()
        draft(institution, past)
        assert refusal_of(institution, past, signatory) == "period_closed"

    def test_the_day_after_due_is_late_but_taken(self, institution: Institution, signatory: User) -> None:
        today = timezone.localdate()
        period = make_earlier_period("2026", due_on=today - timedelta(days=1), closes_on=today)
        draft(institution, period)
        assert submit(institution, period, signatory)

    @pytest.mark.parametrize(("total", "trained"), [(0, 0), (10, 11), (10, -1)])
    def test_impossible_staff_figures_are_refused(
        self, institution: Institution, period: Period, signatory: User, total: int, trained: int
    ) -> None:
        draft(institution, period)
        wrong = {"faculty_total": total, "faculty_trained": trained}
        assert refusal_of(institution, period, signatory, **wrong) == "staff_figures"

    def test_what_was_saved_after_the_summary_was_read_is_not_signed(
        self, institution: Institution, period: Period, signatory: User, editor: User
    ) -> None:
        version = draft(institution, period)
        seen = submitting.fingerprint(institution, period)
        drafting.save_draft(version=version, lines=[CORE], students=1, edit_number=0, by=editor)
        assert refusal_of(institution, period, signatory, seen=seen) == "changed"
        assert submit(institution, period, signatory, seen=submitting.fingerprint(institution, period))

    @pytest.mark.parametrize(("total", "trained"), [(1, 0), (7, 7)])
    def test_nobody_trained_or_everybody_is_possible(
        self, institution: Institution, period: Period, signatory: User, total: int, trained: int
    ) -> None:
        draft(institution, period)
        assert submit(institution, period, signatory, faculty_total=total, faculty_trained=trained).pk

    def test_returned_staff_figures_may_be_handed_in_alone(
        self, institution: Institution, period: Period, signatory: User
    ) -> None:
        draft(institution, period)
        first = submit(institution, period, signatory)
        return_figures(first)
        second = submit(institution, period, signatory, faculty_trained=59)
        assert (second.number, second.versions.count()) == (2, 0)
        assert refusal_of(institution, period, signatory) == "nothing_to_submit"


def codes(institution: Institution, period: Period) -> tuple[list[str], list[str]]:
    found = submitting.problems(institution, period)
    return [one.code for one in found.faults], [one.code for one in found.warnings]


@pytest.mark.django_db
class TestTheChecklist:
    def test_nothing_stands_against_a_full_draft(self, institution: Institution, period: Period) -> None:
        draft(institution, period)
        assert codes(institution, period) == ([], [])

    def test_nothing_to_hand_in_is_a_fault(self, institution: Institution, period: Period) -> None:
        draft(institution, period, lines=[])
        assert codes(institution, period) == (["nothing_to_submit"], ["empty"])

    def test_a_closed_period_is_a_fault(self, institution: Institution) -> None:
        past = make_earlier_period()
        draft(institution, past)
        assert codes(institution, past) == (["period_closed"], [])

    def test_an_import_under_way_is_a_fault(self, institution: Institution, period: Period) -> None:
        draft(institution, period)
        make_import(institution, period=period)
        assert codes(institution, period) == (["importing"], [])

    def test_a_programme_without_a_curriculum_is_named(
        self, institution: Institution, period: Period
    ) -> None:
        draft(institution, period)
        silent = make_programme(institution)
        make_programme(institution, active_to=period.starts_on - timedelta(days=1))
        (warning,) = submitting.problems(institution, period).warnings
        assert (warning.code, warning.programmes) == ("silent", (silent,))

    def test_a_returned_curriculum_that_nobody_mended_is_named(
        self, institution: Institution, period: Period, editor: User
    ) -> None:
        returned = draft(institution, period, state="returned")
        copy = drafting.copy_as_draft(version=returned, by=editor)
        assert codes(institution, period) == ([], ["untouched"])
        drafting.save_draft(version=copy, lines=[CORE], students=1, edit_number=0, by=editor)
        assert codes(institution, period) == ([], [])

    def test_what_others_and_other_years_have_drafted_stands_against_nothing(
        self, institution: Institution, period: Period, stranger: User
    ) -> None:
        elsewhere = stranger.memberships.all()[0].institution
        mine = [draft(institution, period) for _number in range(2)]
        for version, wrong in zip(mine, ([], [{"ai_category": "applied", "evidence_url": ""}]), strict=True):
            make_version(version.programme, period=make_earlier_period(), lines=wrong)
            draft(elsewhere, period, lines=wrong)
        make_programme(elsewhere)  # of which nothing is there
        make_import(elsewhere, period=period)
        assert submitting.problems(elsewhere, period).faults
        assert codes(institution, period) == ([], [])
        assert set(submitting.problems(institution, period).findings) <= {version.pk for version in mine}

    def test_whether_it_was_returned_is_asked_of_the_same_programme(
        self, institution: Institution, period: Period
    ) -> None:
        own, other = make_programme(institution), make_programme(institution)
        make_version(own, period=period, state="approved")
        for _number in range(2):
            make_version(other, period=period, state="returned")
        make_version(own, period=period, number=3)
        assert codes(institution, period) == ([], [])


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_ten_signatures_make_one_submission(
        self, institution: Institution, period: Period, signatory: User
    ) -> None:
        for _number in range(5):
            draft(institution, period)
        results = at_once(*[lambda: submit(institution, period, signatory)] * 10)
        done = [result for result in results if isinstance(result, Submission)]
        assert len(done) == 1
        assert {result.code for result in results if isinstance(result, Refused)} == {"nothing_to_submit"}
        assert sum(isinstance(result, Refused) for result in results) == 9
        assert Submission.objects.get().versions.count() == 5

    def test_ten_signatures_under_staff_figures_alone_make_one_submission(
        self, institution: Institution, period: Period, signatory: User
    ) -> None:
        draft(institution, period)
        first = submit(institution, period, signatory)
        return_figures(first)
        results = at_once(*[lambda: submit(institution, period, signatory)] * 10)
        assert sum(isinstance(result, Submission) for result in results) == 1
        assert sum(isinstance(result, Refused) for result in results) == 9
        assert Submission.objects.count() == 2

    def test_a_save_beside_a_signature_is_handed_in_or_told(
        self, institution: Institution, period: Period, signatory: User, editor: User
    ) -> None:
        for _round in range(5):
            version = draft(institution, period)
            saved, signed = at_once(
                partial(
                    drafting.save_draft, version=version, lines=[CORE], students=1, edit_number=0, by=editor
                ),
                lambda: submit(institution, period, signatory),
            )
            assert isinstance(signed, Submission), signed
            version.refresh_from_db()
            assert version.state == "submitted"
            handed_in = [line.discipline_code for line in drafting.content(version)]
            if isinstance(saved, CurriculumVersion):
                assert handed_in == ["AI101"]
            else:
                assert isinstance(saved, drafting.Conflict), saved
                assert "AI101" not in handed_in
