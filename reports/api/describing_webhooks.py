"""What the schema says of messages about releases; `reports.announcing` makes them."""

from typing import Any

from rest_framework import serializers

from institutions.api.describing_webhooks import described_webhook
from institutions.models import Webhook


class ToldReleaseSerializer(serializers.Serializer[Any]):
    release = serializers.IntegerField(min_value=1, help_text="Number of the release.")
    period = serializers.CharField(help_text="Code of the period.")
    state = serializers.ChoiceField([("published", "")], help_text="What became of it.")
    reason = serializers.CharField(
        allow_blank=True, help_text="Why it corrects another; empty if it does not."
    )
    corrects = serializers.IntegerField(
        allow_null=True, min_value=1, help_text="Number of the release that it corrects, or null."
    )
    url = serializers.URLField(help_text="Where it is read by API.")


PUBLISHED = described_webhook(
    Webhook.Event.PUBLISHED,
    "Published",
    "Figures have been published",
    "Also where they correct others.",
    data=ToldReleaseSerializer(),
    example={
        "release": 8,
        "period": "2025",
        "state": "published",
        "reason": "",
        "corrects": None,
        "url": "https://qamtu.example/api/v1/releases/8/",
    },
)
