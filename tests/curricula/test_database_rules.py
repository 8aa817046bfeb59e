"""What was signed stays: the database itself refuses, whatever the path, and makes sums and hash by itself."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pghistory
import pgtrigger
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from curricula.models import CurriculumVersion, Line, Period, Submission
from institutions.models import Generation, Institution, User
from tests.factories import (
    decide,
    make_institution,
    make_period,
    make_programme,
    make_reviewer,
    make_submission,
    make_sum,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def sql(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def refused(action: Callable[[], object], words: str) -> None:
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        action()


STATES = ["submitted", "approved", "returned"]

LINE_CHANGES = {
    "update": "UPDATE curricula_line SET credits = 30 WHERE version_id = %s",
    "delete": "DELETE FROM curricula_line WHERE version_id = %s",
    "insert": """INSERT INTO curricula_line (institution_id, version_id, position, discipline_id, credits, cycle,
        component, semester, ai_category, evidence_url) SELECT institution_id, version_id, 99, discipline_id, 5, cycle,
        component, 12, 'core', '' FROM curricula_line WHERE version_id = %s LIMIT 1""",
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("change", LINE_CHANGES)
def test_lines_of_what_was_submitted_are_never_changed(state: str, change: str) -> None:
    version = make_version(state=state)
    refused(lambda: sql(LINE_CHANGES[change], version.pk), "lines of a submitted curriculum version")


@pytest.mark.parametrize("change", LINE_CHANGES)
def test_lines_of_a_draft_are_free(change: str) -> None:
    sql(LINE_CHANGES[change], make_version().pk)


def test_a_line_can_neither_leave_a_submitted_version_nor_move_into_it() -> None:
    submitted, draft = make_version(state="submitted"), make_version()
    leave = "UPDATE curricula_line SET version_id = %s WHERE version_id = %s"
    refused(lambda: sql(leave, draft.pk, submitted.pk), "lines of a submitted")
    refused(lambda: sql(leave, submitted.pk, draft.pk), "lines of a submitted")


def test_one_statement_over_drafts_and_a_submitted_version_changes_neither() -> None:
    submitted, draft = make_version(state="submitted"), make_version()
    refused(lambda: sql("UPDATE curricula_line SET credits = 30"), "lines of a submitted")
    assert set(Line.objects.filter(version__in=[submitted, draft]).values_list("credits", flat=True)) == {5}


@pytest.mark.parametrize("around", [pgtrigger.ignore, lambda: pghistory.context(user=None)])
def test_nobody_can_ask_to_have_the_rules_ignored(around: Callable[[], object]) -> None:
    version = make_version(state="approved")
    with around():  # type: ignore[attr-defined]
        refused(lambda: Line.objects.filter(version=version).update(credits=30), "lines of a submitted")
        refused(
            lambda: sql("DELETE FROM curricula_line WHERE version_id = %s", version.pk),
            "lines of a submitted",
        )
        refused(lambda: CurriculumVersion.objects.filter(pk=version.pk).update(students=1), "never changed")


ARROWS = {("draft", "submitted"), ("submitted", "approved"), ("submitted", "returned")}
JUMPS = [
    (old, new)
    for old in CurriculumVersion.State.values
    for new in CurriculumVersion.State.values
    if (old, new) not in ARROWS and old != new
]


@pytest.mark.parametrize(("old", "new"), JUMPS)
def test_states_move_only_along_the_arrows(old: str, new: str) -> None:
    version = make_version(state=old)
    submission = version.submission or make_submission(version.institution, period=version.period)
    decided = new in ("approved", "returned")
    # With everything that its check constraints want, so that it is the arrow that is refused.
    refused(
        lambda: CurriculumVersion.objects.filter(pk=version.pk).update(
            state=new,
            submission=None if new == "draft" else submission,
            submitted_by=None if new == "draft" else submission.signed_by,
            submitted_at=None if new == "draft" else submission.signed_at,
            content_hash="" if new == "draft" else "f" * 64,
            decided_by=make_reviewer() if decided else None,
            decided_at=timezone.now() if decided else None,
            reason="why" if new == "returned" else "",
            valid_from=timezone.now() if new == "approved" else None,
        ),
        f"can not go from {old} to {new}",
    )


@pytest.mark.parametrize("state", STATES)
def test_no_version_is_born_decided(state: str) -> None:
    version = make_version()
    refused(
        lambda: sql(
            "INSERT INTO curricula_curriculumversion (institution_id, programme_id, period_id, number, state,"
            " edit_number, reason, content_hash) SELECT institution_id, programme_id, period_id, 9, %s, 0, '', 'x'"
            " FROM curricula_curriculumversion WHERE id = %s",
            state,
            version.pk,
        ),
        "starts as a draft",
    )


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "change", ["students = 1", "number = 9", "content_hash = 'x'", "submitted_at = now()", "edit_number = 7"]
)
def test_a_submitted_version_is_never_changed(state: str, change: str) -> None:
    version = make_version(state=state)
    refused(
        lambda: sql(f"UPDATE curricula_curriculumversion SET {change} WHERE id = %s", version.pk),
        "never|can not",
    )


@pytest.mark.parametrize("state", STATES)
def test_a_submitted_version_is_never_deleted(state: str) -> None:
    version = make_version(state=state)
    refused(
        lambda: sql("DELETE FROM curricula_line WHERE version_id = %s", version.pk), "lines of a submitted"
    )
    refused(lambda: version.delete(), "never")
    refused(
        lambda: sql("DELETE FROM curricula_curriculumversion WHERE id = %s", version.pk),
        "never deleted|violates",
    )


def test_a_draft_may_be_deleted_with_its_lines() -> None:
    make_version().delete()
    assert not CurriculumVersion.objects.exists()
    assert not Line.objects.exists()


@pytest.mark.parametrize(
    "table", ["curricula_line", "curricula_curriculumversion", "curricula_submission", "curricula_aisum"]
)
def test_no_table_of_what_was_signed_is_ever_emptied(table: str) -> None:
    make_version(state="approved")
    sql("SET CONSTRAINTS ALL IMMEDIATE")  # checks that wait for the commit would be in the way first
    refused(lambda: sql(f"TRUNCATE {table} CASCADE"), "never emptied")


@pytest.mark.parametrize("change", ["faculty_trained = 1", "signed_at = now()", "number = 9", "note = 'x'"])
def test_a_submission_is_never_changed(change: str) -> None:
    submission = make_submission()
    refused(
        lambda: sql(f"UPDATE curricula_submission SET {change} WHERE id = %s", submission.pk),
        "only approved or returned",
    )


def test_no_submission_is_born_decided() -> None:
    now, reviewer = timezone.now(), make_reviewer()
    for state, over in (("approved", {"valid_from": now}), ("returned", {"reason": "why"})):
        born = {"state": state, "decided_by": reviewer, "decided_at": now, **over}
        refused(lambda born=born: make_submission(**born), "starts as submitted")  # type: ignore[misc]


def test_what_was_decided_of_a_submission_is_superseded_once_and_never_changed() -> None:
    make_submission()
    now = timezone.now()
    approved = {"state": "approved", "decided_by": make_reviewer(), "decided_at": now, "valid_from": now}
    Submission.objects.update(**approved)
    refused(lambda: sql("UPDATE curricula_submission SET valid_to = now(), note = 'x'"), "never changed")
    Submission.objects.update(valid_to=now)
    assert Submission.objects.get().valid_to == now
    refused(lambda: sql("UPDATE curricula_submission SET valid_to = NULL"), "never changed")


@pytest.mark.parametrize("state", ["approved", "returned"])
def test_a_decision_changes_nothing_else(state: str) -> None:
    version = make_version(state="submitted")
    now = timezone.now()
    decided = {"state": state, "decided_by": make_reviewer(), "decided_at": now, "reason": "why"}
    if state == "approved":
        decided["valid_from"] = now
    refused(lambda: CurriculumVersion.objects.update(**decided, students=1), "never changed")
    CurriculumVersion.objects.update(**decided)
    version.refresh_from_db()
    assert (version.state, version.students) == (state, 25)


def test_a_submission_is_never_deleted() -> None:
    submission = make_submission()
    refused(lambda: sql("DELETE FROM curricula_submission WHERE id = %s", submission.pk), "never deleted")


def test_sums_of_what_was_submitted_are_never_changed() -> None:
    version = make_version(state="approved")
    for table, change in (("aisum", "lines = 9"), ("signeddiscipline", "title_en = 'AI'")):
        for statement in (f"UPDATE curricula_{table} SET {change}", f"DELETE FROM curricula_{table}"):
            refused(lambda statement=statement: sql(statement), "what was sealed")  # type: ignore[misc]
    draft = make_version()
    make_sum(draft, lines=9)
    move = "UPDATE curricula_aisum SET version_id = %s WHERE version_id = %s"
    refused(lambda: sql(move, version.pk, draft.pk), "what was sealed")
    assert version.ai_sums.get().lines == 1


KEPT = {
    "the code of a discipline": "UPDATE curricula_discipline SET code = 'x' WHERE id IN"
    " (SELECT discipline_id FROM curricula_line WHERE version_id = %(version)s)",
    "whose discipline it is": "UPDATE curricula_discipline SET institution_id = %(other)s WHERE id IN"
    " (SELECT discipline_id FROM curricula_line WHERE version_id = %(version)s LIMIT 1)",
    "the code of a programme": "UPDATE curricula_programme SET code = '6B06199' WHERE id = %(programme)s",
    "whose programme it is": "UPDATE curricula_programme SET institution_id = %(other)s WHERE id = %(programme)s",
    "the days of an academic year": "UPDATE curricula_period SET ends_on = ends_on + 1 WHERE id = %(period)s",
    "the code of a period": "UPDATE curricula_period SET code = '1999' WHERE id = %(period)s",
}


@pytest.mark.parametrize("state", ["draft", *STATES])
@pytest.mark.parametrize("change", KEPT)
def test_what_a_submitted_curriculum_is_read_by_stays(change: str, state: str) -> None:
    version = make_version(make_programme(code="6B06101"), state=state, lines=[{"ai_category": "core"}])
    given = {
        "version": version.pk,
        "programme": version.programme_id,
        "period": version.period_id,
        "other": make_institution().pk,
    }

    def act() -> None:
        with connection.cursor() as cursor:
            cursor.execute(KEPT[change], given)

    if state == "draft":
        act()
    else:
        refused(act, "keeps its")


def test_an_institution_keeps_its_code() -> None:
    institution = make_institution()
    refused(lambda: Institution.objects.filter(pk=institution.pk).update(code="x"), "keeps its code")
    Institution.objects.filter(pk=institution.pk).update(name_en="Renamed")


def test_a_change_of_a_period_makes_live_figures_wait_to_be_updated() -> None:
    institution, period = make_institution(), make_period()
    before = Generation.objects.get(pk=institution.pk).generation
    Period.objects.filter(pk=period.pk).update(opens_on=period.opens_on + timedelta(days=1))
    assert Generation.objects.get(pk=institution.pk).generation == before + 1


@pytest.mark.parametrize("state", ["approved", "returned"])
def test_nobody_decides_on_what_they_signed(state: str) -> None:
    version = make_version(state="submitted")
    refused(lambda: decide(version, state, by=version.submitted_by), "four_eyes")
    submission = version.submission
    assert submission
    refused(
        lambda: Submission.objects.filter(pk=submission.pk).update(
            state=state, decided_by=submission.signed_by, decided_at=timezone.now(), reason="x",
            valid_from=timezone.now() if state == "approved" else None,
        ),
        "four_eyes",
    )  # fmt: skip


def test_of_a_programme_one_version_is_valid_at_a_time() -> None:
    first = make_version(state="approved")
    second = make_version(first.programme, period=first.period, state="submitted")
    refused(
        lambda: CurriculumVersion.objects.filter(pk=second.pk).update(
            state="approved", decided_by=make_reviewer(), decided_at=timezone.now(), valid_from=timezone.now()
        ),
        "one_valid",
    )
    decide(second, "approved")
    first.refresh_from_db()
    assert first.valid_to


def test_validity_ends_once() -> None:
    version = make_version(state="approved")
    later = timezone.now() + timedelta(days=1)
    CurriculumVersion.objects.filter(pk=version.pk).update(valid_to=later)
    refused(
        lambda: CurriculumVersion.objects.filter(pk=version.pk).update(valid_to=None),
        "only superseded once|never",
    )


def test_a_return_says_why() -> None:
    version = make_version(state="submitted")
    refused(
        lambda: CurriculumVersion.objects.filter(pk=version.pk).update(
            state="returned", decided_by=make_reviewer(), decided_at=timezone.now(), reason=""
        ),
        "return_has_reason",
    )


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_a_programme_has_one_draft_and_one_submitted_version(state: str) -> None:
    first = make_version(state=state)
    refused(lambda: make_version(first.programme, period=first.period, state=state), f"one_{state}")


def test_the_history_tells_who_changed_what(editor: User) -> None:
    with pghistory.context(user=editor.pk, action="save"):
        version = make_version(state="submitted")
    events = CurriculumVersion.pgh_event_model.objects.filter(pgh_obj_id=version.pk).order_by("pgh_id")  # type: ignore[attr-defined]
    assert [event.state for event in events] == ["draft", "submitted"]
    assert events[1].pgh_context.metadata["user"] == editor.pk
