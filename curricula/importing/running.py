"""The life of an uploaded file: queued, running, and then done, refused, failed or cancelled.

The row is the to-do item. Who runs it holds the import lock of its institution and period; a row that says
"running" while nobody holds that lock was left by a worker that died, and is begun again.
"""

from __future__ import annotations

import hashlib
import time
from functools import partial
from pathlib import PurePath
from typing import Any

import structlog
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from curricula.errors import Refused
from curricula.importing.whole import Outcome, import_file, import_lock
from curricula.models import Import, Period
from curricula.spreadsheets.faults import MESSAGES, Fault, Unreadable
from curricula.spreadsheets.rows import merge_faults
from curricula.spreadsheets.safety import MEGABYTE, SIZE_LIMIT, kind_of
from institutions.bell import ring
from institutions.locks import Busy, one_at_a_time
from institutions.models import Institution, User

log = structlog.get_logger(__name__)

ATTEMPTS = 3
FAULTS_STORED = 10_000
TELL_EVERY = 0.2  # seconds
RUN_TASK = "curricula.tasks.run_import"
# Stored in English and translated when shown.
GAVE_UP = gettext_noop("The file could not be processed, although it was tried three times. Nothing was saved. "
                       "Upload it again; if it fails again, write to the ministry and name this import.")  # fmt: skip


class Cancelled(Exception):
    """The user does not want the import any more."""


def start_import(*, institution: Institution, period: Period, file: UploadedFile, by: User) -> Import:
    """Take an uploaded file in and have it imported in the background. The caller has checked that `by` may."""
    if not period.is_collecting:
        raise Refused(
            str(MESSAGES["period_closed"]) % {"period": period.name}, field="period", code="period_closed"
        )
    file_name = PurePath(file.name or "").name[-255:]
    try:
        if (file.size or 0) > SIZE_LIMIT:
            size = f"{(file.size or 0) / MEGABYTE:.1f}"
            raise Unreadable("too_large", size=size, limit=SIZE_LIMIT // MEGABYTE)
        content = file.read()
        kind_of(content, file_name)
    except Unreadable as refusal:
        raise Refused(refusal.fault.message, field="file", code=refusal.fault.code) from refusal
    sha256 = hashlib.sha256(content).hexdigest()
    with one_at_a_time("upload", institution.pk), transaction.atomic():
        same = Import.objects.outstanding().filter(institution=institution, period=period, sha256=sha256)
        if same.exists():
            raise Refused(
                _("This very file is being imported already."), field="file", code="already_running"
            )
        started = Import(
            institution=institution, period=period, uploaded_by=by, file_name=file_name, sha256=sha256
        )
        started.file.save("upload", ContentFile(content), save=False)
        started.save(force_insert=True)
        transaction.on_commit(partial(ring, RUN_TASK, started.pk))
    return started


def cancel_import(*, running: Import, by: User) -> None:
    """Stop an import that has not been saved yet. A running one stops at its next step."""
    queued = Import.objects.filter(pk=running.pk, state=Import.State.QUEUED)
    if queued.update(state=Import.State.CANCELLED, cancel_requested=True, finished_at=timezone.now()):
        log.info("import cancelled before it began", import_id=running.pk, by=by.pk)
    elif not Import.objects.outstanding().filter(pk=running.pk).update(cancel_requested=True):
        raise Refused(_("The import has ended already, so it can't be cancelled."), code="ended")


def run_import(import_id: int) -> None:
    """Carry out one import, unless it is finished or another worker has it. Raises what went wrong unexpectedly."""
    scope = Import.objects.filter(pk=import_id).values_list("institution_id", "period_id").first()
    if scope is None:
        return
    try:
        with one_at_a_time(*import_lock(*scope), wait=False):
            claimed = _claim(import_id)
            if claimed is not None:
                _carry_out(claimed)
    except Busy:
        log.info("import waits for another one of its institution", import_id=import_id)


def run_outstanding(*, seconds: float = 60) -> None:
    """Run whatever waits, oldest first, for about so long; the next sweep goes on."""
    deadline = time.monotonic() + seconds
    for import_id in Import.objects.outstanding().order_by("uploaded_at").values_list("pk", flat=True):
        if time.monotonic() > deadline:
            return
        try:
            run_import(import_id)
        except Exception:  # one that fails must not keep the others waiting; it is counted and tried again
            log.exception("import failed", import_id=import_id)


def _claim(import_id: int) -> Import | None:
    """Mark the import as running and count the attempt, or give it up after too many. Only under its lock."""
    with transaction.atomic():
        found = Import.objects.outstanding().select_for_update().filter(pk=import_id).first()
        if found is None:
            return None
        if found.attempts >= ATTEMPTS:
            _finish(found, Import.State.FAILED, failure=GAVE_UP)
            return None
        found.state = Import.State.RUNNING
        found.attempts += 1
        found.started_at = timezone.now()
        found.phase, found.progress_done, found.progress_total = "reading", 0, 0
        found.save(
            update_fields=["state", "attempts", "started_at", "phase", "progress_done", "progress_total"]
        )
    return found


def _carry_out(claimed: Import) -> None:
    progress = _Progress(claimed.pk)
    try:
        with claimed.file.open("rb") as file:
            content = file.read()
        import_file(
            institution=claimed.institution,
            period=claimed.period,
            content=content,
            file_name=claimed.file_name,
            by=claimed.uploaded_by,
            tell=progress.tell,
            record=partial(_record, claimed),
        )
    except Cancelled:
        _finish(claimed, Import.State.CANCELLED)
    finally:
        progress.close()


def _record(claimed: Import, outcome: Outcome) -> None:
    """Write the outcome to the row, in the transaction of the lines: both are there, or neither."""
    kept = merge_faults(outcome.faults, limit=FAULTS_STORED)
    _finish(
        claimed,
        Import.State.DONE if outcome.saved else Import.State.REFUSED,
        rows_read=outcome.read,
        rows_accepted=outcome.accepted,
        rows_rejected=outcome.rejected,
        rows_blank=outcome.blank,
        programmes_added=len(outcome.added) if outcome.saved else 0,
        programmes_changed=len(outcome.changed) if outcome.saved else 0,
        programmes_unchanged=len(outcome.unchanged) if outcome.saved else 0,
        faults=[fault.as_json() for fault in kept],
    )


def _finish(ended: Import, state: str, **fields: Any) -> None:
    fields |= {"state": state, "finished_at": timezone.now(), "phase": ""}
    for name, value in fields.items():
        setattr(ended, name, value)
    ended.save(update_fields=list(fields))


def faults_of(ended: Import) -> list[Fault]:
    return [Fault.from_json(stored) for stored in ended.faults]


class _Progress:
    """Tells the row how far the import is, over a connection of its own: what the import's own transaction writes
    nobody sees before it ends."""

    def __init__(self, import_id: int) -> None:
        self.import_id = import_id
        self.connection = connections.create_connection("default")
        self.phase = ""
        self.told_at = 0.0

    def tell(self, phase: str, done: int, total: int) -> None:
        """Not more often than the eye can follow. Raises Cancelled if somebody asked for it."""
        now = time.monotonic()
        if phase == self.phase and now - self.told_at < TELL_EVERY:
            return
        self.phase, self.told_at = phase, now
        with self.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE curricula_import SET phase = %s, progress_done = %s, progress_total = %s WHERE id = %s "
                "RETURNING cancel_requested",
                [phase, done, total, self.import_id],
            )
            row = cursor.fetchone()
        if row and row[0]:
            raise Cancelled

    def close(self) -> None:
        self.connection.close()
