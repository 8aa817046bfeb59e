"""Spreadsheets that editors handed in, and what became of each."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from curricula.models.classifier import Period
from curricula.models.programmes import Programme
from institutions.models import ApiKey, Institution
from institutions.scoping import ScopedQuerySet


class ImportQuerySet(ScopedQuerySet):
    def outstanding(self) -> "ImportQuerySet":
        """What a worker has to do."""
        return self.filter(state__in=["queued", "running"])

    def awaiting_yes(self) -> "ImportQuerySet":
        """What a person has to do: look at what would happen, and say yes or no."""
        return self.filter(state="ready")


def stored_name(instance: "Import", filename: str) -> str:
    """A name of our own: nothing that a user typed reaches the file system."""
    return f"imports/{instance.institution_id}/{uuid.uuid4().hex}"


class Import(models.Model):
    """One uploaded spreadsheet; the row is the to-do item as well as the record of what was done.

    It is read twice: first to show what would happen (`ready`), and after somebody has confirmed it, to save. The
    `fingerprint` says what was shown; where the second reading finds another one, it is shown anew. A program's is read
    once: its request was the yes, or it is a `dry_run`, which ends `tried`.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being read")
        READY = "ready", _("waits for your yes")
        DONE = "done", _("saved")
        REFUSED = "refused", _("refused, nothing saved")
        FAILED = "failed", _("failed, nothing saved")
        CANCELLED = "cancelled", _("cancelled, nothing saved")
        REPLACED = "replaced", _("replaced by a newer file, nothing saved")
        EXPIRED = "expired", _("expired without a yes, nothing saved")
        TRIED = "tried", _("only tried, nothing saved")

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
    language = models.CharField(max_length=5, blank=True, db_default="")
    key = models.ForeignKey(
        ApiKey, models.PROTECT, null=True, related_name="+", verbose_name=_("sent with the key")
    )
    dry_run = models.BooleanField(_("only to be tried"), default=False, db_default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    phase = models.CharField(max_length=20, blank=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    started_at = models.DateTimeField(_("started at"), null=True)
    planned_at = models.DateTimeField(_("compared at"), null=True)
    fingerprint = models.CharField(max_length=64, blank=True, db_default="")
    planned_anew = models.BooleanField(_("compared anew"), default=False, db_default=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    # When whoever handed it in looked at the result last; who has not gets a letter.
    seen_at = models.DateTimeField(_("seen at"), null=True, editable=False)
    rows_read = models.PositiveIntegerField(_("rows read"), default=0)
    rows_accepted = models.PositiveIntegerField(_("rows accepted"), default=0)
    rows_rejected = models.PositiveIntegerField(_("rows rejected"), default=0)
    rows_blank = models.PositiveIntegerField(_("blank rows"), default=0)
    programmes_added = models.PositiveIntegerField(_("curricula added"), default=0)
    programmes_changed = models.PositiveIntegerField(_("curricula changed"), default=0)
    programmes_unchanged = models.PositiveIntegerField(_("curricula unchanged"), default=0)
    lines_added = models.PositiveIntegerField(_("lines added"), default=0, db_default=0)
    lines_changed = models.PositiveIntegerField(_("lines changed"), default=0, db_default=0)
    lines_removed = models.PositiveIntegerField(_("lines removed"), default=0, db_default=0)
    disciplines_added = models.PositiveIntegerField(_("disciplines added"), default=0, db_default=0)
    disciplines_changed = models.PositiveIntegerField(_("disciplines changed"), default=0, db_default=0)
    # code -> the texts before (null if the discipline is new) and after, in the order of plans.TEXTS
    discipline_texts = models.JSONField(default=dict, db_default={})
    passed_over = models.JSONField(default=dict, db_default={})  # sheets, columns, programmes without lines
    marked = models.FileField(_("copy with the faults marked"), blank=True, db_default="")
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
                condition=Q(state__in=["queued", "running", "ready"], finished_at=None)
                | Q(
                    state__in=[
                        "done",
                        "refused",
                        "failed",
                        "cancelled",
                        "replaced",
                        "expired",
                        "tried",
                    ],
                    finished_at__isnull=False,
                ),
                name="curricula_import_finished_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="curricula_import_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | ~Q(fingerprint="") & Q(planned_at__isnull=False, confirmed_at=None),
                name="curricula_import_ready_is_planned",
            ),
            models.CheckConstraint(
                condition=~Q(state="tried") & Q(dry_run=False)
                | Q(dry_run=True, confirmed_at=None) & ~Q(state__in=["ready", "done"]),
                name="curricula_import_dry_run_saves_nothing",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportChange(models.Model):
    """What an import would do to the curriculum of one programme; once it is done, what it did.

    `lines_before` and `lines_after` are the lines that differ, as lists in the order of `plans.LineContent`. The
    `base_*` columns say what the file was compared with, so that it can be told whether that still holds.
    """

    class Kind(models.TextChoices):
        ADDED = "added", _("begun")
        CHANGED = "changed", _("changed")
        UNCHANGED = "unchanged", _("unchanged")

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    imported = models.ForeignKey(Import, models.CASCADE, related_name="changes", db_index=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(_("what happens"), max_length=10, choices=Kind)
    base_version = models.BigIntegerField(null=True)  # not a key: a draft may be discarded meanwhile
    base_edit_number = models.PositiveIntegerField(null=True)
    lines_before = models.JSONField(default=list)
    lines_after = models.JSONField(default=list)
    added = models.PositiveIntegerField(_("lines added"))
    changed = models.PositiveIntegerField(_("lines changed"))
    removed = models.PositiveIntegerField(_("lines removed"))
    same = models.PositiveIntegerField(_("lines unchanged"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("change by an import")
        verbose_name_plural = _("changes by imports")
        constraints = [
            models.UniqueConstraint(fields=["imported", "programme"], name="curricula_importchange_once")
        ]

    def __str__(self) -> str:
        return f"{self.imported_id}: {self.programme_id}"
