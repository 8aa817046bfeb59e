"""The disciplines of the key's institution: written once, used in many curricula."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curricula.api.schema import IF_MATCH, ONCE, OwnTitlesSerializer
from curricula.disciplines import fingerprint, save_discipline
from curricula.forms.disciplines import DisciplineForm
from curricula.models import AICategory, Discipline, Programme
from institutions.api.base import KeyView
from institutions.api.bodies import etag_of, members_of, refuse_form, tagged, unfit
from institutions.api.conditions import require_match
from institutions.api.describing import WRITING, described, example, sent
from institutions.api.listing import PAGING, check_parameters, page, page_of
from institutions.api.problems import Problem, fault_at
from institutions.models import Institution

WRITABLE = (
    "title_kk", "title_ru", "title_en", "description", "credits", "language", "ai_category", "evidence_url",
)  # fmt: skip
LETTERS = "A-Za-zА-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі0-9_"
CODE = OpenApiParameter(
    "code",
    {"type": "string", "pattern": rf"^[{LETTERS}][{LETTERS} .,()+&\-]{{0,39}}$"},
    OpenApiParameter.PATH,
    description="Code of the discipline, as in your catalogue; a slash in it is written as `%2F`.",
)


class DisciplineBodySerializer(OwnTitlesSerializer):
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=5000, help_text="What students learn."
    )
    credits = serializers.DecimalField(
        4,
        1,
        required=False,
        allow_null=True,
        min_value=1,
        max_value=30,
        help_text="Usual ECTS credits.",
    )
    language = serializers.ChoiceField(
        Programme.Language.choices, required=False, allow_blank=True, help_text="Language of instruction."
    )
    ai_category = serializers.ChoiceField(
        AICategory.choices, help_text="What AI is in it; `none` if there is none."
    )
    evidence_url = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=500,
        help_text="A public page that shows that it is taught.",
    )


class OwnDisciplineSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="As in your catalogue.")
    title_kk = serializers.CharField(allow_blank=True, help_text="Title in Kazakh.")
    title_ru = serializers.CharField(allow_blank=True, help_text="Title in Russian.")
    title_en = serializers.CharField(allow_blank=True, help_text="Title in English.")
    description = serializers.CharField(allow_blank=True, help_text="What students learn.")
    credits = serializers.RegexField(r"^\d+\.\d$", allow_null=True, help_text="Usual ECTS credits.")
    language = serializers.ChoiceField(
        Programme.Language.choices, allow_blank=True, help_text="Language of instruction."
    )
    ai_category = serializers.ChoiceField(AICategory.choices, help_text="What AI is in it.")
    evidence_url = serializers.CharField(
        allow_blank=True, help_text="A public page that shows that it is taught."
    )
    has_evidence_file = serializers.BooleanField(
        help_text="Whether a PDF proves it; see `evidence/` below its address."
    )
    etag = serializers.CharField(help_text="What `If-Match` asks for.")


EXAMPLE = {
    "code": "AI101",
    "title_kk": "Жасанды интеллект негіздері",
    "title_ru": "Основы искусственного интеллекта",
    "title_en": "Foundations of artificial intelligence",
    "description": "Search, learning from data, neural networks, and what they are used for.",
    "credits": "5.0",
    "language": "mixed",
    "ai_category": "core",
    "evidence_url": "https://kaznu.example/syllabus/ai101",
    "has_evidence_file": False,
    "etag": '"0d3c1b2a84db8d2f0f9c8a0b1c2d3e4f"',
}
SENT = {name: EXAMPLE[name] for name in WRITABLE}


def shown(discipline: Discipline) -> dict[str, Any]:
    return {
        "code": discipline.code,
        **{name: getattr(discipline, name) for name in WRITABLE if name != "credits"},
        "credits": None if discipline.credits is None else f"{discipline.credits:.1f}",
        "has_evidence_file": discipline.evidence_file_id is not None,
    }


class OwnDisciplines(KeyView):
    @described(
        "list_own_disciplines",
        "Your disciplines",
        "Every discipline of the institution, by code.",
        answers={200: page_of(OwnDisciplineSerializer)},
        parameters=PAGING,
        examples=[example("Disciplines", {"next": None, "results": [EXAMPLE]})],
    )
    def get(self, request: Request) -> Response:
        rows = Discipline.objects.filter(institution=self.institution).defer("search")
        return page(request, rows, lambda discipline: tagged(shown(discipline)))


class OwnDiscipline(KeyView):
    @described(
        "get_own_discipline",
        "One of your disciplines",
        "What is written of it; the answer's `ETag` is what a write asks for.",
        answers={200: OwnDisciplineSerializer},
        parameters=[CODE],
        examples=[example("A discipline", EXAMPLE)],
    )
    def get(self, request: Request, code: str) -> Response:
        check_parameters(request, ())
        found = discipline_of(self.institution, code)
        if found is None:
            raise Problem(
                404,
                _("Your institution has no discipline %(code)s. PUT it here to add it.") % {"code": code},
                code="no_discipline",
            )
        return answered(found)

    @described(
        "put_own_discipline",
        "Add or replace a discipline",
        "The whole of it: what is left out becomes empty. The same checks as of the form; a PDF that proves it stays."
        " Lines of drafts that had the old link to evidence take the new one.",
        request=DisciplineBodySerializer,
        answers={200: OwnDisciplineSerializer, 201: OwnDisciplineSerializer},
        parameters=[CODE, IF_MATCH, ONCE],
        examples=[sent("All of it", SENT), example("Replaced", EXAMPLE), example("Added", EXAMPLE, 201)],
        codes=[*WRITING, 412, 428],
    )
    def put(self, request: Request, code: str) -> Response:
        check_parameters(request, ())
        found = discipline_of(self.institution, code, lock=True)
        discipline = found or Discipline(institution=self.institution, code=code)
        current = tagged(shown(discipline))
        require_match(request, current["etag"] if found else "", lambda: current)
        said = members_of(request, writable=WRITABLE, current=current)
        seen = fingerprint(discipline)
        hidden = {"code": code, "kept": discipline.evidence_file_id or "", "seen": seen}
        form = DisciplineForm({**said, **hidden}, instance=discipline, by=self.person)
        refuse_form(form)
        if form.instance.code != code:
            sentence = _("A code has no spaces beside one another, at its beginning or at its end: %(code)s.")
            raise unfit([fault_at("/code", sentence % {"code": form.instance.code}, code="code")])
        save_discipline(discipline=form.instance, seen=seen, by=self.person)
        return answered(discipline, is_new=found is None)


def disciplines_of(institution: Institution) -> QuerySet[Any]:
    return Discipline.objects.filter(institution=institution)


def discipline_of(institution: Institution, code: str, *, lock: bool = False) -> Discipline | None:
    """Locked, nobody writes it meanwhile; what is not there yet nobody adds meanwhile either."""
    rows = disciplines_of(institution).filter(code=code)
    if not lock:
        return rows.first()
    found: Discipline | None = rows.select_for_update(no_key=True, of=("self",)).first()
    if found is None:
        Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
        found = rows.select_for_update(no_key=True, of=("self",)).first()
    return found


def answered(discipline: Discipline, *, is_new: bool = False) -> Response:
    row = shown(discipline)
    headers = {"ETag": etag_of(row)}
    if is_new:
        headers["Location"] = reverse("api-own-discipline", args=[discipline.code])
    return Response(tagged(row), status=201 if is_new else 200, headers=headers)
