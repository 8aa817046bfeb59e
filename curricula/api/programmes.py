"""The programmes of the key's institution: all of what the registry says, of which the titles are its own to write."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curricula.api.schema import IF_MATCH, ONCE, OwnTitlesSerializer
from curricula.forms.naming import TITLES, TitlesForm
from curricula.models import Programme
from curricula.naming import name_programme
from institutions.api.base import KeyView
from institutions.api.bodies import etag_of, members_of, refuse_form, tagged
from institutions.api.conditions import require_match
from institutions.api.describing import READING, WRITING, described, example, sent
from institutions.api.listing import PAGING, check_parameters, page, page_of
from institutions.api.problems import Problem

CODE = OpenApiParameter(
    "code",
    {"type": "string", "pattern": r"^(6B|7M|8D)\d{5}$"},
    OpenApiParameter.PATH,
    description="Code of the programme.",
)


class OwnProgrammeSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="`6B06102` is level `6B`, direction `061`, number `02`.")
    title_kk = serializers.CharField(allow_blank=True, help_text="Title in Kazakh.")
    title_ru = serializers.CharField(allow_blank=True, help_text="Title in Russian.")
    title_en = serializers.CharField(allow_blank=True, help_text="Title in English.")
    level = serializers.ChoiceField(Programme.Level.choices, help_text="Its level.")
    direction = serializers.CharField(help_text="Direction of training, of the classifier.")
    language = serializers.ChoiceField(Programme.Language.choices, help_text="Language of instruction.")
    is_ai_dedicated = serializers.BooleanField(
        help_text="Whether it is about artificial intelligence as a whole."
    )
    active_from = serializers.DateField(help_text="The first day on which it is taught.")
    active_to = serializers.DateField(allow_null=True, help_text="The last day; null while that is open.")
    etag = serializers.CharField(help_text="What `If-Match` asks for.")


EXAMPLE = {
    "code": "6B06102",
    "title_kk": "Жасанды интеллект",
    "title_ru": "Искусственный интеллект",
    "title_en": "Artificial intelligence",
    "level": "6B",
    "direction": "061",
    "language": "mixed",
    "is_ai_dedicated": True,
    "active_from": "2020-09-01",
    "active_to": None,
    "etag": '"5f1d7a84db8d2f0f9c8a0b1c2d3e4f50"',
}


def shown(programme: Programme) -> dict[str, Any]:
    return {
        "code": programme.code,
        **{name: getattr(programme, name) for name in TITLES},
        "level": programme.level,
        "direction": programme.direction.code,
        "language": programme.language,
        "is_ai_dedicated": programme.is_ai_dedicated,
        "active_from": programme.active_from.isoformat(),
        "active_to": programme.active_to.isoformat() if programme.active_to else None,
    }


class OwnProgrammes(KeyView):
    @described(
        "list_own_programmes",
        "Your programmes",
        "Every programme that the registry has of the institution, by code, those that have ended among them.",
        answers={200: page_of(OwnProgrammeSerializer)},
        parameters=PAGING,
        examples=[example("Programmes", {"next": None, "results": [EXAMPLE]})],
    )
    def get(self, request: Request) -> Response:
        return page(request, programmes_of(self), lambda programme: tagged(shown(programme)))


class OwnProgramme(KeyView):
    @described(
        "get_own_programme",
        "One of your programmes",
        "What the registry says of it; the answer's `ETag` is what a write asks for.",
        answers={200: OwnProgrammeSerializer},
        parameters=[CODE],
        examples=[example("A programme", EXAMPLE)],
        codes=READING,
    )
    def get(self, request: Request, code: str) -> Response:
        check_parameters(request, ())
        return answered(programme_of(self, code))

    @described(
        "put_own_programme",
        "Write the titles of a programme",
        "Replaces the titles; one that is left out becomes empty. The rest of a programme is the ministry's register,"
        " by which figures count: it may be sent back as it was read, and is refused if it differs. A programme that"
        " the register lacks is entered by the ministry.",
        request=OwnTitlesSerializer,
        answers={200: OwnProgrammeSerializer},
        parameters=[CODE, IF_MATCH, ONCE],
        examples=[sent("Titles", {name: EXAMPLE[name] for name in TITLES}), example("A programme", EXAMPLE)],
        codes=[*WRITING, 412, 428],
    )
    def put(self, request: Request, code: str) -> Response:
        check_parameters(request, ())
        programme = programme_of(self, code, lock=True)
        current = tagged(shown(programme))
        require_match(request, current["etag"], lambda: current)
        form = TitlesForm(members_of(request, writable=TITLES, current=current))
        refuse_form(form)
        name_programme(programme=programme, by=self.person, **form.cleaned_data)
        return answered(programme_of(self, code))


def programmes_of(view: KeyView) -> QuerySet[Any]:
    return Programme.objects.filter(institution=view.institution).select_related("direction")


def programme_of(view: KeyView, code: str, *, lock: bool = False) -> Programme:
    rows = programmes_of(view)
    found: Programme | None = (
        (rows.select_for_update(no_key=True, of=("self",)) if lock else rows).filter(code=code).first()
    )
    if found is None:
        raise Problem(
            404,
            _("The registry has no programme %(code)s of your institution. The ministry enters programmes.")
            % {"code": code},
            code="no_programme",
        )
    return found


def answered(programme: Programme) -> Response:
    row = shown(programme)
    return Response(tagged(row), headers={"ETag": etag_of(row)})
