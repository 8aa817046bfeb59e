"""Live coverage: what the figures would be now, for signed-in users only."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from curricula.models import Period, Programme
from institutions.models import Institution
from institutions.scoping import ScopedQuerySet
from reports.models.mandate import Requirement
from reports.models.snapshots import Outcome


class LiveAssessment(models.Model):
    """The outcome of one requirement for one programme now, kept current by `live.refresh`.

    True up to the institution's `Generation.computed`. Without foreign-key checks, like `Assessment`, and for the
    same reason.
    """

    pk = models.CompositePrimaryKey("institution_id", "programme_id", "requirement_id")
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    period = models.ForeignKey(Period, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome)
    region_code = models.CharField(max_length=10)
    kind = models.CharField(max_length=15)
    field_code = models.CharField(max_length=3)
    level = models.CharField(max_length=2)
    language = models.CharField(max_length=5)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("live assessment")
        verbose_name_plural = _("live assessments")

    def __str__(self) -> str:
        return f"{self.programme_id}: {self.outcome}"


class Counted(models.Model):
    """Programmes in scope of a requirement by outcome, which add up."""

    in_scope = models.PositiveIntegerField()
    met = models.PositiveIntegerField()
    not_met = models.PositiveIntegerField()
    no_data = models.PositiveIntegerField()
    exempt = models.PositiveIntegerField()

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(in_scope=F("met") + F("not_met") + F("no_data") + F("exempt")),
                name="%(app_label)s_%(class)s_adds_up",
            )
        ]


class LiveCoverage(Counted):
    """Counts of the live assessments for one key of one dimension, as in `Coverage`: a sum, changed by what changed."""

    period = models.ForeignKey(Period, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    dimension = models.CharField(_("dimension"), max_length=30)
    key = models.CharField(_("key"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("live coverage")
        verbose_name_plural = _("live coverage")
        constraints = [
            models.UniqueConstraint(
                fields=["period", "requirement", "dimension", "key"], name="reports_livecoverage_cell_once"
            ),
            *Counted.Meta.constraints,
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.key}: {self.met}/{self.in_scope - self.exempt}"


class LiveDay(Counted):
    """Counts of the country for one requirement as at the end of one day that is over; see `reports.daily`."""

    period = models.ForeignKey(Period, models.PROTECT, related_name="+", db_index=False)
    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("live coverage of a day")
        verbose_name_plural = _("live coverage of days")
        constraints = [
            models.UniqueConstraint(fields=["period", "requirement", "day"], name="reports_liveday_once"),
            *Counted.Meta.constraints,
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.met}/{self.in_scope - self.exempt}"
