"""Where a program begins: whose key it has, and what that may do."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from institutions.api.base import KeyView
from institutions.api.describing import described, example
from institutions.api.listing import check_parameters
from institutions.models import ApiKey


class KeySerializer(serializers.ModelSerializer[ApiKey]):
    class Meta:
        model = ApiKey
        fields = ("name", "prefix", "scopes", "expires_at")
        read_only_fields = fields
        extra_kwargs = {
            "name": {"help_text": "Which program it is for."},
            "prefix": {"help_text": "How the key begins; by this the workspace and the trail name it."},
            "scopes": {"help_text": "What it may do."},
            "expires_at": {"help_text": "From when it opens nothing any more."},
        }


class OwnSerializer(serializers.Serializer[Any]):
    institution = serializers.CharField(help_text="Code of the institution that the key is of.")
    key = KeySerializer()


EXAMPLE = {
    "institution": "kaznu",
    "key": {
        "name": "Platonus",
        "prefix": "qamtu_3fK9aZ2p",
        "scopes": ["read", "write"],
        "expires_at": "2027-11-30T12:00:00Z",
    },
}


class Own(KeyView):
    @described(
        "get_own",
        "Whose key this is",
        "The institution that the key is of, and what the key may do until when. A good first question of a program.",
        answers={200: OwnSerializer},
        examples=[example("A key", EXAMPLE)],
    )
    def get(self, request: Request) -> Response:
        check_parameters(request, ())
        key = {name: getattr(self.key, name) for name in KeySerializer.Meta.fields}
        return Response({"institution": self.institution.code, "key": key})
