"""Documents that prove that a discipline is taught: a syllabus, a page of the catalogue."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from institutions.guards import Guard, refuse_truncate
from institutions.models import Institution
from institutions.scoping import ScopedQuerySet

FOLDER = "evidence"


def stored_name(instance: "EvidenceFile", filename: str) -> str:
    """A name of our own: nothing that a user typed reaches the file system."""
    return f"{FOLDER}/{instance.institution_id}/{uuid.uuid4().hex}"


class EvidenceFile(models.Model):
    """One uploaded PDF. It never changes: a discipline that gets a newer one points to another row, what was signed
    keeps the old."""

    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    file = models.FileField(_("file"), upload_to=stored_name)
    file_name = models.CharField(_("file name"), max_length=255)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence file")
        verbose_name_plural = _("evidence files")
        ordering = ["institution", "-uploaded_at"]
        triggers = [
            Guard(
                name="never_changes",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="RAISE EXCEPTION 'an evidence file is never changed' USING ERRCODE = '23000';",
            ),
            refuse_truncate(),
        ]

    def __str__(self) -> str:
        return self.file_name
