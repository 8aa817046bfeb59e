"""Spreadsheets that editors handed in, and what became of each."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from curricula.models.classifier import Period
from institutions.models import Institution
from institutions.scoping import ScopedQuerySet


class ImportQuerySet(ScopedQuerySet):
    def outstanding(self) -> "ImportQuerySet":
        return self.filter(state__in=["queued", "running"])


def stored_name(instance: "Import", filename: str) -> str:
    """A name of our own: nothing that a user typed reaches the file system."""
    return f"imports/{instance.institution_id}/{uuid.uuid4().hex}"


class Import(models.Model):
    """One uploaded spreadsheet; the row is the to-do item as well as the record of what was done."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being read")
        DONE = "done", _("saved")
        REFUSED = "refused", _("refused, nothing saved")
        FAILED = "failed", _("failed, nothing saved")
        CANCELLED = "cancelled", _("cancelled, nothing saved")

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="imports", verbose_name=_("institution")
    )
    period = models.ForeignKey(Period, models.PROTECT, related_name="imports", verbose_name=_("period"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    file = models.FileField(_("file"), upload_to=stored_name)
    file_name = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    phase = models.CharField(max_length=20, blank=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    rows_read = models.PositiveIntegerField(_("rows read"), default=0)
    rows_accepted = models.PositiveIntegerField(_("rows accepted"), default=0)
    rows_rejected = models.PositiveIntegerField(_("rows rejected"), default=0)
    rows_blank = models.PositiveIntegerField(_("blank rows"), default=0)
    programmes_added = models.PositiveIntegerField(_("curricula added"), default=0)
    programmes_changed = models.PositiveIntegerField(_("curricula changed"), default=0)
    programmes_unchanged = models.PositiveIntegerField(_("curricula unchanged"), default=0)
    faults = models.JSONField(_("faults"), default=list)
    failure = models.TextField(_("what went wrong"), blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-uploaded_at"]
        indexes = [
            models.Index(fields=["institution", "period", "-uploaded_at"], name="import_by_institution"),
            models.Index(
                "uploaded_at", condition=Q(state__in=["queued", "running"]), name="import_outstanding"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(rows_read=F("rows_accepted") + F("rows_rejected") + F("rows_blank")),
                name="curricula_import_rows_reconciled",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"], finished_at=None)
                | Q(state__in=["done", "refused", "failed", "cancelled"], finished_at__isnull=False),
                name="curricula_import_finished_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
