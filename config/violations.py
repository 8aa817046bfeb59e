"""Takes what browsers report of the content security policy: a line in the log and a count, nothing that is kept.

Anybody may send anything here, so little is read, little of it is written down, and not often from one address.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from prometheus_client import Counter
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from config.headers import CONTENT_SECURITY_POLICY

log = structlog.get_logger(__name__)

LARGEST = 16 * 1024
MOST_AT_ONCE = 10  # reports in one message
LONGEST = 200  # letters of what one says
VIOLATIONS = Counter(
    "qamtu_policy_violations", "What browsers kept from running, as they report", ["directive"]
)


class ByAddress(SimpleRateThrottle):
    """So many messages from one address, as seen by one web process."""

    rate = "30/min"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return f"violations-{self.get_ident(request)}"


@csrf_exempt
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """204 for whatever could be read, with or without a report in it; 413 and 429 where it is too much."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return HttpResponse(status=413)
    if not ByAddress().allow_request(Request(request), APIView()):
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    for report in reports(request.body):
        VIOLATIONS.labels(report["directive"]).inc()
        log.warning("policy violated", **report)
    return HttpResponse(status=204)


def reports(body: bytes) -> Iterator[dict[str, Any]]:
    """Of both forms (`report-uri`, and the Reporting API's array) what is worth a line."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return
    for one in found[:MOST_AT_ONCE] if isinstance(found, list) else [found]:
        said = isinstance(one, dict) and (one.get("csp-report") or one.get("body"))
        if isinstance(said, dict):
            yield {
                "directive": directive(said),
                "page": place(said, "document-uri", "documentURL"),
                "blocked": place(said, "blocked-uri", "blockedURL"),
                "source": place(said, "source-file", "sourceFile"),
                "line": text(said, "line-number", "lineNumber"),
            }


def directive(said: Mapping[str, Any]) -> str:
    """One of those in our policy: whoever makes up others makes no more counters."""
    named = text(said, "effective-directive", "effectiveDirective", "violated-directive").partition(" ")[0]
    named = named.removesuffix("-elem").removesuffix("-attr")
    return named if named in CONTENT_SECURITY_POLICY["DIRECTIVES"] else "other"


def place(said: Mapping[str, Any], *names: str) -> str:
    """An address without what stands after its path, where secrets may be."""
    found = text(said, *names)
    try:
        parts = urlsplit(found)
    except ValueError:
        return ""
    site = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{site}{parts.path}" if site else found.partition("?")[0]


def text(said: Mapping[str, Any], *names: str) -> str:
    found = next((said[name] for name in names if name in said), "")
    return str(found)[:LONGEST] if isinstance(found, str | int) else ""
