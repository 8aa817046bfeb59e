"""What machines ask: is the process there, can its figures be trusted, how is it doing."""

import hmac
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django_prometheus.exports import ExportToDjangoView

from institutions.wall import beyond
from reports import live, watching
from reports.watching import counting
from reports.watching.matters import BACKED_UP, BACKUP_COMPARED


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; whatever else may be wrong, restarting it would not help."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether the figures can be trusted to be up to date (200) or not (503), and what speaks against it."""
    with beyond("ages and counts of what is left to do, whosever it is"):
        facts = watching.look()
    with translation.override("en"):
        found = watching.judge(facts)
    problems = [matter.said for matter in found if matter.doubts]
    besides = [matter.said for matter in found if not matter.doubts]
    return JsonResponse(
        {"ready": not problems, "problems": problems, "besides": besides, **report(facts)},
        status=503 if problems else 200,
    )


def report(facts: watching.Facts) -> dict[str, Any]:
    """Ages in seconds, by the database's own clock. What can't be read, and what never was, is null."""
    return {
        "redis": facts.redis,
        "database": facts.database,
        "worker_heartbeat_age": facts.since("worker"),
        "beat_heartbeat_age": facts.since("beat"),
        "oldest_outstanding_age": facts.asked_for(),
        "stale_scopes": facts.stale.waiting if facts.database else None,
        "oldest_stale_age": facts.age(facts.stale.since),
        "oldest_letter_age": facts.age(facts.queues["letters"].since) if facts.database else None,
        "live_differed_age": facts.since(live.DIFFERED),
        "backup_age": facts.since(BACKED_UP),
        "backup_verified_age": facts.since(BACKUP_COMPARED),
    }


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus: this machine itself, or whoever has the token. Others learn nothing, not even that it exists."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    known = settings.METRICS_TOKEN and hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
    # A proxy on this machine speaks for the whole world, and says so by this header.
    local = (
        request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"} and "X-Forwarded-For" not in request.headers
    )
    if not (known or local):
        return HttpResponse("Not found\n", status=404, content_type="text/plain; charset=utf-8")
    response: HttpResponse = ExportToDjangoView(request)
    with beyond("counts of everything, for whoever runs it"), translation.override("en"):
        response.content += counting.exposition()
    return response
