"""The national AI effort: what the mandate is part of, as others have stated it in public."""

from datetime import date, timedelta

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from institutions.guards import Guard, refuse_sql
from institutions.names import localized

# A statement about something under way says less with every month that nobody has looked again.
CHECKED_FOR = timedelta(days=365)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class EffortEntry(models.Model):
    """What one source says of one thing in the national AI effort, as it was read on a day; never computed with.

    `read_on` is when somebody last read the source, or asked whoever stated it. Without `verified` nobody has found it
    in a source that anybody can open: the page names who stated it, and that it was not verified.
    """

    class Section(models.TextChoices):
        PLAN = "plan", _("The phased plan")
        TRAINING = "training", _("Training")
        PROGRAMMES = "programmes", _("Programmes dedicated to AI")
        UNIVERSITY = "university", _("The Artificial Intelligence University")
        ECOSYSTEM = "ecosystem", _("The Alem.ai ecosystem")
        COMPUTING = "computing", _("Computing")

    class Status(models.TextChoices):
        ANNOUNCED = "announced", _("announced")
        PREPARED = "prepared", _("being prepared")
        RUNNING = "running", _("under way")
        DONE = "done", _("done")

    code = models.SlugField(_("code"), max_length=60, unique=True)
    section = models.CharField(_("section"), max_length=12, choices=Section)
    order = models.PositiveSmallIntegerField(_("place within the section"), default=100)
    shown = models.BooleanField(_("shown to the public"), default=True)
    title_kk = models.CharField(_("title in Kazakh"), max_length=200)
    title_ru = models.CharField(_("title in Russian"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200)
    text_kk = models.TextField(_("text in Kazakh"), max_length=2000)
    text_ru = models.TextField(_("text in Russian"), max_length=2000)
    text_en = models.TextField(_("text in English"), max_length=2000)
    status = models.CharField(_("status"), max_length=10, choices=Status, blank=True)
    value = models.DecimalField(_("figure"), max_digits=14, decimal_places=2, null=True, blank=True)
    unit_kk = models.CharField(_("unit in Kazakh"), max_length=100, blank=True)
    unit_ru = models.CharField(_("unit in Russian"), max_length=100, blank=True)
    unit_en = models.CharField(_("unit in English"), max_length=100, blank=True)
    partners = models.TextField(
        _("partners"),
        max_length=2000,
        blank=True,
        help_text=_("One a line, as each calls itself; only those that the source names."),
    )
    institutions = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("universities"),
        default=list,
        blank=True,
        help_text=_("Those that the source names, for example as having access."),
    )
    starts_on = models.DateField(_("day, or first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    verified = models.BooleanField(_("found in a source that anybody can open"), default=True)
    source_kk = models.CharField(_("source in Kazakh"), max_length=500)
    source_ru = models.CharField(_("source in Russian"), max_length=500)
    source_en = models.CharField(_("source in English"), max_length=500)
    source_url = models.URLField(_("address of the source"), max_length=500, blank=True)
    read_on = models.DateField(_("last read on"))
    reference = models.JSONField(
        default=dict, editable=False, help_text="what the reference file said when last loaded"
    )

    class Meta:
        verbose_name = _("entry on the national AI effort")
        verbose_name_plural = _("entries on the national AI effort")
        ordering = ["section", "order", "code"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(source_kk="") & ~Q(source_ru="") & ~Q(source_en=""),
                name="reports_effortentry_has_source",
                violation_error_message=_("Name the source in all three languages."),
            ),
            models.CheckConstraint(
                condition=Q(verified=False) | ~Q(source_url=""),
                name="reports_effortentry_verified_where",
                violation_error_message=_("Give the address of the source, or say that it is not verified."),
            ),
            models.CheckConstraint(
                condition=Q(value=None, unit_kk="", unit_ru="", unit_en="")
                | (Q(value__isnull=False) & ~Q(unit_kk="") & ~Q(unit_ru="") & ~Q(unit_en="")),
                name="reports_effortentry_figure_has_unit",
                violation_error_message=_("A figure has a unit in all three languages; a unit has a figure."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on__isnull=False, ends_on__gte=F("starts_on")),
                name="reports_effortentry_days_in_order",
                violation_error_message=_("The last day comes after a first day."),
            ),
        ]
        triggers = [
            Guard(
                name="code_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=refuse_sql(
                    "NEW.code <> OLD.code", "the code of an entry stays: the reference file knows it by it"
                )
                + "RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return localized(self, "title")

    @property
    def text(self) -> str:
        return localized(self, "text")

    @property
    def unit(self) -> str:
        return localized(self, "unit")

    @property
    def source(self) -> str:
        return localized(self, "source")

    @property
    def named_partners(self) -> list[str]:
        return [name.strip() for name in self.partners.splitlines() if name.strip()]

    def is_old(self, today: date) -> bool:
        """Whether nobody has looked at its source for more than a year."""
        return today - self.read_on > CHECKED_FOR
