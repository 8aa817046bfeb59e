"""A snapshot: what it counts, that it is complete or absent, and that nobody changes it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from curricula.models import Period
from curricula.reviewing import approve_staff_figures
from institutions.models import Institution, User
from institutions.moments import decision_moment
from reports import snapshots, verifying
from reports.errors import Refused
from reports.models import Assessment, Coverage, Indicator, Outcome, Snapshot
from tests.factories import (
    make_earlier_period,
    make_institution,
    make_programme,
    make_submission,
    make_version,
)
from tests.rules import make_exemption, make_requirement

pytestmark = pytest.mark.django_db


def taken(period: Period, **over: object) -> Snapshot:
    return snapshots.take(snapshots.request(period=period, **over).pk)  # type: ignore[arg-type]


def outcome(snapshot: Snapshot) -> str:
    return snapshot.assessments.get().outcome


def test_a_programme_with_an_approved_ai_discipline_meets_the_mandate(
    period: Period, institution: Institution
) -> None:
    make_requirement()
    make_version(make_programme(institution), period=period, state="approved")
    assert outcome(taken(period)) == Outcome.MET


def test_a_programme_without_ai_does_not_meet_it(period: Period, institution: Institution) -> None:
    make_requirement()
    make_version(
        make_programme(institution), period=period, state="approved", lines=[{"ai_category": "none"}]
    )
    assert outcome(taken(period)) == Outcome.NOT_MET


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_what_is_not_approved_is_no_data(period: Period, institution: Institution, state: str) -> None:
    make_requirement()
    make_version(make_programme(institution), period=period, state=state, reason="why")
    assert outcome(taken(period)) == Outcome.NO_DATA


def test_an_exemption_comes_before_everything(period: Period, institution: Institution) -> None:
    make_requirement()
    programme = make_programme(institution)
    make_version(programme, period=period, state="approved")
    for _decision in range(2):
        make_exemption(programme)
    snapshot = taken(period)
    assert outcome(snapshot) == Outcome.EXEMPT
    assert verifying.differences(snapshot) == []


def test_too_few_credits_do_not_meet_a_threshold(period: Period, institution: Institution) -> None:
    make_requirement(min_credits=6)
    make_version(make_programme(institution), period=period, state="approved")
    assert outcome(taken(period)) == Outcome.NOT_MET


def test_only_accepted_categories_and_components_count(period: Period, institution: Institution) -> None:
    make_requirement(categories=["core"], components=["mandatory"])
    make_version(make_programme(institution), period=period, state="approved")
    assert outcome(taken(period)) == Outcome.NOT_MET


def test_the_past_is_counted_as_it_was_then(period: Period, institution: Institution) -> None:
    """Superseding a version, closing the university: the figure as at the moment before stays the same."""
    make_requirement()
    programme = make_programme(institution)
    make_version(programme, period=period, state="approved")
    before = taken(period)
    make_version(programme, period=period, state="approved", lines=[{"ai_category": "none"}])
    Institution.objects.filter(pk=institution.pk).update(kind="planned")
    assert taken(period).assessments.count() == 0
    again = taken(period, as_at=before.as_at)
    assert outcome(again) == Outcome.MET
    assert again.fingerprint == before.fingerprint
    assert snapshots.rebuild(before).agrees


def test_a_stored_cell_that_is_wrong_is_named_when_the_past_is_made_again(
    period: Period, institution: Institution
) -> None:
    """The negative control of `rebuild`: what is stored only, and what should be."""
    make_requirement()
    make_version(make_programme(institution), period=period, state="approved")
    snapshot = taken(period)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE reports_coverage SET met = 0, not_met = 1 WHERE dimension = 'nation'")
        cursor.execute("UPDATE reports_snapshot SET fingerprint = repeat('0', 64)")
        cursor.execute("SET LOCAL session_replication_role = origin")
    snapshot.refresh_from_db()
    rebuilt = snapshots.rebuild(snapshot)
    assert not rebuilt.agrees
    assert rebuilt.fingerprint_now != rebuilt.fingerprint
    assert sorted(text[:18] for text in rebuilt.differences) == ["+ reports_coverage", "- reports_coverage"]


def test_planned_institutions_are_never_counted(period: Period) -> None:
    make_requirement()
    make_programme(make_institution(kind="planned"))
    assert taken(period).programmes == 0


def test_the_indicators_name_numerator_denominator_and_missing(
    period: Period, institution: Institution
) -> None:
    make_requirement()
    silent = make_institution()
    make_programme(silent)
    version = make_version(make_programme(institution), period=period, state="approved", students=40)
    make_programme(institution, is_ai_dedicated=True)
    snapshot = taken(period)
    nation = {
        row.indicator: (row.numerator, row.denominator, row.missing)
        for row in Indicator.objects.filter(snapshot=snapshot, dimension="nation")
    }
    assert version.state == "approved"
    assert nation == {
        "institutions_with_ai": (1, 2, 1),
        "programmes_meeting_mandate": (1, 3, 2),
        "ai_programmes": (1, 3, 0),
        "institutions_with_ai_programmes": (1, 2, 0),
        "faculty_trained": (0, 0, 2),
        "students_reached": (40, 40, 2),
        "institutions_reported": (1, 2, 0),
    }


def test_staff_figures_count_once_they_are_approved(
    period: Period, institution: Institution, reviewer: User
) -> None:
    submission = make_submission(institution, period=period)
    assert not Indicator.objects.filter(snapshot=taken(period), indicator="faculty_trained", numerator__gt=0)
    type(submission).objects.filter(pk=submission.pk).update(
        state="approved", decided_by=reviewer, decided_at=timezone.now(), valid_from=timezone.now()
    )
    row = Indicator.objects.get(snapshot=taken(period), indicator="faculty_trained", dimension="nation")
    assert (row.numerator, row.denominator, row.missing) == (54, 100, 0)


def test_an_institution_has_reported_from_the_moment_of_its_signature(
    period: Period, institution: Institution
) -> None:
    before = timezone.now()
    signed = make_submission(institution, period=period).signed_at
    for as_at, reported in ((before, 0), (signed, 1)):
        snapshot = taken(period, as_at=as_at)
        row = Indicator.objects.get(snapshot=snapshot, indicator="institutions_reported", dimension="nation")
        assert (row.numerator, row.denominator) == (reported, 1)
        assert verifying.differences(snapshot) == []


def test_what_was_signed_for_another_period_does_not_count(
    period: Period, institution: Institution, reviewer: User
) -> None:
    earlier = make_submission(institution, period=make_earlier_period())
    approve_staff_figures(submission=earlier, by=reviewer)
    snapshot = taken(period)
    found = {
        row.indicator: (row.numerator, row.denominator, row.missing)
        for row in Indicator.objects.filter(snapshot=snapshot, dimension="nation")
    }
    assert found["faculty_trained"] == (0, 0, 1)
    assert found["institutions_reported"] == (0, 1, 0)
    assert verifying.differences(snapshot) == []


def test_what_was_approved_for_another_period_says_nothing_of_this_one(
    period: Period, institution: Institution
) -> None:
    make_requirement()
    programme = make_programme(institution)
    make_version(programme, period=make_earlier_period(), state="approved")
    snapshot = taken(period)
    assert outcome(snapshot) == Outcome.NO_DATA
    assert verifying.differences(snapshot) == []
    make_version(programme, period=period, state="approved", lines=[{"ai_category": "none"}])
    assert outcome(taken(period)) == Outcome.NOT_MET


def test_of_two_requirements_a_programme_meets_the_mandate_that_meets_both(
    period: Period, institution: Institution
) -> None:
    make_requirement()
    make_requirement(code="much-of-it", min_credits=10)
    for weight in (5, 10):
        lines = [{"ai_category": "applied", "credits": weight}]
        make_version(make_programme(institution), period=period, state="approved", lines=lines)
    snapshot = taken(period)
    row = Indicator.objects.get(snapshot=snapshot, indicator="programmes_meeting_mandate", dimension="nation")
    assert (row.numerator, row.denominator, row.missing) == (1, 2, 0)
    assert verifying.differences(snapshot) == []


def test_a_request_rings_for_a_worker_and_each_attempt_is_counted(
    period: Period, django_capture_on_commit_callbacks: Callable
) -> None:
    with django_capture_on_commit_callbacks() as rung:
        requested = snapshots.request(period=period)
    assert len(rung) == 1
    assert snapshots.take(requested.pk).attempts == 1


def test_a_snapshot_can_not_describe_the_future(period: Period) -> None:
    with pytest.raises(Refused):
        snapshots.request(period=period, as_at=timezone.now() + timedelta(minutes=1))


def test_without_a_period_the_refusal_says_what_to_do(db: None) -> None:
    with pytest.raises(Refused):
        snapshots.request()


def test_taking_twice_changes_nothing(period: Period, institution: Institution) -> None:
    make_requirement()
    make_programme(institution)
    first = taken(period)
    again = snapshots.take(first.pk)
    assert (again.fingerprint, again.as_at) == (first.fingerprint, first.as_at)
    assert Assessment.objects.filter(snapshot=first).count() == 1


@pytest.mark.parametrize("state", ["requested", "taken"])
def test_what_workers_have_given_up_is_finished_by_hand(
    period: Period, institution: Institution, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after five workers that were killed for want of memory: no sweep takes it up, and no other is asked for."""
    make_requirement()
    make_programme(institution)
    given_up = snapshots.request(period=period)
    if state == "taken":
        snapshots.take(given_up.pk)
    Snapshot.objects.filter(pk=given_up.pk).update(attempts=5)
    call_command("take_snapshot", "--number", str(given_up.pk))
    assert f"Snapshot {given_up.pk}: " in capsys.readouterr().out
    assert Snapshot.objects.get().state == "verified"
    with pytest.raises(CommandError, match="still to be done"):
        call_command("take_snapshot", "--number", str(given_up.pk))


