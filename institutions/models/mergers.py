"""Which institution went up in which."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from institutions.guards import Guard, refuse_sql, refuse_truncate
from institutions.models.registry import Institution


@pghistory.track()
class Merger(models.Model):
    """One institution went up in another on a day: it closed, and what it taught goes on at the successor.

    Its code, its names and its figures of the past stay; public pages lead from one to the other.
    """

    institution = models.OneToOneField(
        Institution, models.PROTECT, related_name="merger", verbose_name=_("institution")
    )
    successor = models.ForeignKey(
        Institution, models.PROTECT, related_name="taken_over", verbose_name=_("successor")
    )
    merged_on = models.DateField(
        _("merged on"), help_text=_("The first day on which only the successor counts.")
    )
    reason = models.TextField(_("reason"), max_length=5000)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("merger")
        verbose_name_plural = _("mergers")
        ordering = ["-merged_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(institution=F("successor")), name="institutions_merger_of_two"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="institutions_merger_has_reason"),
        ]
        triggers = [
            Guard(
                name="written_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=refuse_sql("TRUE", "a merger is never changed: figures follow from it") + "RETURN NULL;",
            ),
            refuse_truncate(),
        ]

    def __str__(self) -> str:
        return f"{self.institution} → {self.successor}"
