"""What an address answers, without what names the request: the foreign is to be told from the missing by nothing."""

import re
from dataclasses import dataclass
from typing import Any

from django.test import Client

from tests.reports.permissions import within

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
OF_THE_REQUEST = {"X-Request-ID", "Content-Length", "ETag", "Expires"}  # the tag is of the body, as it was
TOKENS = re.compile(r'(name="csrfmiddlewaretoken" value="|nonce-|nonce="|X-CSRFToken": ")[\w+/=-]+')
VALUES = re.compile(r"""'(?:[^']|'')*'|\b\d+\b|"s\d+_x\d+\"""")  # names of savepoints, too


@dataclass(frozen=True)
class Said:
    status: int
    headers: dict[str, str]
    body: str
    queries: list[str]  # without their values


def said(
    client: Client,
    method: str,
    address: str,
    *named: Any,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Said:
    """`named` stand in the address; where they come again in the answer they are told apart from nothing else."""
    with within(client) as captured:
        answer = client.generic(method, address, body, content_type="application/json", headers=headers)
    content = b"".join(answer) if answer.streaming else answer.content
    texts = sorted({str(one) for one in named if not str(one).isdigit()}, key=len, reverse=True)

    def anonymous(text: str) -> str:
        text = text.replace(address, "/…").replace(address.partition("/en")[2] or address, "/…")
        for one in texts:
            text = text.replace(one, "…")
        return TOKENS.sub(r"\1…", text)

    return Said(
        answer.status_code,
        {
            name: anonymous(value)
            for name, value in sorted(answer.headers.items())
            if name not in OF_THE_REQUEST
        },
        anonymous(content.decode(errors="replace")),
        [VALUES.sub("?", query["sql"]) for query in captured.captured_queries],
    )


def differing(what: str, foreign: Said, missing: Said) -> list[str]:
    """Each way by which the one can be told from the other, as a sentence."""
    parts = {
        name: (getattr(foreign, name), getattr(missing, name))
        for name in ("status", "headers", "body", "queries")
    }
    return [f"{what}: {name}: {_apart(one, other)}" for name, (one, other) in parts.items() if one != other]


def _apart(one: Any, other: Any) -> str:
    texts = [str(one), str(other)]
    begins = next((at for at, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), min(map(len, texts)))
    return " / ".join(repr(text[max(0, begins - 60) : begins + 60]) for text in texts)
