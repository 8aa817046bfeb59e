"""Releasing: a verified snapshot becomes public at a set time, with its files."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from institutions.bell import ring
from institutions.locks import consistent_read, one_at_a_time
from institutions.models import User
from reports import files
from reports.errors import Refused
from reports.models import Release, Snapshot


def release(
    *,
    snapshot: Snapshot,
    by: User,
    publish_at: datetime | None = None,
    notes: dict[str, str] | None = None,
    corrects: Release | None = None,
    correction_reason: str = "",
    at: datetime | None = None,
) -> Release:
    """Make a verified snapshot public from `publish_at` (now); its files follow in the background.

    `notes` are texts by language ("kk", "ru", "en"). A release that `corrects` another says why. `at` is the moment
    of the decision, given only for demonstration history. Raises Refused for a snapshot that is not verified or
    released already, and for a correction without reason.
    """
    now = at or timezone.now()
    if not by.is_staff:
        raise Refused(_("Only the ministry releases figures."), code="not_ministry")
    if snapshot.state != Snapshot.State.VERIFIED:
        raise Refused(
            _("Snapshot %(number)s is not verified, so it can't be released.") % {"number": snapshot.pk},
            field="snapshot",
            code="not_verified",
        )
    if corrects is not None and not correction_reason.strip():
        raise Refused(
            _("Say what was wrong in release %(number)s.") % {"number": corrects.number},
            field="correction_reason",
            code="no_reason",
        )
    if publish_at is not None and publish_at < now:
        raise Refused(_("A release can't be public before it is made."), field="publish_at", code="past")
    with one_at_a_time("release", 0), transaction.atomic():
        if Release.objects.filter(snapshot=snapshot).exists():
            raise Refused(_("This snapshot has been released already."), field="snapshot", code="released")
        newest: int | None = Release.objects.aggregate(newest=Max("number"))["newest"]
        released = Release.objects.create(
            number=(newest or 0) + 1,
            snapshot=snapshot,
            publish_at=publish_at or now,
            released_by=by,
            released_at=now,
            corrects=corrects,
            correction_reason=correction_reason.strip(),
            **{f"notes_{language}": text for language, text in (notes or {}).items()},
        )
        transaction.on_commit(partial(ring, "reports.tasks.make_files", released.pk))
    return released


def prepare(release_id: int) -> Release:
    """Make the files of a release, all or none; one that has them is left as it is."""
    with one_at_a_time("release-files", release_id, wait=False), consistent_read():
        release = Release.objects.select_related("snapshot__period").get(pk=release_id)
        if release.files_ready_at is None:
            files.make_files(release)
            release.files_ready_at = timezone.now()
            release.save(update_fields=["files_ready_at"])
    return release
