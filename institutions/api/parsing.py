"""Bodies of requests: as JSON, or as they are."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser

from institutions.api.problems import Problem, fault_at
from institutions.strict_json import Unreadable, read


class StrictJSON(BaseParser):
    """What `read` takes; anything else is Problem 400 with the place of the fault."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return read(stream.read())
        except Unreadable as error:
            place = f"{error.pointer[:200]}: " if error.pointer else ""
            faults = [] if error.pointer is None else [fault_at(error.pointer, error.sentence)]
            raise Problem(400, place + error.sentence, code="unreadable", faults=faults) from error


def raw(media_type: str) -> type[BaseParser]:
    """A parser that takes a body of this type in as it is: what it holds is seen by whoever keeps it."""

    class Raw(BaseParser):
        def parse(  # type: ignore[override]
            self,
            stream: IO[bytes],
            media_type: str | None = None,
            parser_context: Mapping[str, Any] | None = None,
        ) -> bytes:
            return stream.read()

    Raw.media_type = media_type
    return Raw
