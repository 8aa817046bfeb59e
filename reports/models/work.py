"""Work and AI: how exposed each occupation is, and which occupations a field of education trains for."""

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from curricula.models import Field

GROUP = r"^[0-9]{1,4}$"


@pghistory.track()
class Occupation(models.Model):
    """An occupation of ISCO-08 with its exposure to generative AI by Gmyrek et al. 2025 (ILO Working Paper 140).

    `mean_score` is from 0 (no task exposed) to 1; `sd` is the deviation of its tasks' scores. The gradient follows from
    both.
    """

    class Gradient(models.TextChoices):
        NOT_EXPOSED = "not_exposed", _("not exposed")
        MINIMAL = "minimal", _("minimal exposure")
        GRADIENT_1 = "gradient_1", _("gradient 1, low")
        GRADIENT_2 = "gradient_2", _("gradient 2, moderate")
        GRADIENT_3 = "gradient_3", _("gradient 3, significant")
        GRADIENT_4 = "gradient_4", _("gradient 4, highest")

    code = models.CharField("ISCO-08", max_length=4, unique=True)
    title_en = models.CharField(_("title in English"), max_length=200)
    mean_score = models.DecimalField(_("mean score"), max_digits=3, decimal_places=2)
    sd = models.DecimalField(_("standard deviation"), max_digits=3, decimal_places=2)
    gradient = models.CharField(_("gradient"), max_length=12, choices=Gradient)
    reference = models.JSONField(
        default=dict, editable=False, help_text="what the reference file said when last loaded"
    )

    class Meta:
        verbose_name = _("occupation")
        verbose_name_plural = _("occupations")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{4}$"), name="reports_occupation_code"),
            models.CheckConstraint(
                condition=Q(mean_score__gte=0, mean_score__lte=1), name="reports_occupation_score_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title_en}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class FieldOccupation(models.Model):
    """A field or direction trains for the occupations of an ISCO-08 group: all whose code begins with its digits."""

    code = models.CharField(_("code"), max_length=8, unique=True, editable=False)
    field = models.ForeignKey(
        Field,
        models.PROTECT,
        to_field="code",
        related_name="occupations",
        verbose_name=_("field or direction"),
    )
    group = models.CharField(
        _("ISCO-08 group"),
        max_length=4,
        validators=[RegexValidator(GROUP, _("Write 1 to 4 digits of ISCO-08."))],
        help_text=_("1 to 4 digits; all occupations whose code begins with them."),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    reference = models.JSONField(
        default=dict, editable=False, help_text="what the reference file said when last loaded"
    )

    class Meta:
        verbose_name = _("occupations of a field")
        verbose_name_plural = _("occupations of fields")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(group__regex=GROUP), name="reports_fieldoccupation_group"),
            # The code is what the reference file finds a row again by.
            models.CheckConstraint(
                condition=Q(code=Concat(F("field"), Value("-"), F("group"))),
                name="reports_fieldoccupation_code_says_it",
            ),
            models.UniqueConstraint(
                fields=["field", "group"],
                name="reports_fieldoccupation_once",
                violation_error_message=_("This field is linked with this group already."),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        if self.group and not Occupation.objects.filter(code__startswith=self.group).exists():
            raise ValidationError(
                {
                    "group": _(
                        "No occupation of the data begins with %(group)s; write the digits of one that is there."
                    )
                    % {"group": self.group}
                }
            )

    @property
    def pair(self) -> str:
        """What its `code` says: field and group."""
        return f"{self.field_id}-{self.group}"
