"""Whose work a submission is: who has taken it up now, and for what the lead has assigned whom."""

from datetime import datetime

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from curricula.models.submissions import Submission
from institutions.models import Institution, Region


class ClaimQuerySet(models.QuerySet["Claim"]):
    def live(self, at: datetime | None = None) -> "ClaimQuerySet":
        """Claims that have not aged out."""
        return self.filter(until__gt=at or timezone.now())


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Claim(models.Model):
    """A reviewer works on this submission until a moment; then, if it was not renewed, anyone may take it.

    One row a submission at most, so of two who take it at once the second is told. A row that has aged out stays until
    the next claim takes its place.
    """

    submission = models.OneToOneField(
        Submission, models.PROTECT, related_name="claim", verbose_name=_("submission")
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="claims", verbose_name=_("reviewer")
    )
    claimed_at = models.DateTimeField(pgettext_lazy("submission", "taken at"))
    until = models.DateTimeField(_("held until"))

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("claimed_at")), name="curricula_claim_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.reviewer_id}"

    @property
    def is_live(self) -> bool:
        return self.until > timezone.now()


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Assignment(models.Model):
    """Submissions of this region, of this kind of institution, or of both together are this reviewer's to decide.

    An empty region means all of them, an empty kind all kinds; one of the two is given. Several reviewers may share.
    """

    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments", verbose_name=_("reviewer")
    )
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("region")
    )
    kind = models.CharField(_("kind"), max_length=15, choices=Institution.Kind, blank=True)
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("assigned by")
    )
    assigned_at = models.DateTimeField(_("assigned at"), default=timezone.now)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["reviewer", "region", "kind"],
                name="curricula_assignment_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(region__isnull=False) | ~Q(kind=""), name="curricula_assignment_says_of_what"
            ),
        ]

    def __str__(self) -> str:
        parts = [str(self.region)] if self.region_id else []
        parts += [str(self.get_kind_display())] if self.kind else []
        return " · ".join([str(self.reviewer), *parts])
