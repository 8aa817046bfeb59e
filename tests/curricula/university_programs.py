"""A university's own program that works with curricula as documents, and what it works with."""

import json
from typing import Any

from curricula.models import CurriculumVersion, Discipline, Line, Period, Programme
from tests.api_keys import Program


class University(Program):
    """Its program puts any JSON, or bytes that are none, with the tag of what it has read."""

    def put(self, address: str, body: Any, tag: str = "", **headers: str) -> Any:
        said = body if isinstance(body, bytes) else as_json(body)
        return super().put(address, said, **({"if_match": tag} if tag else {}), **headers)


def as_json(document: Any) -> bytes:
    return json.dumps(document, default=float).encode()


def address(programme: Programme, period: Period, query: str = "") -> str:
    return f"curricula/{period.code}/{programme.code}/{query}"


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (CurriculumVersion, Line, Discipline)]
