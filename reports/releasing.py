"""Releasing: one person proposes a verified snapshot, a second confirms it, and at its time it is public."""

from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from institutions.bell import ring
from institutions.locks import consistent_read, one_at_a_time
from institutions.models import User
from reports import files
from reports.errors import Refused
from reports.models import Release, ReleaseFile, ReleaseProposal, Snapshot

LANGUAGES = ("kk", "ru", "en")


def propose(
    *,
    snapshot: Snapshot,
    by: User,
    publish_at: datetime | None = None,
    notes: dict[str, str] | None = None,
    corrects: Release | None = None,
    correction_reason: str = "",
    at: datetime | None = None,
) -> ReleaseProposal:
    """Propose to make a verified snapshot public from `publish_at`, or as soon as a second person has confirmed it.

    `notes` are texts by language ("kk", "ru", "en"). What `corrects` a release says why. `at` is the moment of the
    decision, given only for demonstration history. Raises Refused for a snapshot that is not verified, or proposed or
    released already, and for a correction without reason or of what nobody has read yet.
    """
    now = at or timezone.now()
    _check(snapshot, by, publish_at, corrects, correction_reason, now)
    with one_at_a_time("release", 0), pghistory.context(user=by.pk, action="propose"), transaction.atomic():
        if Release.objects.filter(snapshot=snapshot).exists():
            raise Refused(_("This snapshot has been released already."), field="snapshot", code="released")
        if ReleaseProposal.objects.standing().filter(snapshot=snapshot).exists():
            raise Refused(
                _("Somebody has proposed this snapshot already: confirm that, or withdraw it first."),
                field="snapshot",
                code="proposed",
            )
        return ReleaseProposal.objects.create(
            snapshot=snapshot,
            proposed_by=by,
            proposed_at=now,
            publish_at=publish_at,
            corrects=corrects,
            correction_reason=correction_reason.strip(),
            **{f"notes_{language}": text for language, text in (notes or {}).items()},
        )


def _check(
    snapshot: Snapshot,
    by: User,
    publish_at: datetime | None,
    corrects: Release | None,
    correction_reason: str,
    now: datetime,
) -> None:
    if not by.is_staff:
        raise Refused(_("Only the ministry releases figures."), code="not_ministry")
    if snapshot.state != Snapshot.State.VERIFIED:
        raise Refused(
            _("Snapshot %(number)s is not verified, so it can't be released.") % {"number": snapshot.pk},
            field="snapshot",
            code="not_verified",
        )
    if corrects is not None and corrects.publish_at > now:
        raise Refused(
            _("Release %(number)s is not public yet: withdraw it, and propose anew.")
            % {"number": corrects.number},
            field="corrects",
            code="not_public",
        )
    if corrects is not None and not correction_reason.strip():
        raise Refused(
            _("Say what was wrong in release %(number)s.") % {"number": corrects.number},
            field="correction_reason",
            code="no_reason",
        )
    if publish_at is not None and publish_at < now:
        raise Refused(_("A release can't be public before it is made."), field="publish_at", code="past")


def confirm(*, proposal: ReleaseProposal, by: User, at: datetime | None = None) -> Release:
    """Make the release that another has proposed; its files follow in the background.

    It is public at the time that was proposed, at once where none was or it has gone by. Raises Refused for the person
    who proposed it, and for what was confirmed or withdrawn meanwhile.
    """
    now = at or timezone.now()
    if not by.is_staff:
        raise Refused(_("Only the ministry releases figures."), code="not_ministry")
    with one_at_a_time("release", 0), pghistory.context(user=by.pk, action="confirm"), transaction.atomic():
        proposal = ReleaseProposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
        if proposal.withdrawn_at is not None:
            raise Refused(_("It was withdrawn meanwhile."), code="withdrawn")
        if proposal.confirmed_at is not None:
            raise Refused(_("It was confirmed meanwhile."), code="confirmed")
        if proposal.proposed_by_id == by.pk:
            raise Refused(_("You have proposed it: a second person must confirm it."), code="same_person")
        newest: int | None = Release.objects.aggregate(newest=Max("number"))["newest"]
        proposal.confirmed_by, proposal.confirmed_at, proposal.number = by, now, (newest or 0) + 1
        proposal.save(update_fields=["confirmed_by", "confirmed_at", "number"])
        released = Release.objects.create(
            number=proposal.number,
            snapshot_id=proposal.snapshot_id,
            proposal=proposal,
            publish_at=max(proposal.publish_at or now, now),
            released_by=by,
            released_at=now,
            corrects_id=proposal.corrects_id,
            correction_reason=proposal.correction_reason,
            **{f"notes_{language}": getattr(proposal, f"notes_{language}") for language in LANGUAGES},
        )
        transaction.on_commit(partial(ring, "reports.tasks.make_files", released.pk))
    return released


def withdraw(*, proposal: ReleaseProposal, by: User, reason: str) -> ReleaseProposal:
    """Take back what was proposed, or confirmed and not public yet; the proposal stays, its release goes.

    Raises Refused without a reason, for what was withdrawn already, and within a minute of its time: then somebody may
    have read it before this is written.
    """
    if not by.is_staff:
        raise Refused(_("Only the ministry withdraws what it has proposed."), code="not_ministry")
    if not reason.strip():
        raise Refused(_("Say why it is withdrawn."), field="reason", code="no_reason")
    context = pghistory.context(user=by.pk, action="withdraw", reason=reason.strip())
    with one_at_a_time("release", 0), _no_files_being_made(proposal), context, transaction.atomic():
        proposal = ReleaseProposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
        now = timezone.now()
        if proposal.withdrawn_at is not None:
            raise Refused(_("It was withdrawn meanwhile."), code="withdrawn")
        if not proposal.can_be_withdrawn(now):
            raise Refused(
                _("It is public, or will be within a minute: a mistake is corrected by a newer release."),
                code="too_late",
            )
        proposal.withdrawn_by, proposal.withdrawn_at = by, now
        proposal.withdrawal_reason = reason.strip()
        proposal.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawal_reason"])
        ReleaseFile.objects.filter(release__proposal=proposal).delete()
        Release.objects.filter(proposal=proposal).delete()
    return ReleaseProposal.objects.get(pk=proposal.pk)


def _no_files_being_made(proposal: ReleaseProposal) -> AbstractContextManager[None]:
    """Of its release, if somebody has confirmed it by now; so ask once nobody else can confirm."""
    release_id = Release.objects.filter(proposal=proposal).values_list("pk", flat=True).first()
    return one_at_a_time("release-files", release_id or 0)


def release(*, snapshot: Snapshot, by: User, confirmed_by: User, **proposed: Any) -> Release:
    """Both steps in one, for commands that name both people; `proposed` is the rest of what `propose` takes."""
    with one_at_a_time("release", 0), transaction.atomic():
        proposal = propose(snapshot=snapshot, by=by, **proposed)
        return confirm(proposal=proposal, by=confirmed_by, at=proposed.get("at"))


def prepare(release_id: int) -> Release:
    """Make the files of a release that it lacks, all or none; one whose files are complete is left as it is."""
    with one_at_a_time("release-files", release_id, wait=False), consistent_read():
        release = Release.objects.select_related("snapshot__period", "corrects__snapshot__period").get(
            pk=release_id
        )
        if release.bundled_at is None:
            files.make_files(release)
            release.bundled_at = timezone.now()
            release.files_ready_at = release.files_ready_at or release.bundled_at
            release.save(update_fields=["files_ready_at", "bundled_at"])
    return release