def test_the_command_takes_a_snapshot_of_the_period_and_the_moment_that_it_is_told(
    period: Period, institution: Institution
) -> None:
    make_requirement()
    make_programme(institution)
    call_command("take_snapshot", "--period", period.code, "--as-at", "2026-06-30T18:00")
    snapshot = Snapshot.objects.get()
    assert (snapshot.period, snapshot.state) == (period, "verified")
    assert timezone.localtime(snapshot.as_at).isoformat()[:16] == "2026-06-30T18:00"
    for wrong in (["--period", "1066"], ["--as-at", "soon"]):
        with pytest.raises(CommandError):
            call_command("take_snapshot", *wrong)
    assert Snapshot.objects.count() == 1


def test_taking_what_is_verified_already_changes_nothing(period: Period, institution: Institution) -> None:
    """As a task that is delivered twice does, or a demonstration that was broken off before its release."""
    make_programme(institution)
    verified = verifying.verify(taken(period).pk)
    again = snapshots.take(verified.pk)
    assert (again.state, again.attempts) == ("verified", verified.attempts)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE reports_coverage SET met = 0, not_met = met + not_met",
        "DELETE FROM reports_assessment",
        "UPDATE reports_indicator SET numerator = 0",
        "UPDATE reports_snapshot SET fingerprint = repeat('0', 64)",
        "UPDATE reports_snapshot SET state = 'requested', fingerprint = '', taken_at = NULL",
        "DELETE FROM reports_snapshot",
        "TRUNCATE reports_assessment",
        "INSERT INTO reports_indicator (snapshot_id, indicator, dimension, key, numerator, denominator, missing)"
        " SELECT id, 'x', 'nation', '', 1, 1, 0 FROM reports_snapshot",
    ],
)
def test_the_database_refuses_to_change_a_taken_snapshot(
    period: Period, institution: Institution, sql: str
) -> None:
    make_requirement()
    make_version(make_programme(institution), period=period, state="approved")
    snapshot = taken(period)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET pgtrigger.ignore = '{never_changed,only_along_the_arrows}'")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert verifying.differences(snapshot) == []


