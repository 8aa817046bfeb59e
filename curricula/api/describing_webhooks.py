"""What the schema says of messages about decisions; `curricula.announcing` makes them."""

from typing import Any

from rest_framework import serializers

from curricula.models import CurriculumVersion, Submission
from institutions.api.describing_webhooks import described_webhook
from institutions.models import Webhook


class ToldCurriculumSerializer(serializers.Serializer[Any]):
    programme = serializers.CharField(help_text="Code of the programme.")
    version = serializers.IntegerField(min_value=1, help_text="Which version of it was decided on.")
    state = serializers.ChoiceField(CurriculumVersion.State.choices, help_text="What was decided.")
    url = serializers.URLField(help_text="Where it is read by API, with a key of the institution.")


class ToldStaffSerializer(serializers.Serializer[Any]):
    faculty_total = serializers.IntegerField(min_value=1, help_text="Faculty.")
    faculty_trained = serializers.IntegerField(min_value=0, help_text="Of them, trained in AI.")
    state = serializers.ChoiceField(Submission.State.choices, help_text="What was decided.")


class ToldDecisionSerializer(serializers.Serializer[Any]):
    institution = serializers.CharField(help_text="Code of the institution.")
    period = serializers.CharField(help_text="Code of the period.")
    submission = serializers.IntegerField(min_value=1, help_text="Which submission of the period.")
    state = serializers.ChoiceField(CurriculumVersion.State.choices, help_text="What was decided.")
    reason = serializers.CharField(
        allow_blank=True, help_text="Why, in the reviewer's words; empty if approved."
    )
    curricula = ToldCurriculumSerializer(many=True, help_text="Those that were decided on at once.")
    staff_figures = ToldStaffSerializer(allow_null=True, help_text="Null, unless this message is about them.")
    url = serializers.URLField(help_text="Where the submission is read by API.")
    page = serializers.URLField(help_text="Where people read it.")


EXAMPLE = {
    "institution": "kaznu",
    "period": "2025",
    "submission": 2,
    "state": "returned",
    "reason": "No evidence of AI101.",
    "curricula": [
        {
            "programme": "6B06102",
            "version": 3,
            "state": "returned",
            "url": "https://qamtu.example/api/v1/own/versions/?period=2025&programme=6B06102",
        }
    ],
    "staff_figures": None,
    "url": "https://qamtu.example/api/v1/own/submissions/?period=2025",
    "page": "https://qamtu.example/kk/workspace/kaznu/2025/submissions/2/",
}
RETURNED = described_webhook(
    Webhook.Event.RETURNED,
    "Returned",
    "Curricula or staff figures are returned",
    "One message for what one reviewer returns at once; the staff figures are one of their own.",
    data=ToldDecisionSerializer(),
    example=EXAMPLE,
)
APPROVED = described_webhook(
    Webhook.Event.APPROVED,
    "Approved",
    "Curricula or staff figures are approved",
    "One message for what one reviewer approves at once; the staff figures are one of their own.",
    data=ToldDecisionSerializer(),
    example=EXAMPLE
    | {
        "state": "approved",
        "reason": "",
        "curricula": [],
        "staff_figures": {"faculty_total": 820, "faculty_trained": 455, "state": "approved"},
    },
)
