"""What became of a file, written to its row."""

from __future__ import annotations

from typing import Any

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import override

from curricula.documents.files import is_json
from curricula.importing.previews import store_preview
from curricula.importing.whole import Outcome, Tell, nothing_to_tell
from curricula.models import Import
from curricula.spreadsheets.faults import Fault, merge_faults
from curricula.spreadsheets.marking import mark_copy
from curricula.spreadsheets.template import own_sheets

log = structlog.get_logger(__name__)

FAULTS_STORED = 10_000


class Cancelled(Exception):
    """The user does not want the import any more."""


def record_outcome(
    claimed: Import, outcome: Outcome, *, content: bytes = b"", tell: Tell = nothing_to_tell
) -> None:
    """Refused with its faults; done; tried; or ready, with what it would do, to be looked at and confirmed.

    Where something was saved this runs in the same transaction: both are there, or neither.
    """
    fields: dict[str, Any] = {
        "rows_read": outcome.read,
        "rows_accepted": outcome.accepted,
        "rows_rejected": outcome.rejected,
        "rows_blank": outcome.blank,
        "passed_over": {
            "sheets": {
                name: rows for name, rows in outcome.ignored_sheets.items() if name not in own_sheets()
            },
            "own": [name for name in outcome.ignored_sheets if name in own_sheets()],
            "columns": outcome.ignored_columns,
            "unfilled": sorted(set(outcome.unfilled) - outcome.named),
        },
    }
    if outcome.faults:
        kept = merge_faults(outcome.faults, limit=FAULTS_STORED)
        fields["faults"] = [fault.as_json() for fault in kept]
        fields["marked"] = _marked_copy(claimed, kept, content, tell)
        claimed.changes.all().delete()
        finish(claimed, Import.State.REFUSED, **fields)
    elif outcome.saved and claimed.fingerprint:  # what it did was kept when it was shown
        finish(claimed, Import.State.DONE, **fields)
    else:
        fields |= store_preview(claimed, outcome.plan)
        if claimed.dry_run:
            finish(claimed, Import.State.TRIED, **fields)
        elif outcome.saved or outcome.plan.changes_nothing:
            finish(claimed, Import.State.DONE, **fields)
        else:
            _make_ready(claimed, outcome, fields)


def _make_ready(claimed: Import, outcome: Outcome, fields: dict[str, Any]) -> None:
    """If it had been confirmed, the drafts were changed since: what is shown now must be confirmed anew."""
    fields |= {
        "state": Import.State.READY,
        "phase": "",
        "planned_at": timezone.now(),
        "planned_anew": claimed.confirmed_at is not None,
        "fingerprint": outcome.plan.fingerprint(),
        "confirmed_at": None,
        "confirmed_by": None,
    }
    _write(claimed, fields)


def finish(ended: Import, state: str, **fields: Any) -> None:
    _write(ended, fields | {"state": state, "finished_at": timezone.now(), "phase": ""})


def _write(row: Import, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


def _marked_copy(claimed: Import, faults: list[Fault], content: bytes, tell: Tell) -> str:
    """The name of the stored copy with the faults marked, in the language of whoever uploaded; "" without one.

    Made here because it takes seconds for a large file. Its name follows from the upload's, so that a second attempt
    after a crash takes the place of the first.
    """
    if not content or is_json(claimed.file_name) or not any(fault.row for fault in faults):
        return ""
    name = f"{claimed.file.name}-marked"
    try:
        with override(claimed.language or None):
            copy = mark_copy(
                content=content,
                file_name=claimed.file_name,
                faults=faults,
                tell=lambda done, total: tell("marking", done, total),
            )
    except Cancelled:
        raise
    except Exception:  # without the copy the faults are told on the page all the same
        log.exception("no marked copy", import_id=claimed.pk)
        return ""
    default_storage.delete(name)
    return default_storage.save(name, ContentFile(copy))


def faults_of(ended: Import) -> list[Fault]:
    return [Fault.from_json(stored) for stored in ended.faults]
