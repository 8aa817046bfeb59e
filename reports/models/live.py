"""Live coverage: what the figures would be now, for signed-in users only."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from curricula.models import Period
from institutions.models import Institution
from institutions.scoping import ScopedQuerySet
from reports.models.mandate import Requirement


class LiveCoverage(models.Model):
    """Counts of one institution's assessments by field, level and language, kept current by `live.refresh`.

    True up to the institution's `Generation.computed`. Region and kind are the institution's own, so every dimension
    is a sum of these rows.
    """

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    period = models.ForeignKey(Period, models.PROTECT, related_name="+", db_index=False)
    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="+", db_index=False)
    region_code = models.CharField(max_length=10)
    kind = models.CharField(max_length=15)
    field_code = models.CharField(max_length=3)
    level = models.CharField(max_length=2)
    language = models.CharField(max_length=5)
    in_scope = models.PositiveIntegerField()
    met = models.PositiveIntegerField()
    not_met = models.PositiveIntegerField()
    no_data = models.PositiveIntegerField()
    exempt = models.PositiveIntegerField()
    computed_at = models.DateTimeField(_("computed at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("live coverage")
        verbose_name_plural = _("live coverage")
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "period", "requirement", "field_code", "level", "language"],
                name="reports_livecoverage_cell_once",
            ),
            models.CheckConstraint(
                condition=Q(in_scope=F("met") + F("not_met") + F("no_data") + F("exempt")),
                name="reports_livecoverage_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution_id}: {self.met}/{self.in_scope}"
