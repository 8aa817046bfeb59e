"""The life of an uploaded file: queued, running, ready to be looked at; confirmed, running again, and done.

The row is the to-do item. Who runs it holds the import lock of its institution and period; a row that says
"running" while nobody holds that lock was left by a worker that died, and is begun again.
"""

from __future__ import annotations

import hashlib
import socket
import time
from datetime import timedelta
from functools import partial

import structlog
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from curricula.days import collects_from
from curricula.documents.files import is_json
from curricula.errors import Refused
from curricula.importing.confirming import expire_previews, replace_previews
from curricula.importing.recording import Cancelled, finish, record_outcome
from curricula.importing.whole import Outcome, import_file, import_lock
from curricula.models import Import, Period
from curricula.scanning import refuse_infected
from curricula.spreadsheets.faults import MESSAGES, Fault, Unreadable
from curricula.spreadsheets.safety import SIZE_LIMIT, kind_of
from curricula.spreadsheets.weights import MEGABYTE
from institutions.bell import ring
from institutions.locks import Busy, one_at_a_time
from institutions.models import ApiKey, Institution, User

log = structlog.get_logger(__name__)

ATTEMPTS = 3
TELL_EVERY = 0.2  # seconds
ELSEWHERE = timedelta(minutes=15)  # so long a file that this machine has not may lie on another worker's
RUN_TASK = "curricula.tasks.run_import"
# Stored in English and translated when shown.
GAVE_UP = gettext_noop("The file could not be processed, although it was tried three times. Nothing was saved. "
                       "Upload it again; if it fails again, write to the ministry and name this import.")  # fmt: skip


def start_import(*, institution: Institution, period: Period, file: UploadedFile, by: User) -> Import:
    """Take an uploaded file in and have it imported in the background. The caller has checked that `by` may."""
    _refuse_closed(institution, period)
    file_name = file.name or ""  # without folders and cut to 255 characters, as Django takes uploads in
    try:
        if (file.size or 0) > SIZE_LIMIT:
            size = f"{(file.size or 0) / MEGABYTE:.1f}"
            raise Unreadable("too_large", size=size, limit=SIZE_LIMIT // MEGABYTE)
        content = file.read()
        kind_of(content, file_name)
    except Unreadable as refusal:
        raise Refused(refusal.fault.message, field="file", code=refusal.fault.code) from refusal
    started = Import(institution=institution, period=period, uploaded_by=by, file_name=file_name)
    _take_in(started, content)
    return started


def start_sent(
    *, institution: Institution, period: Period, content: bytes, file_name: str, key: ApiKey, dry_run: bool
) -> Import:
    """Take in what a program has sent. It is saved without being shown first, or in a dry run only tried.

    The suffix of `file_name` says what it is: of a spreadsheet, or of JSON (see `curricula.documents.files`).
    """
    _refuse_closed(institution, period)
    try:
        if not is_json(file_name):
            kind_of(content, file_name)
    except Unreadable as refusal:
        raise Refused(refusal.fault.message, code=refusal.fault.code) from refusal
    person = key.made_by
    started = Import(
        institution=institution,
        period=period,
        uploaded_by=person,
        file_name=file_name,
        key=key,
        dry_run=dry_run,
        confirmed_by=None if dry_run else person,
        confirmed_at=None if dry_run else timezone.now(),
    )
    _take_in(started, content)
    return started


def _refuse_closed(institution: Institution, period: Period) -> None:
    if not collects_from(institution, period):
        raise Refused(
            str(MESSAGES["period_closed"]) % {"period": period.name}, field="period", code="period_closed"
        )


def _take_in(started: Import, content: bytes) -> None:
    """Row and file, or neither: a file without a row would lie there for ever."""
    refuse_infected(content, started.file_name)
    started.sha256 = hashlib.sha256(content).hexdigest()
    started.language = get_language() or ""
    mine = Import.objects.filter(institution=started.institution, period=started.period)
    same = mine.outstanding().filter(sha256=started.sha256, dry_run=started.dry_run)
    try:
        with transaction.atomic():
            # Held to the end of the transaction, and a program's request is one as a whole: of two who send the same
            # at the same moment the second sees what the first has committed.
            Institution.objects.select_for_update(no_key=True).get(pk=started.institution_id)
            if same.exists():
                raise Refused(
                    _("This very file is being imported already."), field="file", code="already_running"
                )
            if started.key is None:
                replace_previews(started)
            # Known before it is written, so that half a file goes away as well.
            started.file = started.file.field.generate_filename(started, "upload")
            started.file.storage.save(str(started.file.name), ContentFile(content))
            started.save(force_insert=True)
            transaction.on_commit(partial(ring, RUN_TASK, started.pk))
    except BaseException as error:
        if started.file:
            started.file.storage.delete(str(started.file.name))
        if isinstance(error, OSError):
            log.exception("an upload could not be kept", file_name=started.file_name)
            raise Refused(
                _("The server has no room for the file at the moment. It was not taken in, and nothing has changed. "
                  "Try again later; if it fails again, write to the ministry."), field="file", code="no_room",
            ) from error  # fmt: skip
        raise


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
    expire_previews()
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
            finish(found, Import.State.FAILED, failure=GAVE_UP)
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
    """Compare the file and show what it would do; save it if that has been confirmed."""
    if not collects_from(claimed.institution, claimed.period):
        record_outcome(
            claimed, Outcome(faults=[Fault("period_closed", params={"period": claimed.period.name})])
        )
        return
    try:
        with claimed.file.open("rb") as file:
            content = file.read()
    except FileNotFoundError:
        _leave_to_another(claimed)
        return
    confirmed = claimed.confirmed_by
    progress = _Progress(claimed.pk)
    try:
        import_file(
            institution=claimed.institution,
            period=claimed.period,
            content=content,
            file_name=claimed.file_name,
            by=confirmed or claimed.uploaded_by,
            dry_run=confirmed is None,
            expected=claimed.fingerprint,
            imported=claimed,
            tell=progress.tell,
            record=partial(record_outcome, claimed, content=content, tell=progress.tell),
        )
    except Cancelled:
        finish(claimed, Import.State.CANCELLED)
        claimed.changes.all().delete()
    finally:
        progress.close()


def _leave_to_another(claimed: Import) -> None:
    """The row waits for a worker whose machine has the file, and the attempt does not count; but not for ever."""
    log.error(
        "the file of an import is not on this machine: web processes and workers need the same MEDIA_ROOT",
        import_id=claimed.pk,
        host=socket.gethostname(),
        file=claimed.file.name,
    )
    since = max(filter(None, (claimed.uploaded_at, claimed.planned_at, claimed.confirmed_at)))
    if timezone.now() - since > ELSEWHERE:
        finish(claimed, Import.State.FAILED, failure=GAVE_UP)
        return
    claimed.state, claimed.phase, claimed.attempts = Import.State.QUEUED, "", claimed.attempts - 1
    claimed.save(update_fields=["state", "phase", "attempts"])


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
