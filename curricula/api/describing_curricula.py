"""What the schema says of curricula as documents."""

from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
)
from rest_framework import serializers

from curricula.documents.reading import STUDENTS_LIMIT
from curricula.models import AICategory, Component, CurriculumVersion, Cycle
from curricula.spreadsheets.columns import DESCRIPTION_LENGTH, SEMESTER_LIMIT, TITLE_LENGTH, URL_LENGTH
from institutions.api.describing import READING, WRITING, described, example, sent
from institutions.api.problems import MEDIA_TYPE


class LineSerializer(serializers.Serializer[Any]):
    """One discipline of a curriculum. Its closed lists may also be written as in the spreadsheet, in any language."""

    discipline_code = serializers.CharField(max_length=40, help_text="Code of the discipline.")
    discipline_title = serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        max_length=TITLE_LENGTH,
        help_text="A title in whichever language, for those who don't keep three.",
    )
    title_kk = serializers.CharField(
        required=False, allow_blank=True, max_length=TITLE_LENGTH, help_text="Title in Kazakh."
    )
    title_ru = serializers.CharField(
        required=False, allow_blank=True, max_length=TITLE_LENGTH, help_text="Title in Russian."
    )
    title_en = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=TITLE_LENGTH,
        help_text="Title in English. A new discipline needs one title; an empty one erases nothing.",
    )
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=DESCRIPTION_LENGTH, help_text="What it is about."
    )
    credits = serializers.RegexField(r"^[0-9]+(\.[0-9])?$", help_text="ECTS credits, from 1 to 30.")
    cycle = serializers.ChoiceField(choices=Cycle.choices, help_text="Cycle of disciplines.")
    component = serializers.ChoiceField(choices=Component.choices, help_text="Component of the cycle.")
    semester = serializers.IntegerField(
        min_value=1, max_value=SEMESTER_LIMIT, help_text="In which semester it is taught."
    )
    ai_category = serializers.ChoiceField(choices=AICategory.choices, help_text="What AI is in it.")
    evidence_url = serializers.CharField(
        required=False, allow_blank=True, max_length=URL_LENGTH, help_text="Where its syllabus can be read."
    )


class CurriculumBodySerializer(serializers.Serializer[Any]):
    """What is written of a curriculum. What else is read of it may be put back, and is passed over."""

    institution = serializers.CharField(required=False, help_text="Code of the institution; the key's own.")
    period = serializers.CharField(required=False, help_text="Code of the period; as in the address.")
    programme = serializers.CharField(required=False, help_text="Code of the programme; as in the address.")
    students = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=STUDENTS_LIMIT,
        help_text="How many study by it; null if not reported. Left out, it stays as it is.",
    )
    lines = LineSerializer(many=True, help_text="All of it, in its order; at most 300.")


class CurriculumSerializer(CurriculumBodySerializer):
    """The curriculum of one programme in one period."""

    version = serializers.IntegerField(help_text="Number of the version in the period.")
    state = serializers.ChoiceField(choices=CurriculumVersion.State.choices, help_text="How far it has come.")
    content_hash = serializers.CharField(
        allow_blank=True, help_text="SHA-256 of what was signed; empty for a draft."
    )


class CountsSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField(help_text="New.")
    changed = serializers.IntegerField(help_text="There before, and say something else.")
    removed = serializers.IntegerField(help_text="Dropped.")
    unchanged = serializers.IntegerField(help_text="As they were.")


class CodesSerializer(serializers.Serializer[Any]):
    added = serializers.ListField(child=serializers.CharField(), help_text="Codes of new disciplines.")
    changed = serializers.ListField(child=serializers.CharField(), help_text="Codes of those reworded.")


class TrialSerializer(serializers.Serializer[Any]):
    """What would happen; nothing was saved."""

    dry_run = serializers.BooleanField(help_text="True.")
    outcome = serializers.ChoiceField(
        choices=["added", "changed", "unchanged"],
        help_text="A draft would be begun, changed, or left as it is.",
    )
    lines = CountsSerializer(help_text="What would become of the lines.")
    disciplines = CodesSerializer(help_text="What would become of the disciplines themselves.")


