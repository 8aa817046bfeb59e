"""Parameters and members that several operations of an institution's own share."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` of what you have read; needed where it is there already (428 without). If it says something"
    " else by now, nothing is written, and 412 brings what there is.",
)
ONCE = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    description="A name for this request, such as a UUID. Sent again within a day under the same name, it is not done"
    " again: the first answer comes back, with `Idempotency-Replayed: true`. What was refused has no answer kept.",
)


class OwnTitlesSerializer(serializers.Serializer[Any]):
    title_kk = serializers.CharField(
        required=False, allow_blank=True, max_length=300, help_text="Title in Kazakh."
    )
    title_ru = serializers.CharField(
        required=False, allow_blank=True, max_length=300, help_text="Title in Russian."
    )
    title_en = serializers.CharField(
        required=False, allow_blank=True, max_length=300, help_text="Title in English."
    )
