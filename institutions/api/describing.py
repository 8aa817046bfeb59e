"""What the schema says of every address that needs a key: how it signs in, and the shape of its problems."""

from collections.abc import Iterable, Sequence
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from institutions.api.problems import MEDIA_TYPE


class Described(AutoSchema):
    """An operation of our APIs: what is announced to end is marked so."""

    def is_deprecated(self) -> bool:
        return getattr(self.view, "deprecation", None) is not None


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "institutions.api.bearing.Bearer"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of an institution, `qamtu_` and 43 letters and digits. A signatory makes it in the"
            " workspace, under Keys, with the scopes `read`, `write` and `submit`.",
        }


class OwnFaultSerializer(serializers.Serializer[Any]):
    pointer = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="The member of the body at fault, as a JSON pointer (RFC 6901).",
    )
    parameter = serializers.CharField(required=False, help_text="The parameter or header at fault.")
    row = serializers.IntegerField(required=False, help_text="In a list of rows: which, from 1.")
    column = serializers.CharField(required=False, help_text="Of a row: which of its columns.")
    cell = serializers.CharField(required=False, help_text="Of a spreadsheet: where it stands, as E14.")
    value = serializers.CharField(required=False, help_text="What stands there, shortened if it is long.")
    code = serializers.CharField(required=False, help_text="What is wrong, for programs.")
    programmes = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Programmes that it concerns, by code."
    )
    message = serializers.CharField(help_text="What is wrong, and the remedy, in the caller's language.")
    allowed = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="What may stand there, where that is a list."
    )


class OwnProblemSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457), in the language of `Accept-Language`: kk, ru or en."""

    type = serializers.CharField(help_text="`about:blank`: the status says it all.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong and what to do about it.")
    code = serializers.CharField(required=False, help_text="What is wrong, for programs; it stays the same.")
    current = serializers.DictField(
        required=False, help_text="With 412: what there is now, as a GET would answer."
    )
    etag = serializers.CharField(required=False, help_text="With 412: its `ETag`.")
    errors = OwnFaultSerializer(many=True, required=False)  # type: ignore[assignment]


PROBLEMS = {
    400: "The request can't be read.",
    401: "No key, or one that opens nothing (any more); `WWW-Authenticate` says how to ask.",
    403: "The key lacks the scope.",
    404: "The key's institution has no such thing.",
    406: "JSON was not asked for.",
    409: "A request with the same `Idempotency-Key` is under way; `Retry-After` says when to ask again.",
    412: "It was changed since the `ETag` in `If-Match`: `current` is what there is now.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "The request can't be carried out: `errors` names each fault, with the remedy.",
    428: "It is there already, and `If-Match` is missing.",
    429: "Too many requests by one key or from one address; `Retry-After` says when to ask again.",
    503: "The database does not answer.",
}
READING = (400, 401, 403, 404, 406, 429, 503)
WRITING = (*READING, 409, 413, 415, 422)

NO_KEY = OpenApiExample(
    "Without a key",
    value={
        "type": "about:blank",
        "title": "A key is needed",
        "status": 401,
        "detail": "Send the header “Authorization: Bearer” with a key of your institution.",
        "code": "no_key",
    },
    response_only=True,
    status_codes=["401"],
    media_type=MEDIA_TYPE,
)


def problems(codes: Iterable[int]) -> dict[Any, OpenApiResponse]:
    return {
        (code, MEDIA_TYPE): OpenApiResponse(OwnProblemSerializer, description=PROBLEMS[code])
        for code in codes
    }


def example(name: str, value: Any, status: int = 200) -> OpenApiExample:
    """Of an answer."""
    return OpenApiExample(
        name, value=value, response_only=True, status_codes=[str(status)], media_type="application/json"
    )


def sent(name: str, value: Any, media_type: str = "application/json") -> OpenApiExample:
    """Of a request."""
    return OpenApiExample(name, value=value, request_only=True, media_type=media_type)


def described(
    operation_id: str,
    summary: str,
    description: str,
    *,
    answers: dict[int, Any],
    examples: Sequence[OpenApiExample],
    codes: Iterable[int] = READING,
    request: Any = None,
    parameters: Sequence[OpenApiParameter] = (),
) -> Any:
    """An operation in full. `answers` are its successes by status: a serializer, or an OpenApiResponse."""
    successes = {(status, "application/json"): body for status, body in answers.items()}
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        description=description,
        tags=["own"],
        filters=False,
        request={"application/json": request} if request is not None else None,
        parameters=list(parameters),
        responses={**successes, **problems(sorted(codes))},
        examples=[*examples, NO_KEY],
    )
