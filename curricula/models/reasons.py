"""Why something odd in a curriculum is right all the same, in the words of the institution."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from curricula.models.programmes import Discipline
from curricula.models.version_rules import WRITTEN_WITH_DRAFT
from curricula.models.versions import CurriculumVersion
from institutions.guards import refuse_truncate
from institutions.models import Institution
from institutions.scoping import ScopedQuerySet


class WarningReason(models.Model):
    """The reason that an institution gives for one warning of a draft; it stays with the version once submitted.

    `code` is the warning's; `discipline` says which one it speaks of, empty if of the whole curriculum.
    """

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(CurriculumVersion, models.CASCADE, related_name="reasons", db_index=False)
    code = models.CharField(_("warning"), max_length=30)
    discipline = models.ForeignKey(
        Discipline, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("discipline")
    )
    reason = models.TextField(_("reason"), max_length=2000)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("given by")
    )
    given_at = models.DateTimeField(_("given at"), auto_now=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reason for a warning")
        verbose_name_plural = _("reasons for warnings")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "code", "discipline"],
                name="curricula_warningreason_once",
                nulls_distinct=False,
            )
        ]
        triggers = [WRITTEN_WITH_DRAFT, refuse_truncate()]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.code}"
