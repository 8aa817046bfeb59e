"""Evidence: the PDF that proves that a discipline is taught, taken in only if it is one.

A file is stored before its row is committed: what breaks off in between leaves a file that nobody points to, and never
a row without its file. Such strays are deleted after 30 days.
"""

import hashlib
from datetime import timedelta
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.errors import Refused
from curricula.models import EvidenceFile
from curricula.models.evidence import FOLDER
from curricula.scanning import refuse_infected
from institutions.models import Institution, User

MEGABYTE = 1024 * 1024
SIZE_LIMIT = 10 * MEGABYTE
# The standard wants the header at the start and the mark of the end within the last bytes (ISO 32000-1, 7.5.2, 7.5.5).
HEADER, END, LAST = b"%PDF-", b"%%EOF", 1024
STRAY_AFTER = timedelta(days=30)


def keep_evidence(*, institution: Institution, file: UploadedFile, by: User) -> EvidenceFile:
    """Store an uploaded PDF under a name of our own. Refused: no PDF by its content, cut off, over 10 MB, or
    infected.

    The same file twice is one row.
    """
    size = file.size or 0
    if size > SIZE_LIMIT:
        raise Refused(
            _("This file has %(size)s MB; at most %(limit)d MB are taken. Make it smaller, or give a link.")
            % {"size": f"{size / MEGABYTE:.1f}", "limit": SIZE_LIMIT // MEGABYTE},
            field="file",
            code="too_large",
        )
    content = file.read()
    if not content.startswith(HEADER):
        raise Refused(
            _("This file is not a PDF. Save the document as PDF and choose that, or give a link."),
            field="file",
            code="not_pdf",
        )
    if END not in content[-LAST:]:
        raise Refused(
            _("This PDF is cut off or damaged: its end is missing. Save it again and choose it anew."),
            field="file",
            code="cut_off",
        )
    refuse_infected(content, PurePath(file.name or "").name)
    sha256 = hashlib.sha256(content).hexdigest()
    there = EvidenceFile.objects.filter(institution=institution, sha256=sha256).first()
    return there or _stored(institution, file.name or "", content, sha256, by)


def delete_strays() -> int:
    """Files of more than 30 days ago without a row: what stored them has failed or was killed. Returns how many.

    Rows are asked for after the files were listed, and what is at work is young: none goes that is needed. So long,
    because a database that was brought back to an earlier moment may yet be brought forward again.
    """
    storage = EvidenceFile._meta.get_field("file").storage
    before, deleted = timezone.now() - STRAY_AFTER, 0
    folders = storage.listdir(FOLDER)[0] if storage.exists(FOLDER) else []
    for folder in folders:
        names = {f"{FOLDER}/{folder}/{name}" for name in storage.listdir(f"{FOLDER}/{folder}")[1]}
        kept = EvidenceFile.objects.filter(file__startswith=f"{FOLDER}/{folder}/").values_list(
            "file", flat=True
        )
        for name in names.difference(kept):
            if storage.get_modified_time(name) < before:
                storage.delete(name)
                deleted += 1
    return deleted


def _stored(institution: Institution, name: str, content: bytes, sha256: str, by: User) -> EvidenceFile:
    kept = EvidenceFile(
        institution=institution,
        file_name=PurePath(name).name[-255:] or "evidence.pdf",
        size=len(content),
        sha256=sha256,
        uploaded_by=by,
    )
    kept.file.save("", ContentFile(content), save=False)
    try:
        with transaction.atomic():
            kept.save()
    except Exception:
        kept.file.delete(save=False)  # no row, no file
        raise
    return kept
