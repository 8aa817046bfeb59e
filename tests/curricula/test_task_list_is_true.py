"""The task list never shows a state that is not true: after any sequence of steps it equals a plain recount of rows."""

from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curricula import drafting, reviewing, submitting
from curricula.enrolment import Number, save_students
from curricula.errors import Refused
from curricula.models import CurriculumVersion, Line, Submission
from curricula.next_steps import next_step
from curricula.progress import STATUSES, programmes_of, progress, returned_in
from tests.curricula.test_drafting import CORE
from tests.factories import (
    make_earlier_period,
    make_institution,
    make_member,
    make_period,
    make_programme,
    make_reviewer,
    make_version,
)
from tests.full import IN_FULL

PROGRAMMES = 3
ACTIONS = ("begin", "save", "save", "empty", "count", "discard", "sign", "sign", "approve", "return",
           "approve staff", "return staff")  # fmt: skip


class World:
    """A university with three programmes, one of them approved a year ago, and who may act there."""

    def __init__(self) -> None:
        self.period = make_period()
        self.home = make_institution(code="kaznu")
        self.programmes = [make_programme(self.home) for _number in range(PROGRAMMES)]
        make_version(self.programmes[0], period=make_earlier_period(), state="approved")
        self.editor = make_member(self.home, "editor")
        self.signatory = make_member(self.home, "signatory")
        self.reviewer = make_reviewer()

    def do(self, action: str, which: int) -> None:
        programme = self.programmes[which]
        newest = programme.versions.filter(period=self.period).order_by("-number").first()
        try:
            if action in ("begin", "save", "empty"):
                draft = drafting.start_draft(programme=programme, period=self.period, by=self.editor)
                if action != "begin":
                    drafting.save_draft(
                        version=draft,
                        lines=[CORE] if action == "save" else [],
                        students=draft.students,
                        edit_number=draft.edit_number,
                        by=self.editor,
                    )
            elif action == "count" and newest:
                number = Number(newest.pk, newest.students, (newest.students or 0) + 1)
                save_students(institution=self.home, period=self.period, numbers=[number], by=self.editor)
            elif action == "discard" and newest and newest.state == "draft":
                drafting.discard_draft(version=newest, by=self.editor)
            elif action == "sign":
                submitting.submit(
                    institution=self.home, period=self.period, by=self.signatory,
                    faculty_total=10, faculty_trained=5,
                )  # fmt: skip
            elif action in ("approve", "return"):
                self.decide(action, which)
            elif action.endswith("staff"):
                self.decide_staff(action)
        except Refused:
            pass  # then nothing has changed, and the recount must say so

    def decide(self, action: str, which: int) -> None:
        waiting = self.programmes[which].versions.awaiting_review().first()
        if waiting and action == "approve":
            reviewing.approve(version=waiting, by=self.reviewer)
        elif waiting:
            reviewing.return_for_correction(version=waiting, by=self.reviewer, reason="Name the topics.")

    def decide_staff(self, action: str) -> None:
        submission = Submission.objects.order_by("-number").first()
        if submission and action == "approve staff":
            reviewing.approve_staff_figures(submission=submission, by=self.reviewer)
        elif submission:
            reviewing.return_staff_figures(submission=submission, by=self.reviewer, reason="Count again.")

    def compare(self) -> None:
        rows = [self.recounted(programme) for programme in self.programmes]
        shown = {programme.pk: programme for programme in programmes_of(self.home, self.period)}
        assert {pk: row.status for pk, row in shown.items()} == {row["pk"]: row["status"] for row in rows}
        assert {pk: row.line_count for pk, row in shown.items()} == {row["pk"]: row["lines"] for row in rows}
        now = progress(self.home, self.period)
        counts = Counter(row["status"] for row in rows)
        assert now.counts == {status: counts[status] for status in STATUSES}
        drafts = [row for row in rows if row["state"] == "draft"]
        assert now.ready == sum(row["lines"] > 0 for row in drafts)
        assert now.missing == counts["none"] + sum(not row["lines"] for row in drafts)
        assert now.uncounted == sum(row["lines"] > 0 and row["students"] is None for row in drafts)
        assert now.carryable == (rows[0]["status"] == "none")
        newest = Submission.objects.filter(period=self.period).order_by("-number").first()
        assert now.staff_returned == (newest is not None and newest.state == "returned")
        drafted = {row["version"] for row in drafts if row["lines"]}
        assert now.unsettled <= drafted
        assert bool(now.unsettled) == bool(now.faults + now.unanswered)
        asked = {row["pk"] for row in rows if row["status"] == "returned"}
        assert {version.programme_id for version in returned_in(self.home, self.period)} == asked
        self.check_the_step(now, rows)

    def recounted(self, programme: Any) -> dict[str, Any]:
        """In plain Python, from the rows alone."""
        versions = sorted(
            CurriculumVersion.objects.filter(programme=programme, period=self.period),
            key=lambda version: version.number,
        )
        found = {"pk": programme.pk, "status": "none", "state": "", "lines": 0, "students": None}
        if versions:
            newest = versions[-1]
            mended = newest.state != "draft" or newest.edit_number or len(versions) == 1
            was = "" if mended else versions[-2].state
            found |= {
                "version": newest.pk,
                "status": "returned" if was == "returned" else newest.state,
                "state": newest.state,
                "lines": len([line for line in Line.objects.all() if line.version_id == newest.pk]),
                "students": newest.students,
            }
        return found

    def check_the_step(self, now: Any, rows: list[dict[str, Any]]) -> None:
        """The button leads to something that there is to do, and is missing only where there is nothing."""
        step = next_step(now, may_edit=True, may_sign=True, signatories=[self.signatory])
        statuses = {row["status"] for row in rows}
        if step.kind == "edit":
            assert step.programme
            assert statuses & {"returned", "none"} or now.empty
        elif step.kind == "sign":
            assert now.ready or now.staff_returned
        elif step.kind == "enrolment":
            assert now.uncounted
        elif step.kind == "checks":
            assert now.unsettled
        elif step.kind == "carry":
            assert now.carryable
        else:
            assert statuses <= {"submitted", "approved"}
            assert not step.kind


@settings(max_examples=200 if IN_FULL else 30, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(ACTIONS), st.integers(0, PROGRAMMES - 1)), min_size=1, max_size=14
    )
)
def test_the_task_list_equals_a_recount(db: None, steps: list[tuple[str, int]]) -> None:
    with translation.override("en"), transaction.atomic():
        world = World()
        for action, which in steps:
            world.do(action, which)
            world.compare()
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_steps_of_that_test_do_reach_every_state() -> None:
    """What only refuses would prove nothing."""
    world = World()
    reached = set()
    for step in (
        ("save", 0),
        ("save", 1),
        ("sign", 0),
        ("approve", 0),
        ("return", 1),
        ("save", 1),
        ("sign", 1),
    ):
        world.do(*step)
        world.compare()
        reached |= {row.status for row in programmes_of(world.home, world.period)}
    assert reached == set(STATUSES)
    assert Submission.objects.filter(period=world.period).count() == 2