def test_a_wrong_sum_is_found_by_the_verification(period: Period, institution: Institution) -> None:
    """The negative control: the sums that the first implementation reads are made wrong, the lines stay."""
    make_requirement()
    make_version(
        make_programme(institution), period=period, state="approved", lines=[{"ai_category": "none"}]
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "INSERT INTO curricula_aisum (institution_id, version_id, ai_category, component, lines, credits)"
            " SELECT institution_id, id, 'core', 'mandatory', 1, 5 FROM curricula_curriculumversion"
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    snapshot = verifying.verify(taken(period).pk)
    assert snapshot.state == Snapshot.State.REFUTED
    assert any("not_met" in text for text in snapshot.differences)


def test_the_number_of_queries_does_not_grow_with_the_country(
    period: Period, institution: Institution, django_assert_num_queries: object
) -> None:
    from django.test.utils import CaptureQueriesContext

    make_requirement()
    counts = []
    for _ in range(2):
        make_version(make_programme(institution), period=period, state="approved")
        requested = snapshots.request(period=period)
        with CaptureQueriesContext(connection) as queries:
            snapshots.take(requested.pk)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Coverage.objects.filter(dimension="nation").count() == 2


def test_a_decision_moment_is_the_databases_clock(db: None) -> None:
    first = decision_moment()
    assert first <= decision_moment()
