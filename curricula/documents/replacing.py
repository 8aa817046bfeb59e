"""Replacing a draft by a document: whole or not at all, and only by whoever has read what it replaces.

The same reading, plan and saving as of a spreadsheet. What was submitted or approved is never edited: beside what is
approved a new draft begins, and what awaits review is left alone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pghistory
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from curricula.days import collects_from
from curricula.documents.reading import located, read_document
from curricula.documents.showing import Shown, present
from curricula.errors import Refused
from curricula.importing.plans import Plan, Target, make_plan
from curricula.importing.previews import line_changes
from curricula.importing.saving import save_plan
from curricula.models import CurriculumVersion, Period, Programme
from curricula.spreadsheets.faults import MESSAGES, Fault
from curricula.spreadsheets.rows import Reading
from institutions.models import User

# Faults that no other document would mend: what is asked for is not possible now.
NOT_NOW = {"awaiting_review", "programme_inactive"}


class Faulty(Refused):
    """The document can't be taken as it is; `faults` say why, each with its pointer."""

    def __init__(self, faults: list[Fault]) -> None:
        told = (f"{fault.path}: {fault.message}".lstrip(": ") for fault in faults[:10])
        super().__init__(" ".join(told), code="faulty")
        self.faults = faults


class NotNow(Refused):
    """No document would be taken now: the period is closed, or the curriculum awaits review."""


class Changed(Refused):
    """What is there is not what the caller has read; `current` is what there is, if anything."""

    def __init__(self, current: Shown | None) -> None:
        super().__init__(
            _("The curriculum is not what you have read. Read it again, and decide anew."), code="changed"
        )
        self.current = current


class Unread(Refused):
    """There is a draft, and the caller does not say which state of it they have read."""

    def __init__(self, current: Shown) -> None:
        super().__init__(
            _(
                "There is a draft already. Read it, and send its ETag as If-Match, so that nothing of it is lost."
            ),
            code="if_match_missing",
        )
        self.current = current


@dataclass(frozen=True, slots=True)
class Condition:
    """What the caller has read: one of the `tags`, anything (`*` among them), or, if `absent`, nothing at all."""

    tags: Collection[str] = ()
    absent: bool = False

    def holds(self, current: Shown | None) -> bool:
        if self.absent and current is not None:
            return False
        return not self.tags or (current is not None and bool({"*", current.etag} & set(self.tags)))


@dataclass(frozen=True, slots=True)
class Replaced:
    """What was done, or in a dry run would be: `added`, `changed` or `unchanged`, and what there is now."""

    outcome: str
    plan: Plan
    current: Shown | None

    def as_json(self) -> dict[str, Any]:
        moved = line_changes(self._target)
        return {
            "outcome": self.outcome,
            "lines": {
                "added": moved.added,
                "changed": moved.changed,
                "removed": moved.removed,
                "unchanged": len(self._target.lines) - len(moved.come),
            },
            "disciplines": {
                "added": sorted(self.plan.disciplines.keys() - self.plan.disciplines_before.keys()),
                "changed": sorted(self.plan.disciplines_before),
            },
        }

    @property
    def _target(self) -> Target:
        return next(iter((*self.plan.added, *self.plan.changed, *self.plan.unchanged)))


def replace(
    *,
    programme: Programme,
    period: Period,
    document: Any,
    by: User,
    condition: Condition,
    dry_run: bool = False,
) -> Replaced:
    """Put the document in the place of the draft. Raises Faulty, NotNow, Changed or Unread, and has then done nothing.

    A document that says what is there already changes nothing, though it was sent before: whoever has lost the answer
    may send it again. As many queries for one line as for all.
    """
    institution = programme.institution
    if not collects_from(institution, period):
        raise NotNow(str(MESSAGES["period_closed"]) % {"period": period.name}, code="period_closed")
    reading = read_document(
        document, institution=institution.code, period=period.code, programme=programme.code
    )
    if reading.faults:
        raise Faulty(located(reading))
    try:
        return _replace(programme, period, reading, by, condition, dry_run)
    except IntegrityError:  # somebody has begun a draft at the same moment
        raise Changed(present(programme=programme, period=period)) from None


def _replace(
    programme: Programme, period: Period, reading: Reading, by: User, condition: Condition, dry_run: bool
) -> Replaced:
    institution = programme.institution
    with pghistory.context(user=by.pk, action="save"), transaction.atomic():
        plan = make_plan(institution=institution, period=period, reading=reading)
        # Read second: whoever has begun a draft since the plan was made is found here, and never written over.
        current = present(programme=programme, period=period, lock=True)
        is_draft = current is not None and current.state == CurriculumVersion.State.DRAFT
        if current and is_draft and not (condition.tags or condition.absent or dry_run):
            raise Unread(current)
        if plan.faults:
            _refuse(reading, plan)
        outcome = "added" if plan.added else "changed" if plan.changed else "unchanged"
        if plan.changes_nothing:
            return Replaced(outcome, plan, current)
        if not condition.holds(current):
            raise Changed(current)
        if dry_run:
            return Replaced(outcome, plan, current)
        save_plan(plan=plan, institution=institution, period=period, by=by)
        return Replaced(outcome, plan, present(programme=programme, period=period))


def _refuse(reading: Reading, plan: Plan) -> None:
    reading.reject(plan.faults)
    faults = located(reading)
    for fault in faults:
        if fault.code in NOT_NOW:
            raise NotNow(fault.message, code=fault.code)
    raise Faulty(faults)
