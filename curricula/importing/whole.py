"""A file from its bytes to saved drafts, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pghistory
from django.db import transaction

from curricula import undoing
from curricula.documents.files import is_json, read_json_file
from curricula.documents.reading import located
from curricula.importing.plans import Plan, make_plan
from curricula.importing.saving import save_plan
from curricula.models import Batch, Import, Period
from curricula.spreadsheets.faults import Fault
from curricula.spreadsheets.rows import Reading, read_file
from institutions.locks import one_at_a_time
from institutions.models import Institution, User

# Hears the phase (reading, checking, saving), how much of it is done and how much there is; may raise to stop.
Tell = Callable[[str, int, int], None]


@dataclass(slots=True)
class Outcome:
    """What became of a file. Rows are reconciled: read = accepted + rejected + blank.

    `accepted` are the rows without a fault; they are saved only if no row of the file has one.
    """

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    blank: int = 0
    saved: bool = False
    sheet: str = ""
    added: list[str] = field(default_factory=list)  # codes of the programmes that got a draft
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    ignored_sheets: dict[str, int] = field(default_factory=dict)  # name -> rows with anything in them
    ignored_columns: list[str] = field(default_factory=list)
    unfilled: list[str] = field(default_factory=list)  # programmes in the file without a single line
    plan: Plan = field(default_factory=Plan)

    @property
    def named(self) -> set[str]:
        """The programmes that the file has lines of."""
        return {*self.added, *self.changed, *self.unchanged}

    def as_json(self) -> dict[str, Any]:
        """What `import_curricula --json` prints."""
        return {
            "read": self.read,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "blank": self.blank,
            "saved": self.saved,
            "sheet": self.sheet,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "ignored_sheets": list(self.ignored_sheets),
            "ignored_columns": self.ignored_columns,
            "errors": [fault.as_error() for fault in self.faults],
        }


def nothing_to_tell(_phase: str, _done: int, _total: int) -> None:
    pass


def _nothing_to_record(_outcome: Outcome) -> None:
    pass


def import_lock(institution: Institution | int, period: Period | int) -> tuple[str, int]:
    """The subject and number of the lock under which an institution's drafts of a period are imported."""
    period_id = period if isinstance(period, int) else period.pk
    return f"import:{period_id}", institution if isinstance(institution, int) else institution.pk


def import_file(
    *,
    institution: Institution,
    period: Period,
    content: bytes,
    file_name: str,
    by: User | None,
    dry_run: bool = False,
    expected: str = "",
    imported: Import | None = None,
    tell: Tell = nothing_to_tell,
    record: Callable[[Outcome], None] = _nothing_to_record,
) -> Outcome:
    """Replace the drafts' lines of the programmes that the file names; save all of it, or nothing if a row is faulty.

    With `expected`, nothing is saved either unless the plan has that fingerprint, as it was shown and confirmed.
    `record` is called at the end within the same transaction, so that what it writes is true or absent together
    with the lines. The same file again changes nothing. `by` is None for an operator at the command line. What
    an `imported` upload saves can be undone.
    """
    tell("reading", 0, 0)
    if is_json(file_name):
        reading = read_json_file(content, file_name, institution=institution.code, period=period.code)
    else:
        reading = read_file(content, file_name)
    tell("checking", 0, reading.read)
    with (
        one_at_a_time(*import_lock(institution, period)),
        pghistory.context(
            action="import", file=file_name, user=by.pk if by else None, **_sent_with(imported)
        ),
    ):
        with transaction.atomic():
            plan = make_plan(institution=institution, period=period, reading=reading, lock=not dry_run)
            if plan.faults:
                reading.reject(plan.faults)
            outcome = _outcome(reading, plan)
            if not reading.faults:
                if not dry_run and (not expected or expected == plan.fingerprint()):
                    _save(plan, institution, period, by, imported, tell)
                    outcome.saved = True
                record(outcome)
        if reading.faults:  # nothing was written, so that no transaction need stay open meanwhile
            record(outcome)
    return outcome


def _sent_with(imported: Import | None) -> dict[str, str]:
    return {"key": imported.key.label} if imported and imported.key else {}


def _save(
    plan: Plan, institution: Institution, period: Period, by: User | None, imported: Import | None, tell: Tell
) -> None:
    targets = [*plan.added, *plan.changed]
    if plan.changes_nothing:
        return
    total = sum(len(target.lines) for target in targets)
    tell("saving", 0, total)
    batch = None
    if imported and by:
        batch = undoing.begin(
            institution=institution,
            period=period,
            action=Batch.Action.IMPORT,
            by=by,
            subject=imported.file_name,
            imported=imported,
        )
        undoing.remember(batch=batch, programmes=[target.programme_id for target in targets])
    save_plan(
        plan=plan,
        institution=institution,
        period=period,
        by=by,
        tell=lambda done: tell("saving", done, total),
    )
    if batch:
        undoing.seal(batch=batch)


def _outcome(reading: Reading, plan: Plan) -> Outcome:
    return Outcome(
        read=reading.read,
        accepted=reading.accepted,
        rejected=reading.rejected,
        blank=reading.blank,
        sheet=reading.sheet,
        added=[target.programme_code for target in plan.added],
        changed=[target.programme_code for target in plan.changed],
        unchanged=[target.programme_code for target in plan.unchanged],
        faults=located(reading) if reading.places else reading.faults,
        ignored_sheets=reading.ignored_sheets,
        ignored_columns=reading.ignored_columns,
        unfilled=reading.unfilled,
        plan=plan,
    )
