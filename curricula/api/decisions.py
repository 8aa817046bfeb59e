"""What became of what was handed in: versions of curricula and submissions, with the ministry's decision and reason."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from curricula.models import CurriculumVersion, Submission
from institutions.api.base import KeyView
from institutions.api.describing import described, example
from institutions.api.listing import PAGING, check_parameters, moment_of, page, page_of
from institutions.api.problems import BadParameters, Fault

State = CurriculumVersion.State
PERIOD = OpenApiParameter(
    "period",
    {"type": "string", "pattern": "^[0-9]{4}$"},
    description="Code of the period, such as 2025 for 2025/26.",
)
SINCE = OpenApiParameter(
    "decided_since",
    {"type": "string", "format": "date-time"},
    description="What was decided at this moment or later, such as 2026-11-30T09:00:00Z.",
)


class OwnVersionSerializer(serializers.Serializer[Any]):
    programme = serializers.CharField(help_text="Code of the programme.")
    period = serializers.CharField(help_text="Code of the period.")
    number = serializers.IntegerField(min_value=1, help_text="Which version of the programme in the period.")
    state = serializers.ChoiceField(State.choices, help_text="Where it stands.")
    students = serializers.IntegerField(allow_null=True, min_value=0, help_text="How many study by it.")
    lines = serializers.IntegerField(min_value=0, help_text="How many lines it has.")
    ai_lines = serializers.IntegerField(min_value=0, help_text="How many of them are of an AI category.")
    edited_at = serializers.DateTimeField(allow_null=True, help_text="When it was written last.")
    submission = serializers.IntegerField(
        allow_null=True, help_text="Number of the submission that it is part of."
    )
    submitted_at = serializers.DateTimeField(allow_null=True, help_text="When it was signed.")
    decided_at = serializers.DateTimeField(allow_null=True, help_text="When the ministry decided.")
    reason = serializers.CharField(allow_blank=True, help_text="Why, in the reviewer's words.")
    valid_from = serializers.DateTimeField(allow_null=True, help_text="From when it counts.")
    valid_to = serializers.DateTimeField(
        allow_null=True, help_text="Until when; null while no newer one does."
    )
    content_hash = serializers.CharField(allow_blank=True, help_text="What the receipt vouches for.")


class OwnSubmissionSerializer(serializers.Serializer[Any]):
    receipt = serializers.CharField(help_text="Number of the receipt.")
    period = serializers.CharField(help_text="Code of the period.")
    number = serializers.IntegerField(min_value=1, help_text="Which submission of the period.")
    signed_at = serializers.DateTimeField(help_text="When it was signed.")
    state = serializers.ChoiceField(Submission.State.choices, help_text="Where the staff figures stand.")
    faculty_total = serializers.IntegerField(min_value=1, help_text="Faculty.")
    faculty_trained = serializers.IntegerField(
        min_value=0, help_text="Of them, who completed training in AI."
    )
    decided_at = serializers.DateTimeField(
        allow_null=True, help_text="When the ministry decided on the staff figures."
    )
    reason = serializers.CharField(allow_blank=True, help_text="Why, in the reviewer's words.")
    awaiting = serializers.IntegerField(min_value=0, help_text="Curricula of it that await a decision.")
    approved = serializers.IntegerField(min_value=0, help_text="Curricula of it that were approved.")
    returned = serializers.IntegerField(min_value=0, help_text="Curricula of it that were returned.")
    content_hash = serializers.CharField(allow_blank=True, help_text="What the receipt vouches for.")


VERSION = {
    "programme": "6B06102",
    "period": "2025",
    "number": 1,
    "state": "returned",
    "students": 412,
    "lines": 48,
    "ai_lines": 3,
    "edited_at": "2026-11-20T10:00:00Z",
    "submission": 1,
    "submitted_at": "2026-11-21T08:30:00Z",
    "decided_at": "2026-11-25T14:05:00Z",
    "reason": "AI101 has no link that shows it is taught.",
    "valid_from": None,
    "valid_to": None,
    "content_hash": "9f2b5c0d8e1a4b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c",
}
SUBMISSION = {
    "receipt": "QAMTU-2025-012-1",
    "period": "2025",
    "number": 1,
    "signed_at": "2026-11-21T08:30:00Z",
    "state": "approved",
    "faculty_total": 820,
    "faculty_trained": 455,
    "decided_at": "2026-11-25T14:00:00Z",
    "reason": "",
    "awaiting": 4,
    "approved": 51,
    "returned": 1,
    "content_hash": VERSION["content_hash"],
}


class OwnVersions(KeyView):
    @described(
        "list_own_versions",
        "Versions of your curricula, with the decisions",
        "Each state of each curriculum, in the order in which they were begun: what is drafted, what awaits the"
        " ministry, what it approved or returned, and why. A returned version is followed by a draft with its lines.",
        answers={200: page_of(OwnVersionSerializer)},
        parameters=[
            *PAGING,
            PERIOD,
            OpenApiParameter("programme", str, description="Code of a programme."),
            OpenApiParameter("state", str, enum=State.values, description="Where it stands."),
            SINCE,
        ],
        examples=[example("Versions", {"next": None, "results": [VERSION]})],
    )
    def get(self, request: Request) -> Response:
        rows = (
            CurriculumVersion.objects.filter(institution=self.institution)
            .select_related("programme", "period", "submission")
            .annotate(
                line_count=Count("lines"), ai_count=Count("lines", filter=~Q(lines__ai_category="none"))
            )
        )
        asked = ("period", "programme", "state", "decided_since")
        return page(request, narrowed(rows, request, asked), version, by="pk", parameters=asked)


class OwnSubmissions(KeyView):
    @described(
        "list_own_submissions",
        "Your submissions, with the decision on the staff figures",
        "Each signed package, in the order of signing, and how many of its curricula are decided.",
        answers={200: page_of(OwnSubmissionSerializer)},
        parameters=[*PAGING, PERIOD, SINCE],
        examples=[example("Submissions", {"next": None, "results": [SUBMISSION]})],
    )
    def get(self, request: Request) -> Response:
        rows = (
            Submission.objects.filter(institution=self.institution)
            .select_related("period")
            .annotate(
                **{
                    name: Count("versions", filter=Q(versions__state=state))
                    for name, state in (
                        ("awaiting", State.SUBMITTED),
                        ("approved", State.APPROVED),
                        ("returned", State.RETURNED),
                    )
                }
            )
        )
        asked = ("period", "decided_since")
        return page(request, narrowed(rows, request, asked), submission, by="pk", parameters=asked)


def narrowed(rows: QuerySet[Any], request: Request, known: tuple[str, ...]) -> QuerySet[Any]:
    asked = check_parameters(request, ("after", "page_size", *known))
    if "period" in asked:
        rows = rows.filter(period__code=asked["period"])
    if "programme" in asked:
        rows = rows.filter(programme__code=asked["programme"])
    if "state" in asked:
        if asked["state"] not in State.values:
            allowed = ", ".join(State.values)
            raise BadParameters(
                Fault("state", _("state: write one of %(known)s.") % {"known": allowed}, State.values)
            )
        rows = rows.filter(state=asked["state"])
    if "decided_since" in asked:
        rows = rows.filter(decided_at__gte=_moment(asked["decided_since"]))
    return rows


def _moment(text: str) -> datetime:
    moment = moment_of(text)
    if moment is None:
        sentence = _("decided_since: write a moment with its zone, such as 2026-11-30T09:00:00Z.")
        raise BadParameters(Fault("decided_since", sentence))
    return moment


def version(row: Any) -> dict[str, Any]:
    return {
        "programme": row.programme.code,
        "period": row.period.code,
        "number": row.number,
        "state": row.state,
        "students": row.students,
        "lines": row.line_count,
        "ai_lines": row.ai_count,
        "edited_at": row.edited_at,
        "submission": row.submission.number if row.submission else None,
        "submitted_at": row.submitted_at,
        "decided_at": row.decided_at,
        "reason": row.reason,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "content_hash": row.content_hash,
    }


def submission(row: Any) -> dict[str, Any]:
    return {
        "receipt": row.receipt_number,
        "period": row.period.code,
        "number": row.number,
        "signed_at": row.signed_at,
        "state": row.state,
        "faculty_total": row.faculty_total,
        "faculty_trained": row.faculty_trained,
        "decided_at": row.decided_at,
        "reason": row.reason,
        "awaiting": row.awaiting,
        "approved": row.approved,
        "returned": row.returned,
        "content_hash": row.content_hash,
    }
