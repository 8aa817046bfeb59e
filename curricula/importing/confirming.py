"""What people decide about a file that has been read: save it, compare it again, drop it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.days import collects_from, still_collecting
from curricula.errors import Refused
from curricula.models import Import, ImportChange
from curricula.models.imports import ImportQuerySet
from curricula.spreadsheets.faults import MESSAGES
from institutions.bell import ring
from institutions.models import User

RUN_TASK = "curricula.tasks.run_import"
PREVIEW_DAYS = 7


def confirm_import(*, ready: Import, fingerprint: str, by: User) -> None:
    """Have the file saved as it was shown: `fingerprint` is what `by` has seen."""
    if not collects_from(ready.institution, ready.period):
        raise Refused(str(MESSAGES["period_closed"]) % {"period": ready.period.name}, code="period_closed")
    same = Import.objects.awaiting_yes().filter(pk=ready.pk, fingerprint=fingerprint)
    with transaction.atomic():
        if not same.update(**_queued(), confirmed_by=by, confirmed_at=timezone.now()):
            raise Refused(
                _(
                    "What the file would do has changed since you looked, or somebody else has decided. Look again."
                ),
                code="changed",
            )
        transaction.on_commit(partial(ring, RUN_TASK, ready.pk))


def compare_again(*, ready: Import, by: User) -> None:
    """Have the file compared with the drafts as they are now."""
    with transaction.atomic():
        if not Import.objects.awaiting_yes().filter(pk=ready.pk).update(**_queued()):
            raise Refused(_("The file does not wait for an answer any more."), code="ended")
        transaction.on_commit(partial(ring, RUN_TASK, ready.pk))


def _queued() -> dict[str, object]:
    return {
        "state": Import.State.QUEUED,
        "attempts": 0,
        "phase": "",
        "progress_done": 0,
        "progress_total": 0,
        "planned_anew": False,
        "planned_at": timezone.now(),  # since when it waits again
        "cancel_requested": False,
    }


def cancel_import(*, running: Import, by: User) -> None:
    """Stop an import that has not been saved yet. A running one stops at its next step."""
    waiting = Import.objects.filter(pk=running.pk, state__in=[Import.State.QUEUED, Import.State.READY])
    with transaction.atomic():
        if waiting.update(state=Import.State.CANCELLED, finished_at=timezone.now()):
            ImportChange.objects.filter(imported=running).delete()
            return
    if not Import.objects.filter(pk=running.pk, state=Import.State.RUNNING).update(cancel_requested=True):
        raise Refused(_("The import has ended already, so it can't be cancelled."), code="ended")


def replace_previews(started: Import) -> None:
    """A newer file of the same name, or the same file again, by the same person: the older preview is not needed."""
    mine = Import.objects.awaiting_yes().filter(
        institution=started.institution, period=started.period, uploaded_by=started.uploaded_by
    )
    _end(mine.filter(file_name=started.file_name) | mine.filter(sha256=started.sha256), Import.State.REPLACED)


def expire_previews() -> None:
    """End the previews that nobody has answered for a week, and those of periods that have closed."""
    ready = Import.objects.awaiting_yes()
    old = ready.filter(planned_at__lt=Now() - timedelta(days=PREVIEW_DAYS))
    closed = ready.exclude(still_collecting())
    _end(old | closed, Import.State.EXPIRED)


def _end(previews: ImportQuerySet, state: Import.State) -> None:
    with transaction.atomic():
        ended = list(previews.select_for_update(of=("self",)).values_list("pk", flat=True))
        if ended:
            Import.objects.filter(pk__in=ended).update(state=state, finished_at=timezone.now())
            ImportChange.objects.filter(imported__in=ended).delete()
