"""Evidence: the PDF that proves that a discipline is taught, taken in only if it is one."""

import hashlib
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from curricula.errors import Refused
from curricula.models import EvidenceFile
from curricula.scanning import refuse_infected
from institutions.models import Institution, User

MEGABYTE = 1024 * 1024
SIZE_LIMIT = 10 * MEGABYTE
# The standard wants the header at the start and the mark of the end within the last bytes (ISO 32000-1, 7.5.2, 7.5.5).
HEADER, END, LAST = b"%PDF-", b"%%EOF", 1024


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
