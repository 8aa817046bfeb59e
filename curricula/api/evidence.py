"""The PDF that proves that a discipline is taught: attached, asked after and taken off, as on the form."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curricula.api.disciplines import CODE, OwnDisciplineSerializer, answered, discipline_of
from curricula.api.disciplines import EXAMPLE as DISCIPLINE
from curricula.api.schema import ONCE
from curricula.disciplines import fingerprint, save_discipline
from curricula.evidence import SIZE_LIMIT, keep_evidence
from curricula.models import Discipline, EvidenceFile
from institutions.api.base import KeyView
from institutions.api.describing import READING, WRITING, described, example, sent
from institutions.api.listing import check_parameters
from institutions.api.parsing import raw
from institutions.api.problems import Problem

PDF = "application/pdf"


class OwnEvidenceSerializer(serializers.Serializer[Any]):
    discipline = serializers.CharField(help_text="Code of the discipline that it proves.")
    name = serializers.CharField(help_text="Name of the file, by which people download it.")
    size = serializers.IntegerField(min_value=0, help_text="In bytes.")
    sha256 = serializers.RegexField("^[0-9a-f]{64}$", help_text="SHA-256 of its content.")
    uploaded_at = serializers.DateTimeField(help_text="When it came in first.")


EXAMPLE = {
    "discipline": "AI101",
    "name": "syllabus-ai101.pdf",
    "size": 482_113,
    "sha256": "9f2b5c0d8e1a4b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c",
    "uploaded_at": "2026-11-20T10:00:00Z",
}
NAME = OpenApiParameter("name", {"type": "string", "minLength": 1, "maxLength": 255},
                        description="Name of the file; `evidence.pdf` unless told.")  # fmt: skip
_PUT = described(
    "put_own_evidence",
    "Attach the PDF that proves a discipline",
    "The file itself is the body, at most 10 MB. What it is, is seen by its content, as on the form. It takes the place"
    " of another; the same file again changes nothing. What was signed keeps the file that it had.",
    answers={200: OwnEvidenceSerializer},
    parameters=[CODE, NAME, ONCE],
    examples=[
        example("Attached", EXAMPLE),
        sent("A PDF", "%PDF-1.7 …", PDF),
    ],
    codes=WRITING,
)


class OwnEvidence(KeyView):
    """The evidence of one discipline."""

    parser_classes = (raw(PDF),)  # type: ignore[assignment]
    largest_body = SIZE_LIMIT

    @described(
        "get_own_evidence",
        "Which PDF proves a discipline",
        "Its name, size and hash: by the hash a program knows whether it has sent this very file.",
        answers={200: OwnEvidenceSerializer},
        parameters=[CODE],
        examples=[example("A PDF", EXAMPLE)],
        codes=READING,
    )
    def get(self, request: Request, code: str) -> Response:
        check_parameters(request, ())
        discipline = self._discipline(code)
        if discipline.evidence_file is None:
            raise Problem(
                404, _("No PDF proves %(code)s. PUT one here.") % {"code": code}, code="no_evidence"
            )
        return Response(shown(discipline, discipline.evidence_file))

    @extend_schema(request={PDF: {"type": "string", "format": "binary"}})
    @_PUT
    def put(self, request: Request, code: str) -> Response:
        name = file_name(check_parameters(request, ("name",)).get("name", ""))
        discipline = self._discipline(code, lock=True)
        content = request.data if isinstance(request.data, bytes) else b""
        file = SimpleUploadedFile(name, content, PDF)
        kept = keep_evidence(institution=self.institution, file=file, by=self.person)
        self._attach(discipline, kept)
        return Response(shown(discipline, kept))

    @described(
        "delete_own_evidence",
        "Take the PDF off a discipline",
        "What was signed keeps the file that it had. Where there is none, nothing changes. The discipline is answered.",
        answers={200: OwnDisciplineSerializer},
        parameters=[CODE],
        examples=[example("Without a PDF", DISCIPLINE)],
        codes=(*READING, 409),
    )
    def delete(self, request: Request, code: str) -> Response:
        check_parameters(request, ())
        discipline = self._discipline(code, lock=True)
        self._attach(discipline, None)
        return answered(discipline)

    def _attach(self, discipline: Discipline, kept: EvidenceFile | None) -> None:
        seen = fingerprint(discipline)
        discipline.evidence_file = kept
        save_discipline(discipline=discipline, seen=seen, by=self.person)

    def _discipline(self, code: str, *, lock: bool = False) -> Discipline:
        found = discipline_of(self.institution, code, lock=lock)
        if found is None:
            raise Problem(
                404, _("Your institution has no discipline %(code)s.") % {"code": code}, code="no_discipline"
            )
        return found


def file_name(text: str) -> str:
    """The last part of a path, of letters that can be printed, as Django takes it from a form."""
    name = "".join(filter(str.isprintable, text.replace("\\", "/").rpartition("/")[2])).strip()
    return name if name.strip(".") else "evidence.pdf"


def shown(discipline: Discipline, kept: EvidenceFile) -> dict[str, Any]:
    return {
        "discipline": discipline.code,
        "name": kept.file_name,
        "size": kept.size,
        "sha256": kept.sha256,
        "uploaded_at": kept.uploaded_at,
    }