EITHER = PolymorphicProxySerializer(
    component_name="CurriculumOrTrial",
    serializers=[CurriculumSerializer, TrialSerializer],
    resource_type_field_name=None,
)
LINE = {
    "discipline_code": "AI101",
    "title_kk": "Жасанды интеллект негіздері",
    "title_ru": "Основы искусственного интеллекта",
    "title_en": "Foundations of artificial intelligence",
    "description": "",
    "credits": "5.0",
    "cycle": "basic",
    "component": "university",
    "semester": 3,
    "ai_category": "foundations",
    "evidence_url": "https://kaznu.kz/syllabi/ai101.pdf",
}
CURRICULUM = {
    "institution": "kaznu",
    "period": "2025",
    "programme": "6B06102",
    "version": 1,
    "state": "draft",
    "content_hash": "",
    "students": 120,
    "lines": [LINE],
}
SENT = {"students": 120, "lines": [LINE]}
TRIAL = {
    "dry_run": True,
    "outcome": "changed",
    "lines": {"added": 1, "changed": 2, "removed": 0, "unchanged": 37},
    "disciplines": {"added": ["AI101"], "changed": []},
}
PERIOD = OpenApiParameter(
    "period",
    {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    OpenApiParameter.PATH,
    description="Code of the period: `2025` is the academic year 2025/26.",
)
PROGRAMME = OpenApiParameter(
    "programme",
    {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    OpenApiParameter.PATH,
    description="Code of the programme in the registry.",
)
DRY_RUN = OpenApiParameter("dry_run", bool, description="`true`: only say what would happen; save nothing.")
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` of what you have read. Needed where there is a draft.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="`*`: only if there is nothing yet."
)


def problem_example(name: str, status: int, body: dict[str, Any]) -> OpenApiExample:
    value = {"type": "about:blank", "status": status, **body}
    return OpenApiExample(
        name, value=value, response_only=True, status_codes=[str(status)], media_type=MEDIA_TYPE
    )


FAULTY = problem_example(
    "Faults",
    422,
    {
        "title": "The request can't be carried out as it is",
        "detail": "“5,5 ects” is not a number. Write 5.5.",
        "code": "faulty",
        "errors": [
            {
                "pointer": "/lines/3/credits",
                "code": "not_number",
                "row": 4,
                "column": "credits",
                "value": "5,5 ects",
                "message": "“5,5 ects” is not a number. Write 5.5.",
            }
        ],
    },
)
NOT_NOW = problem_example(
    "Awaits review",
    409,
    {
        "title": "It can't be changed now",
        "detail": "The curriculum of 6B06102 has been submitted and awaits review, so it can't be changed. "
        "Leave it out, or wait until it is returned or approved.",
        "code": "awaiting_review",
    },
)

GET = described(
    "get_own_curriculum",
    "The curriculum of a programme",
    "The draft, else what awaits review, else what was approved last in the period. Its `ETag` is of what it says.",
    answers={200: CurriculumSerializer},
    codes=READING,
    parameters=[PERIOD, PROGRAMME],
    examples=[example("A draft", CURRICULUM)],
)
PUT = described(
    "put_own_curriculum",
    "Replace the draft of a curriculum",
    "The whole draft: lines that the document lacks are dropped. It is checked as a spreadsheet is, by the same code,"
    " and saved whole or not at all; `errors` name each fault by its pointer. Where there is a draft, say by `If-Match`"
    " which state of it you have read. What awaits review is never changed (409); beside what is approved a new draft"
    " begins. The same document again changes nothing.",
    answers={
        200: OpenApiResponse(EITHER, description="As it is now. In a dry run: what would happen."),
        201: OpenApiResponse(CurriculumSerializer, description="A draft was begun."),
    },
    request=CurriculumBodySerializer,
    codes=(*WRITING, 412, 413, 428),
    parameters=[PERIOD, PROGRAMME, DRY_RUN, IF_MATCH, IF_NONE_MATCH],
    examples=[
        sent("All its lines", SENT),
        example("As it is now", CURRICULUM),
        example("In a dry run", TRIAL),
        example("A draft was begun", CURRICULUM, 201),
        FAULTY,
        NOT_NOW,
    ],
)
