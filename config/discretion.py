"""Keeps out of the log what opens a door: the secret parts of links that letters carry, and keys."""

import re
from collections.abc import MutableMapping
from typing import Any

# Of /ru/invitations/<token>/ and /ru/password/<whose>/<token>/ everything after the first word.
SECRET = re.compile(r"(/(?:invitations|password)/)[^\s\"'?#]*[A-Za-z0-9_-]{16,}[^\s\"'?#]*")
# A key's beginning may be told, by which people know it.
KEY = re.compile(r"(qamtu_[A-Za-z0-9]{8})[A-Za-z0-9]+")


def without_tokens(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A step of structlog: the same line, its texts without secrets."""
    for name, value in event.items():
        if isinstance(value, str) and ("/invitations/" in value or "/password/" in value):
            event[name] = SECRET.sub(r"\1…", value)
        if isinstance(value, str) and "qamtu_" in value:
            event[name] = KEY.sub(r"\1…", event[name])
    return event
