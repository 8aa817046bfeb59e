"""Actions on many drafts at once, with what the drafts said before, so that each can be undone."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from curricula.models.classifier import Period
from curricula.models.imports import Import
from curricula.models.programmes import Programme
from institutions.models import Institution
from institutions.scoping import ScopedQuerySet


class Batch(models.Model):
    """One action on many drafts: a discipline applied, a file imported, last period's curricula carried forward."""

    class Action(models.TextChoices):
        APPLY = "apply", _("discipline applied to programmes")
        IMPORT = "import", _("file imported")
        CARRY = "carry", _("carried forward from the last period")

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="batches", verbose_name=_("institution")
    )
    period = models.ForeignKey(Period, models.PROTECT, related_name="+", verbose_name=_("period"))
    action = models.CharField(_("action"), max_length=10, choices=Action)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    imported = models.OneToOneField(
        Import, models.PROTECT, null=True, blank=True, related_name="batch", verbose_name=_("import")
    )
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("done by")
    )
    done_at = models.DateTimeField(_("done at"), auto_now_add=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("undone by")
    )
    undone_at = models.DateTimeField(_("undone at"), null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("action on many drafts")
        verbose_name_plural = _("actions on many drafts")
        ordering = ["-done_at"]
        indexes = [models.Index(fields=["institution", "period", "-done_at"], name="batch_by_institution")]
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="curricula_batch_undone_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} · {self.subject}"


class BatchDraft(models.Model):
    """What the draft of one programme said before a batch, and with which `edit_number` the batch left it.

    `lines_before` is a list of objects with the columns of `Line`, or null where the batch began the draft. `draft` is
    the draft's id, no foreign key: a draft may be discarded, and this is then a memory of what is no more.
    """

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="drafts", db_index=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", db_index=False)
    lines_before = models.JSONField(null=True)
    students_before = models.PositiveIntegerField(null=True)
    draft = models.BigIntegerField(null=True)
    edit_number_after = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("draft before an action on many")
        verbose_name_plural = _("drafts before an action on many")
        constraints = [
            models.UniqueConstraint(fields=["batch", "programme"], name="curricula_batchdraft_once")
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.programme_id}"
