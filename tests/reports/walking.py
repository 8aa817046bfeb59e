"""A list of the API from its first page to its last, as programs read it."""

from collections.abc import Iterator
from typing import Any

from django.test import Client


def walk(client: Client, address: str, **headers: str) -> Iterator[dict[str, Any]]:
    """Every row of every page of a list, by its address below /api/v1/."""
    following: str | None = f"/api/v1/{address}"
    while following:
        body = client.get(following, headers=headers or None).json()
        yield from body["results"]
        following = body["next"]
