"""What machines ask: is the process there, can its figures be trusted, how is it doing."""

import hmac
from datetime import datetime
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Min
from django.db.models.functions import Greatest, Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django_prometheus.exports import ExportToDjangoView

from curricula.models import Import
from institutions.models import Generation, Heartbeat, Letter
from reports import live
from reports.models import Release, Snapshot

# In seconds. A heart beats every 15 s and a sweep passes every 30 s: these are missed several times before it counts.
HEARTBEAT_LIMIT = 60
OUTSTANDING_LIMIT = 600
STALE_LIMIT = 120
# For so long it is told that the nightly count found live figures wrong; they are counted anew at once.
DIFFERED_FOR = 3600


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; whatever else may be wrong, restarting it would not help."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether the figures can be trusted to be up to date (200) or not (503), and what speaks against it."""
    report = {"redis": redis_answers(), **database_report()}
    problems = complaints(report)
    return JsonResponse(
        {"ready": not problems, "problems": problems, **report}, status=503 if problems else 200
    )


def database_report() -> dict[str, Any]:
    """Ages in seconds, by the database's own clock. What can't be read is null, and counts as a complaint."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '3s'")
            beats = {
                name: (at - beat_at).total_seconds()
                for name, beat_at, at in Heartbeat.objects.filter(name__in=["worker", live.DIFFERED])
                .annotate(at=Now())
                .values_list("name", "beat_at", "at")
            }
            oldest = oldest_outstanding()
            stale = Generation.objects.stale()
            since = stale.aggregate(at=Min("stale_since"))["at"]
            return {
                "database": True,
                "worker_heartbeat_age": beats.get("worker"),
                "oldest_outstanding_age": age(oldest),
                "stale_scopes": stale.count(),
                "oldest_stale_age": age(since),
                "oldest_letter_age": age(Letter.objects.outstanding().aggregate(at=Min("created_at"))["at"]),
                "live_differed_age": beats.get(live.DIFFERED),
            }
    except DatabaseError:
        return {
            "database": False,
            "worker_heartbeat_age": None,
            "oldest_outstanding_age": None,
            "stale_scopes": None,
            "oldest_stale_age": None,
            "oldest_letter_age": None,
            "live_differed_age": None,
        }


# A preview that somebody has confirmed waits since then, not since it was uploaded.
IMPORT_WAITS_SINCE = Greatest("uploaded_at", "planned_at", "confirmed_at")


def oldest_outstanding() -> datetime | None:
    """Since when the oldest work waits that somebody asked for: an import, a snapshot, the files of a release."""
    asked = (
        Import.objects.outstanding().aggregate(at=Min(IMPORT_WAITS_SINCE))["at"],
        Snapshot.objects.outstanding().aggregate(at=Min("requested_at"))["at"],
        Release.objects.outstanding().aggregate(at=Min("released_at"))["at"],
    )
    return min((moment for moment in asked if moment), default=None)


def complaints(report: dict[str, Any]) -> list[str]:
    """Sentences about what is wrong, for whoever is woken by them; none if all is well."""
    if not report["database"]:
        return ["The database does not answer."]
    problems = []
    if not report["redis"]:
        problems.append("Redis does not answer.")
    beat = report["worker_heartbeat_age"]
    if beat is None:
        problems.append("No worker has done any work yet.")
    elif beat > HEARTBEAT_LIMIT:
        problems.append(f"No worker has done any work for {beat:.0f} s.")
    waited = report["oldest_outstanding_age"] or 0
    if waited > OUTSTANDING_LIMIT:
        problems.append(f"An import, a snapshot or a release's files have been waiting for {waited:.0f} s.")
    if (report["oldest_stale_age"] or 0) > STALE_LIMIT:
        problems.append(f"Live figures have been out of date for {report['oldest_stale_age']:.0f} s.")
    differed = report["live_differed_age"]
    if differed is not None and differed < DIFFERED_FOR:
        problems.append(
            f"Live figures differed from a full recomputation {differed:.0f} s ago; they were counted anew."
            " See what the worker logged."
        )
    return problems


def age(moment: Any) -> float | None:
    return None if moment is None else max(0.0, (timezone.now() - moment).total_seconds())


def redis_answers() -> bool:
    if settings.REDIS_URL.startswith("filesystem://"):
        return True  # there is none, and none is needed
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry=None
    )
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


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
        return HttpResponse("Not found\n", status=404, content_type="text/plain")
    response: HttpResponse = ExportToDjangoView(request)
    return response
