"""What the running system knows about itself."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class GenerationQuerySet(models.QuerySet["Generation"]):
    def stale(self) -> Self:
        """Institutions whose live figures are older than what they depend on."""
        return self.exclude(generation=F("computed"))


class Generation(models.Model):
    """One row per institution: how often what its figures depend on has changed, and up to where they are computed.

    Counters, not flags: a change during a computation raises `generation` again, and the row stays stale. Triggers
    raise it in the transaction of the change (`guards.bump_generation`), so no message can be lost. `programmes` are
    those to look at while the two counters differ; NULL means all that the institution has.
    """

    institution = models.OneToOneField(
        "institutions.Institution", models.CASCADE, primary_key=True, related_name="generation"
    )
    generation = models.BigIntegerField(default=0)
    computed = models.BigIntegerField(default=0)
    programmes = ArrayField(models.BigIntegerField(), null=True)
    changed_at = models.DateTimeField()
    stale_since = models.DateTimeField()

    objects = GenerationQuerySet.as_manager()

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generations")
        indexes = [
            models.Index("stale_since", condition=~Q(generation=F("computed")), name="generation_stale"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(computed__lte=F("generation")), name="institutions_generation_computed_not_ahead"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution_id}: {self.computed}/{self.generation}"


class Heartbeat(models.Model):
    """When a kind of process last proved that it does its work, e.g. "worker"."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name


class Tally(models.Model):
    """How often something of a kind happened on a day, and how many seconds it took in all (see `tallying`).

    What takes time is counted apart by `within` how many seconds it was done. Rows stay: some dozen a day.
    """

    day = models.DateField()
    name = models.CharField(max_length=40)
    detail = models.CharField(max_length=100, blank=True)
    within = models.FloatField(default=0)
    count = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["day", "name", "detail", "within"], name="institutions_tally_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name} {self.detail}: {self.count}"


class Operations(models.Model):
    """Whether all is well, as the ministry reads it. No table: see `reports.watching`; here for its name and its
    permission.

    Not "view": a reviewer has nothing to do about it.
    """

    class Meta:
        managed = False
        verbose_name = _("operations")
        verbose_name_plural = _("operations")
        default_permissions = ()
        permissions = [("watch_operations", "Can see whether all is well")]

    def __str__(self) -> str:
        return str(self.pk)


class Deployment(models.Model):
    """The one row about this installation: whether its curricula are generated for demonstration."""

    demonstration = models.BooleanField(_("demonstration data"), default=False)

    class Meta:
        verbose_name = _("deployment")
        verbose_name_plural = _("deployment")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="institutions_deployment_one_row")]

    def __str__(self) -> str:
        return "demonstration" if self.demonstration else "production"

    @classmethod
    def is_demonstration(cls) -> bool:
        return cls.objects.filter(pk=1, demonstration=True).exists()
