"""Releases as they are decided on: one person proposes, a second confirms, and either may take it back in time."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from institutions.guards import Guard, refuse_sql, refuse_truncate
from institutions.names import localized
from reports.models.snapshots import Snapshot

if TYPE_CHECKING:
    from reports.models.releases import Release

# Copies of pages are good for a minute at most, so what becomes public within a minute can't be taken back unseen.
TOO_LATE = "1 minute"
DECISIONS = (
    "confirmed_by_id",
    "confirmed_at",
    "number",
    "withdrawn_by_id",
    "withdrawn_at",
    "withdrawal_reason",
)
WITHOUT_DECISIONS = "".join(f" - '{column}'" for column in DECISIONS)


def _confirmation(row: str) -> str:
    return f"({row}.confirmed_by_id, {row}.confirmed_at, {row}.number)"


class ReleaseProposalQuerySet(models.QuerySet["ReleaseProposal"]):
    def standing(self) -> Self:
        """Those that nobody took back: they wait for a second person, or became a release."""
        return self.filter(withdrawn_at=None)

    def waiting(self) -> Self:
        """For a second person."""
        return self.standing().filter(confirmed_at=None)


@pghistory.track()
class ReleaseProposal(models.Model):
    """What one person proposes to make public: a verified snapshot with notes and a time. It stays as it was proposed.

    A second person confirms, which makes the release; `number` is the one that it got. Withdrawn before its time, with
    the release gone or never made, the proposal stays as the trace.
    """

    snapshot = models.ForeignKey(
        Snapshot, models.PROTECT, related_name="proposals", verbose_name=_("snapshot")
    )
    publish_at = models.DateTimeField(_("public from"), null=True, blank=True)
    notes_kk = models.TextField(_("notes in Kazakh"), max_length=5000, blank=True)
    notes_ru = models.TextField(_("notes in Russian"), max_length=5000, blank=True)
    notes_en = models.TextField(_("notes in English"), max_length=5000, blank=True)
    corrects = models.ForeignKey(
        "reports.Release",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("corrects"),
    )
    correction_reason = models.TextField(_("reason of the correction"), max_length=5000, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    number = models.PositiveIntegerField(_("number of the release"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawal_reason = models.TextField(_("reason of the withdrawal"), max_length=5000, blank=True)

    objects = ReleaseProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed release")
        verbose_name_plural = _("proposed releases")
        ordering = ["-id"]
        permissions = [("confirm_releaseproposal", "Can confirm what another proposes to release")]
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot"],
                condition=Q(withdrawn_at=None),
                name="reports_releaseproposal_one_a_snapshot",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="reports_releaseproposal_two_people",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None, number=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, number__isnull=False),
                name="reports_releaseproposal_confirmation_complete",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None, withdrawn_at=None, withdrawal_reason="")
                | (Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
                name="reports_releaseproposal_withdrawal_says_why",
            ),
            models.CheckConstraint(
                condition=Q(corrects=None, correction_reason="")
                | (Q(corrects__isnull=False) & ~Q(correction_reason="")),
                name="reports_releaseproposal_correction_says_why",
            ),
        ]
        triggers = [
            Guard(
                name="decided_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=refuse_sql("TG_OP = 'DELETE'", "a proposed release is never deleted")
                + "IF TG_OP = 'INSERT' THEN "
                + refuse_sql(
                    "NEW.confirmed_at IS NOT NULL OR NEW.withdrawn_at IS NOT NULL",
                    "a release starts as a proposal",
                )
                + "RETURN NEW; END IF;"
                + refuse_sql(
                    f"(to_jsonb(NEW){WITHOUT_DECISIONS}) <> (to_jsonb(OLD){WITHOUT_DECISIONS})",
                    "what was proposed stays as it is: withdraw it, and propose anew",
                )
                + refuse_sql("OLD.withdrawn_at IS NOT NULL", "what was withdrawn stays withdrawn")
                + refuse_sql(
                    f"OLD.confirmed_at IS NOT NULL AND {_confirmation('NEW')} IS DISTINCT FROM {_confirmation('OLD')}",
                    "a release is confirmed once",
                )
                + refuse_sql(
                    "NEW.withdrawn_at IS NOT NULL AND EXISTS (SELECT 1 FROM reports_release"
                    " WHERE proposal_id = NEW.id"
                    f" AND publish_at < clock_timestamp() + interval '{TOO_LATE}')",
                    "what is public, or about to be, can't be withdrawn",
                )
                + "RETURN NEW;",
            ),
            refuse_truncate(),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def notes(self) -> str:
        return localized(self, "notes")

    @property
    def released(self) -> "Release | None":
        """The release that it became, unless it was withdrawn."""
        found: Release | None = getattr(self, "release", None)
        return found

    @property
    def is_waiting(self) -> bool:
        return self.confirmed_at is None and self.withdrawn_at is None

    @property
    def is_past_its_time(self) -> bool:
        """Whether the time that was proposed has gone by: whoever confirms now makes it public at once."""
        return self.publish_at is not None and self.publish_at <= timezone.now()

    def can_be_withdrawn(self, now: datetime) -> bool:
        if self.withdrawn_at is not None:
            return False
        return self.released is None or self.released.can_be_withdrawn(now)
