"""Live coverage: what the figures would be now, for signed-in users only."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from curricula.models import Period, Programme
from institutions.models import Institution
from institutions.scoping import ScopedQuerySet
from reports.models.mandate import Requirement
from reports.models.snapshots import Outcome

ADDS_UP = Q(in_scope=F("met") + F("not_met") + F("no_data") + F("exempt"))


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


class LiveCoverage(models.Model):
    """Counts of the live assessments of one requirement for one combination of keys: a sum, changed by what changed.

    Any dimension, and any of them together, is a sum of these. There are as many as regions, kinds, fields, levels and
    languages make, however many institutions there are.
    """

    pk = models.CompositePrimaryKey(
        "period_id", "requirement_id", "region_code", "kind", "field_code", "level", "language"
    )
    period = models.ForeignKey(Period, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    region_code = models.CharField(max_length=10)
    kind = models.CharField(max_length=15)
    field_code = models.CharField(max_length=3)
    level = models.CharField(max_length=2)
    language = models.CharField(max_length=5)
    # With a sign: what is taken off is written as a row that is added to the one that is there.
    in_scope = models.IntegerField()
    met = models.IntegerField()
    not_met = models.IntegerField()
    no_data = models.IntegerField()
    exempt = models.IntegerField()

    class Meta:
        verbose_name = _("live coverage")
        verbose_name_plural = _("live coverage")
        constraints = [
            models.CheckConstraint(condition=ADDS_UP, name="reports_livecoverage_adds_up"),
        ]

    def __str__(self) -> str:
        return f"{self.region_code} {self.kind} {self.field_code}: {self.met}/{self.in_scope - self.exempt}"


class LiveDay(models.Model):
    """Counts of the country for one requirement as at the end of one day that is over; see `reports.daily`."""

    period = models.ForeignKey(Period, models.PROTECT, related_name="+", db_index=False)
    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(_("day"))
    in_scope = models.PositiveIntegerField()
    met = models.PositiveIntegerField()
    not_met = models.PositiveIntegerField()
    no_data = models.PositiveIntegerField()
    exempt = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("live coverage of a day")
        verbose_name_plural = _("live coverage of days")
        constraints = [
            models.UniqueConstraint(fields=["period", "requirement", "day"], name="reports_liveday_once"),
            models.CheckConstraint(condition=ADDS_UP, name="reports_liveday_adds_up"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.met}/{self.in_scope - self.exempt}"
