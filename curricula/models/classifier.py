"""The classifier of training and the reporting periods."""

from datetime import date
from typing import Self

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curricula.models.version_rules import stays_once_submitted
from institutions.guards import bump_all
from institutions.names import localized


@pghistory.track()
class Field(models.Model):
    """A field of education (`06`) or one of its training directions (`061`), with the nearest ISCED-F 2013 code."""

    class Kind(models.TextChoices):
        FIELD = "field", _("field of education")
        DIRECTION = "direction", _("training direction")

    code = models.CharField(_("code"), max_length=3, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="directions",
        verbose_name=_("field of education"),
    )
    name_kk = models.CharField(_("name in Kazakh"), max_length=200)
    name_ru = models.CharField(_("name in Russian"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    short_name_kk = models.CharField(_("short name in Kazakh"), max_length=40, blank=True)
    short_name_ru = models.CharField(_("short name in Russian"), max_length=40, blank=True)
    short_name_en = models.CharField(_("short name in English"), max_length=40, blank=True)
    isced_f = models.CharField("ISCED-F 2013", max_length=4, blank=True)
    reference = models.JSONField(
        default=dict, editable=False, help_text="what the reference file said when last loaded"
    )

    class Meta:
        verbose_name = _("field or direction")
        verbose_name_plural = _("fields and directions")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="field", parent=None) | Q(kind="direction", parent__isnull=False),
                name="curricula_field_direction_has_parent",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def name(self) -> str:
        return localized(self, "name")

    @property
    def short_name(self) -> str:
        return localized(self, "short_name") or self.name


class PeriodQuerySet(models.QuerySet["Period"]):
    def collecting(self, day: date | None = None) -> Self:
        """Periods that are open for entry on the day (today unless told)."""
        day = day or timezone.localdate()
        return self.filter(opens_on__lte=day, closes_on__gte=day)

    def current(self) -> "Period | None":
        """The newest period that has opened."""
        return self.filter(opens_on__lte=timezone.localdate()).order_by("-code").first()


@pghistory.track()
class Period(models.Model):
    """An academic year's collection: `2025` is the academic year 2025/26. All days are inclusive."""

    code = models.CharField(_("code"), max_length=4, unique=True)
    starts_on = models.DateField(_("academic year starts on"))
    ends_on = models.DateField(_("academic year ends on"))
    opens_on = models.DateField(_("collection opens on"))
    due_on = models.DateField(_("due on"))
    closes_on = models.DateField(_("collection closes on"))

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        ordering = ["-code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    starts_on__lt=F("ends_on"), opens_on__lte=F("due_on"), due_on__lte=F("closes_on")
                ),
                name="curricula_period_days_in_order",
            )
        ]
        triggers = [
            stays_once_submitted(
                "code starts_on ends_on",
                "v.period_id = OLD.id",
                "an academic year that curricula were submitted for keeps its days: figures of the past count by them",
            ),
            bump_all(),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The academic year as people write it: 2025/26."""
        return f"{self.code}/{(int(self.code) + 1) % 100:02d}"

    @property
    def is_collecting(self) -> bool:
        return self.opens_on <= timezone.localdate() <= self.closes_on
