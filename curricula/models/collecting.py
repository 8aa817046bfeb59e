"""What the ministry has granted single institutions, and whom it has reminded."""

from typing import Any

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curricula.models.classifier import Period
from institutions.guards import Guard, refuse_sql, refuse_truncate
from institutions.models import Institution
from institutions.scoping import ScopedQuerySet

ENDING = "'ended_at' - 'ended_by_id'"


class ExtensionQuerySet(ScopedQuerySet):
    def live(self) -> "ExtensionQuerySet":
        """Those that nobody has taken back, whether or not their days are over."""
        return self.filter(ended_at=None)


@pghistory.track()
class Extension(models.Model):
    """One institution's own days for a period, longer than those of all others; granted with a reason.

    Written once and ended at most once: by a newer one, or by the ministry before its time. All days are inclusive.
    """

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="extensions", verbose_name=_("institution")
    )
    period = models.ForeignKey(Period, models.PROTECT, related_name="extensions", verbose_name=_("period"))
    due_on = models.DateField(_("due on"))
    closes_on = models.DateField(_("collection closes on"))
    reason = models.TextField(_("reason"), max_length=5000)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("granted by")
    )
    granted_at = models.DateTimeField(_("granted at"))
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ended by"),
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        ordering = ["-granted_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "period"],
                condition=Q(ended_at=None),
                name="curricula_extension_one_live",
            ),
            models.CheckConstraint(
                condition=Q(due_on__lte=F("closes_on")), name="curricula_extension_days_in_order"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="curricula_extension_has_reason"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="curricula_extension_end_complete",
            ),
        ]
        triggers = [
            Guard(
                name="written_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=refuse_sql("TG_OP = 'DELETE'", "an extension is never deleted, only ended")
                + refuse_sql(
                    f"OLD.ended_at IS NOT NULL OR (to_jsonb(NEW) - {ENDING}) <> (to_jsonb(OLD) - {ENDING})",
                    "an extension is never changed, only ended once",
                )
                + "RETURN NEW;",
            ),
            refuse_truncate(),
        ]

    def __str__(self) -> str:
        return f"{self.institution} · {self.period}"

    @property
    def is_live(self) -> bool:
        return self.ended_at is None


@pghistory.track()
class SentReminder(models.Model):
    """One row: somebody at the ministry has reminded the people of one institution of a period, on a day.

    The letters themselves are forgotten after half a year; this stays. `people` were written to.
    """

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    period = models.ForeignKey(
        Period, models.PROTECT, related_name="sent_reminders", verbose_name=_("period")
    )
    sent_on = models.DateField(_("sent on"), default=timezone.localdate)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("sent by")
    )
    words = models.TextField(_("words of the ministry"), max_length=1000, blank=True)
    people = models.PositiveIntegerField(_("people"))

    objects: Any = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder of the ministry")
        verbose_name_plural = _("reminders of the ministry")
        ordering = ["-sent_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "period", "sent_on"], name="curricula_sentreminder_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.institution} · {self.period}"
