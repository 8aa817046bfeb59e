"""What a rule of the mandate says, whether it is adopted or a draft."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from curricula.models import AICategory, Component
from institutions.names import localized


class Rule(models.Model):
    """An empty list in the scope (`levels`, `fields`, `kinds`) means all. A programme meets the rule by at least
    `min_disciplines` AI lines with at least `min_credits` ECTS credits in all, counting only lines of the accepted
    `categories` and `components`.
    """

    code = models.SlugField(_("code"), max_length=40)
    name_kk = models.CharField(_("name in Kazakh"), max_length=300)
    name_ru = models.CharField(_("name in Russian"), max_length=300)
    name_en = models.CharField(_("name in English"), max_length=300)
    legal_reference = models.CharField(_("legal reference"), max_length=500, blank=True)
    levels = ArrayField(models.CharField(max_length=2), default=list, blank=True, verbose_name=_("levels"))
    fields = ArrayField(
        models.CharField(max_length=3), default=list, blank=True, verbose_name=_("fields of education")
    )
    kinds = ArrayField(
        models.CharField(max_length=15), default=list, blank=True, verbose_name=_("kinds of institutions")
    )
    min_disciplines = models.PositiveSmallIntegerField(_("at least so many AI disciplines"), default=1)
    min_credits = models.DecimalField(
        _("at least so many credits"), max_digits=5, decimal_places=1, default=0
    )
    categories = ArrayField(
        models.CharField(max_length=12, choices=AICategory), verbose_name=_("accepted AI categories")
    )
    components = ArrayField(
        models.CharField(max_length=10, choices=Component), verbose_name=_("accepted components")
    )
    effective_from = models.DateField(_("in effect from"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return localized(self, "name")
