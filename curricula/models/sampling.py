"""Random samples of curricula for close reading, and what the reading found."""

from typing import TYPE_CHECKING, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from curricula.models.classifier import Period
from curricula.models.submissions import Submission
from curricula.models.versions import CurriculumVersion
from institutions.guards import Guard, refuse_sql, refuse_truncate
from institutions.models import Institution
from institutions.scoping import ScopedQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from institutions.models import User

READING = "'outcome' - 'note' - 'read_by_id' - 'read_at'"
# So many curricula can be read closely by people who have other work, too.
LARGEST_SAMPLE = 500


class MinistryQuerySet(ScopedQuerySet):
    """Samples are the ministry's own papers: no university sees that it was drawn."""

    def for_user(self, user: "User | AnonymousUser") -> Self:
        return self.all() if user.is_active and user.is_staff else self.none()


@pghistory.track()
class Sample(models.Model):
    """One random draw of curricula of a period, or of one submission, for close reading.

    Whoever has `seed` and the numbers of the curricula that there were at `as_at` draws the same again
    (`curricula.sampling`). `population` is how many there were.
    """

    class Of(models.TextChoices):
        WAITING = "waiting", _("curricula that wait for a decision")
        APPROVED = "approved", _("approved curricula")

    class Strata(models.TextChoices):
        NONE = "none", _("none: of all together")
        REGION = "region", _("by region")
        KIND = "kind", _("by kind of institution")
        LEVEL = "level", _("by level")
        FIELD = "field", _("by field of education")
        INSTITUTION = "institution", _("by institution")

    period = models.ForeignKey(Period, models.PROTECT, related_name="samples", verbose_name=_("period"))
    submission = models.ForeignKey(
        Submission,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="samples",
        verbose_name=_("submission"),
    )
    of = models.CharField(_("drawn from"), max_length=10, choices=Of)
    strata = models.CharField(_("spread evenly"), max_length=12, choices=Strata, default=Strata.NONE)
    size = models.PositiveSmallIntegerField(
        _("size"), validators=[MinValueValidator(1), MaxValueValidator(LARGEST_SAMPLE)]
    )
    seed = models.CharField(_("seed"), max_length=64)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    as_at = models.DateTimeField(_("as at"))
    population = models.PositiveIntegerField(_("drawn from how many"))
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("drawn by")
    )

    objects = MinistryQuerySet.as_manager()

    class Meta:
        verbose_name = _("sample for close reading")
        verbose_name_plural = _("samples for close reading")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(size__gte=1, size__lte=LARGEST_SAMPLE, population__gte=F("size")),
                name="curricula_sample_size_within_population",
            ),
            models.CheckConstraint(condition=~Q(seed=""), name="curricula_sample_has_seed"),
        ]
        triggers = [
            Guard(
                name="drawn_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="RAISE EXCEPTION 'a sample is drawn once and never changed' USING ERRCODE = '23000';",
            ),
            refuse_truncate(),
        ]

    def __str__(self) -> str:
        return f"{self.pk} · {self.period}"


@pghistory.track()
class SampledCurriculum(models.Model):
    """One curriculum that a sample has drawn, and whether it stood when somebody read it closely.

    `stratum` is the code by which it was spread, empty if by none. Nobody reads what they decided on themselves.
    """

    class Outcome(models.TextChoices):
        STOOD = "stood", _("stood")
        FAILED = "failed", _("did not stand")

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="curricula", db_index=False)
    version = models.ForeignKey(
        CurriculumVersion, models.PROTECT, related_name="sampled", verbose_name=_("curriculum")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    stratum = models.CharField(_("part"), max_length=40, blank=True)
    outcome = models.CharField(_("close reading"), max_length=6, choices=Outcome, blank=True)
    note = models.TextField(_("note"), max_length=5000, blank=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("read by")
    )
    read_at = models.DateTimeField(_("read at"), null=True)

    objects = MinistryQuerySet.as_manager()

    class Meta:
        verbose_name = _("curriculum of a sample")
        verbose_name_plural = _("curricula of samples")
        ordering = ["sample", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["sample", "position"], name="curricula_sampledcurriculum_position"
            ),
            models.UniqueConstraint(fields=["sample", "version"], name="curricula_sampledcurriculum_once"),
            models.CheckConstraint(
                condition=Q(outcome="", note="", read_by=None, read_at=None)
                | Q(outcome__in=["stood", "failed"], read_by__isnull=False, read_at__isnull=False),
                name="curricula_sampledcurriculum_reading_complete",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="failed", note=""), name="curricula_sampledcurriculum_failed_says_why"
            ),
        ]
        triggers = [
            Guard(
                name="only_the_reading_changes",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=refuse_sql("TG_OP = 'DELETE'", "what was drawn is never taken out of its sample")
                + refuse_sql(
                    f"(to_jsonb(NEW) - {READING}) <> (to_jsonb(OLD) - {READING})",
                    "of a drawn curriculum only the reading changes",
                )
                + refuse_sql(
                    "OLD.read_by_id IS NOT NULL AND NEW.read_by_id IS NOT NULL AND OLD.read_by_id <> NEW.read_by_id",
                    "nobody writes over what another has found",
                )
                + "RETURN NEW;",
            ),
            refuse_truncate(),
        ]

    def __str__(self) -> str:
        return f"{self.sample_id}: {self.version_id}"
