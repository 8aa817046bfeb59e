"""Keys of institutions for tests, and a program that asks with one."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from institutions.inviting import digest_of
from institutions.models import ApiKey, Institution, User
from tests.factories import make_member, numbers


def make_api_key(
    institution: Institution, *scopes: str, secret: str = "", by: User | None = None, **over: Any
) -> ApiKey:
    """Serves for a year: `make_api_key(kaznu, "read", secret="qamtu_x")`; with all scopes unless told."""
    number = next(numbers)
    made_at = over.get("made_at") or timezone.now()
    by = by or make_member(institution, "signatory")
    return ApiKey.objects.create(
        **{
            "institution": institution,
            "name": f"Program {number}",
            "scopes": list(scopes) or ["read", "write", "submit"],
            "prefix": f"qamtu_{number:08}",
            "digest": digest_of(secret or f"qamtu_{number}"),
            "made_by": by,
            "made_at": made_at,
            "expires_at": made_at + timedelta(days=365),
            **({"revoked_by": by} if "revoked_at" in over else {}),
            **over,
        }
    )


class Program:
    """Asks an institution's own addresses with a key: `Program(kaznu).put("disciplines/AI101/", {...})`."""

    def __init__(self, institution: Institution, *scopes: str, **over: Any) -> None:
        secret = f"qamtu_of_program_{next(numbers)}"
        self.key = make_api_key(institution, *scopes, secret=secret, **over)
        self.client = Client(headers={"authorization": f"Bearer {secret}", "accept-language": "en"})

    def get(self, address: str = "", **headers: str) -> Any:
        return self.client.get(f"/api/v1/own/{address}", headers=_named(headers))

    def put(self, address: str, body: Any, **headers: str) -> Any:
        return self.client.put(
            f"/api/v1/own/{address}", body, content_type="application/json", headers=_named(headers)
        )

    def post(self, address: str, body: Any, **headers: str) -> Any:
        return self.client.post(
            f"/api/v1/own/{address}", body, content_type="application/json", headers=_named(headers)
        )


def _named(headers: dict[str, str]) -> dict[str, str]:
    """`if_match="…"` as the header If-Match."""
    return {name.replace("_", "-"): value for name, value in headers.items()}
