"""What the schema says of messages to universities' systems: their bodies, and the headers that sign them."""

from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    OpenApiWebhook,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from institutions.models import WebhookDelivery

HEADERS = (
    ("webhook-id", "Number of the message, the same each time it is sent.", {"type": "string"}, "msg_9f2b5c0d8e1a4b7c"),
    ("webhook-timestamp", "When it was sent this time, in seconds since 1970.",
     {"type": "string", "pattern": "^[0-9]+$"}, "1770109932"),
    ("webhook-signature", "One or two signatures, parted by a space: `v1,` and HMAC-SHA256 of"
     " `webhook-id.webhook-timestamp.body` by the webhook's secret, in base64 (Standard Webhooks).",
     {"type": "string", "pattern": r"^v1,[A-Za-z0-9+/=]+( v1,[A-Za-z0-9+/=]+)?$"},
     "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="),
)  # fmt: skip


def described_webhook(
    event: str, name: str, summary: str, description: str, *, data: Any, example: dict[str, Any]
) -> OpenApiWebhook:
    """A message as it is sent: `data` is the serializer of its part that only this event has."""
    event = str(event)  # of an enumeration, which YAML does not know
    message = inline_serializer(
        f"{name}Message",
        {
            "type": serializers.ChoiceField([(event, "")], help_text="What has happened."),
            "timestamp": serializers.DateTimeField(help_text="When it happened."),
            "data": data,
        },
    )
    body = {"type": event, "timestamp": "2026-02-03T09:12:44.120391+00:00", "data": example}
    return OpenApiWebhook(
        name=event,
        decorator=extend_schema(
            operation_id=f"told_{event.replace('.', '_')}",
            summary=summary,
            description=description,
            tags=["webhooks"],
            request={"application/json": message},
            responses={
                "2XX": OpenApiResponse(description="Received. Anything else is tried again, for two days."),
                "410": OpenApiResponse(description="No more: the webhook is paused at once."),
            },
            examples=[OpenApiExample("A message", value=body)],
        ),
    )


class PingDataSerializer(serializers.Serializer[Any]):
    institution = serializers.CharField(help_text="Code of the institution.")
    webhook = serializers.IntegerField(min_value=1, help_text="Number of the webhook.")


PING = described_webhook(
    WebhookDelivery.PING,
    "Ping",
    "A test message",
    "A signatory has sent a test message. It is tried once.",
    data=PingDataSerializer(),
    example={"institution": "kaznu", "webhook": 1},
)


def with_headers(result: dict[str, Any], generator: Any, **_about: Any) -> dict[str, Any]:
    """A hook of drf-spectacular, which knows no parameters of webhooks, and collects components too soon for them."""
    result["components"] = generator.registry.build({})
    parameters = [
        {
            "in": "header",
            "name": name,
            "required": True,
            "description": said,
            "schema": schema,
            "example": example,
        }
        for name, said, schema, example in HEADERS
    ]
    for webhook in result.get("webhooks", {}).values():
        webhook["post"]["parameters"] = parameters
    return result
