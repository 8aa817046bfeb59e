"""Verified snapshots made public."""

from datetime import datetime, timedelta
from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from institutions.guards import Guard, refuse_sql, refuse_truncate
from institutions.names import localized
from reports.models.proposals import ReleaseProposal
from reports.models.snapshots import Snapshot

# What is left before its time for taking a release back; the guard of proposals has the same minute.
TOO_LATE = timedelta(minutes=1)

# Of a row of releases: that it was proposed and confirmed as it is.
CONFIRMED = """EXISTS (SELECT 1 FROM reports_releaseproposal AS proposal
    WHERE proposal.id = NEW.proposal_id AND proposal.confirmed_at IS NOT NULL AND proposal.withdrawn_at IS NULL
        AND NEW.publish_at >= coalesce(proposal.publish_at, proposal.confirmed_at)
        AND (NEW.number, NEW.snapshot_id, NEW.notes_kk, NEW.notes_ru, NEW.notes_en, NEW.corrects_id,
            NEW.correction_reason)
        IS NOT DISTINCT FROM (proposal.number, proposal.snapshot_id, proposal.notes_kk, proposal.notes_ru,
            proposal.notes_en, proposal.corrects_id, proposal.correction_reason))"""


def _withdrawn(release: str) -> str:
    """That a release was withdrawn before anybody could read it."""
    return (
        f"EXISTS (SELECT 1 FROM reports_release AS release JOIN reports_releaseproposal AS proposal"
        f" ON proposal.id = release.proposal_id WHERE release.id = {release}"
        f" AND proposal.withdrawn_at IS NOT NULL AND release.publish_at > clock_timestamp())"
    )


class ReleaseQuerySet(models.QuerySet["Release"]):
    def published(self) -> Self:
        """What the public may read now: its time has come and its files are there.

        By the database's clock: it is the same for every process on every machine, so that a release comes out
        everywhere at once.
        """
        return self.filter(publish_at__lte=Now(), files_ready_at__isnull=False)

    def upcoming(self) -> Self:
        """Those whose time is still to come."""
        return self.filter(publish_at__gt=Now())

    def outstanding(self) -> Self:
        """Releases that wait for their files."""
        return self.filter(files_ready_at=None)

    def unbundled(self) -> Self:
        """Those whose files are not complete; public ones, too, that were made before there were bundles."""
        return self.filter(bundled_at=None)

    def newest(self) -> "Release | None":
        return self.published().select_related("snapshot__period", "corrects").order_by("-number").first()


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Release(models.Model):
    """A verified snapshot, public from `publish_at`; corrected only by a newer release that says why.

    It was proposed by one person and confirmed by another (`proposal`; None only where it is older than that rule).
    """

    number = models.PositiveIntegerField(_("number"), unique=True)
    snapshot = models.OneToOneField(
        Snapshot, models.PROTECT, related_name="release", verbose_name=_("snapshot")
    )
    proposal = models.OneToOneField(
        ReleaseProposal,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="release",
        verbose_name=_("proposed as"),
    )
    publish_at = models.DateTimeField(_("public from"))
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("released by")
    )
    released_at = models.DateTimeField(_("released at"))
    notes_kk = models.TextField(_("notes in Kazakh"), max_length=5000, blank=True)
    notes_ru = models.TextField(_("notes in Russian"), max_length=5000, blank=True)
    notes_en = models.TextField(_("notes in English"), max_length=5000, blank=True)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name=_("corrects")
    )
    correction_reason = models.TextField(_("reason of the correction"), max_length=5000, blank=True)
    files_ready_at = models.DateTimeField(_("files ready at"), null=True, editable=False)
    # The bundle is made last: from then on the release gets no more files.
    bundled_at = models.DateTimeField(_("files complete since"), null=True, editable=False)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(corrects=None, correction_reason="")
                | (Q(corrects__isnull=False) & ~Q(correction_reason="")),
                name="reports_release_correction_says_why",
            ),
            models.CheckConstraint(
                condition=Q(publish_at__gte=F("released_at")),
                name="reports_release_not_public_before_release",
            ),
        ]
        triggers = [
            Guard(
                name="verified_only_and_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="IF TG_OP = 'DELETE' THEN "
                + refuse_sql(f"NOT {_withdrawn('OLD.id')}", "a release is never deleted")
                + "RETURN OLD; END IF; IF TG_OP = 'INSERT' THEN "
                + refuse_sql(
                    "NOT EXISTS (SELECT 1 FROM reports_snapshot WHERE id = NEW.snapshot_id AND state = 'verified')",
                    "only a verified snapshot can be released",
                )
                + refuse_sql(
                    f"NOT {CONFIRMED}", "a release is what one person proposed and a second confirmed"
                )
                + "ELSE "
                + refuse_sql(
                    "(OLD.files_ready_at IS NOT NULL AND NEW.files_ready_at IS DISTINCT FROM OLD.files_ready_at)"
                    " OR (OLD.bundled_at IS NOT NULL AND NEW.bundled_at IS DISTINCT FROM OLD.bundled_at)"
                    " OR (to_jsonb(NEW) - '{files_ready_at,bundled_at}'::text[])"
                    " <> (to_jsonb(OLD) - '{files_ready_at,bundled_at}'::text[])",
                    "a release is never changed",
                )
                + "END IF; RETURN NEW;",
            ),
            refuse_truncate(),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def notes(self) -> str:
        return localized(self, "notes")

    def can_be_withdrawn(self, now: datetime) -> bool:
        return self.publish_at - now > TOO_LATE


class ReleaseFile(models.Model):
    """A file of a release, made once: a table ("coverage.csv"), a chart ("map-wide.svg") in a language, the bundle.

    `language` is "" for files that are the same in every language.
    """

    release = models.ForeignKey(Release, models.PROTECT, related_name="files", verbose_name=_("release"))
    name = models.CharField(_("name"), max_length=100)
    language = models.CharField(_("language"), max_length=2, blank=True)
    media_type = models.CharField(_("media type"), max_length=80)
    content = models.BinaryField(_("content"))
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("file of a release")
        verbose_name_plural = _("files of releases")
        constraints = [
            models.UniqueConstraint(fields=["release", "name", "language"], name="reports_releasefile_once")
        ]
        triggers = [
            Guard(
                name="never_changed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=refuse_sql(
                    f"TG_OP = 'UPDATE' OR NOT {_withdrawn('OLD.release_id')}",
                    "the files of a release are never changed",
                )
                + "RETURN OLD;",
            ),
            Guard(
                name="none_added_later",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=refuse_sql(
                    "EXISTS (SELECT 1 FROM reports_release"
                    " WHERE id = NEW.release_id AND bundled_at IS NOT NULL)",
                    "a release whose files are complete gets no more",
                )
                + "RETURN NEW;",
            ),
            refuse_truncate(),
        ]

    def __str__(self) -> str:
        return self.name
