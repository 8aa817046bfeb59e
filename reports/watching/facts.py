"""What is so right now: read in one go, by the database's clock, and given up after some seconds."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import Greatest
from django.utils import timezone

from curricula.models import Import
from curricula.scanning import scanner_answers
from institutions.models import Generation, Heartbeat, Letter, Tally, TrailMark, WebhookDelivery
from institutions.tallying import SIGN_IN_REFUSED, TASK
from institutions.trail.guarding import unguarded
from institutions.wall.building import unprotected
from reports.models import Release, Snapshot

# A preview that somebody has confirmed waits since then, not since it was uploaded.
IMPORT_WAITS_SINCE = Greatest("uploaded_at", "planned_at", "confirmed_at")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Queue:
    """How many wait, and since when the oldest does."""

    waiting: int = 0
    since: datetime | None = None


@dataclass(frozen=True)
class Kept:
    """What `institutions.tallying` has counted of one kind: in all and today, and how long it took."""

    name: str
    detail: str
    within: float
    count: int
    seconds: float
    today: int
    seconds_today: float


@dataclass(frozen=True)
class Facts:
    """All that is watched. With `database` false nothing is known but `redis`, `scanner` and the room.

    `beats` are heartbeats by name; `queues` what waits, by kind; `stale` the institutions whose live figures wait.
    """

    at: datetime
    redis: bool
    scanner: bool | None  # for viruses; None where none is named
    room: tuple[int, int] | None  # bytes free and in all, where files are kept
    database: bool = False
    beats: Mapping[str, datetime] = field(default_factory=dict)
    queues: Mapping[str, Queue] = field(default_factory=dict)
    stale: Queue = Queue()
    letters_given_up: int = 0  # within a day
    messages_given_up: int = 0
    verified_at: datetime | None = None  # a snapshot, last
    refuted: int | None = None  # the newest snapshot that was judged, if it was refuted
    published_at: datetime | None = None  # the newest release
    sealed_at: datetime | None = None
    unguarded: tuple[str, ...] = ()
    connections: tuple[int, int] = (0, 1)  # in use, and at most
    kept: tuple[Kept, ...] = ()

    def age(self, moment: datetime | None) -> float | None:
        """In seconds; None where there is no moment."""
        return None if moment is None else max(0.0, (self.at - moment).total_seconds())

    def since(self, beat: str) -> float | None:
        """How many seconds ago a heart has beaten; None if it never has."""
        return self.age(self.beats.get(beat))

    def asked_for(self) -> float | None:
        """How long the oldest work waits that somebody asked for: an import, a snapshot, the files of a release."""
        since = [queue.since for name, queue in self.queues.items() if name in ASKED_FOR and queue.since]
        return self.age(min(since, default=None))

    def refused(self) -> dict[str, int]:
        """Failed sign-ins of today, by what was wrong."""
        return {one.detail: one.today for one in self.kept if one.name == SIGN_IN_REFUSED}

    def failed_tasks(self) -> int:
        return sum(one.today for one in self.kept if one.name == TASK and one.detail.endswith(" failed"))


ASKED_FOR = ("imports", "snapshots", "files")


def look() -> Facts:
    """Read everything: some twenty short queries."""
    known: dict[str, Any] = {
        "at": timezone.now(),
        "redis": redis_answers(),
        "scanner": scanner_answers(),
        "room": room(),
    }
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = '3s'")
            return Facts(**(known | {"database": True} | _database()))
    except DatabaseError:
        return Facts(**known)


def _database() -> dict[str, Any]:
    at, guards_off, connections = _server()
    judged = Snapshot.objects.filter(verified_at__isnull=False).order_by("-verified_at", "-pk")
    newest, state = judged.values_list("pk", "state").first() or (None, None)
    released = Release.objects.published().order_by("-number")
    recent = {"given_up_at__gte": at - DAY}
    return {
        "at": at,
        "beats": dict(Heartbeat.objects.values_list("name", "beat_at")),
        "queues": {
            "imports": _queue(Import.objects.outstanding(), IMPORT_WAITS_SINCE),
            "snapshots": _queue(Snapshot.objects.outstanding(), "requested_at"),
            "files": _queue(Release.objects.outstanding(), "released_at"),
            "letters": _queue(Letter.objects.outstanding(), "created_at"),
            "webhooks": _queue(WebhookDelivery.objects.due(), "next_try_at"),
        },
        "stale": _queue(Generation.objects.stale(), "stale_since"),
        "letters_given_up": Letter.objects.filter(**recent).count(),
        "messages_given_up": WebhookDelivery.objects.filter(**recent).count(),
        "verified_at": judged.verified().values_list("verified_at", flat=True).first(),
        "refuted": newest if state == Snapshot.State.REFUTED else None,
        "published_at": released.values_list("publish_at", flat=True).first(),
        "sealed_at": TrailMark.objects.values_list("marked_at", flat=True).first(),
        "unguarded": tuple(sorted({*unguarded(), *guards_off})),
        "connections": connections,
        "kept": _kept(),
    }


def _queue(rows: QuerySet[Any], since: Any) -> Queue:
    found = rows.aggregate(waiting=Count("pk"), since=Min(since))
    return Queue(**found)


def _server() -> tuple[datetime, list[str], tuple[int, int]]:
    """The database's clock, its tables with a rule that is switched off, its connections in use and at most."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT clock_timestamp(),
                ARRAY(SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
                    WHERE NOT tgisinternal AND tgenabled NOT IN ('O', 'A')
                        AND relnamespace = current_schema()::regnamespace),
                (SELECT sum(numbackends)::int FROM pg_stat_database),
                current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        """)
        at, guards_off, used, most = cursor.fetchone()
        return at, [*guards_off, *unprotected(cursor)], (used, most)


def _kept() -> tuple[Kept, ...]:
    today = Q(day=timezone.localdate())
    rows = (
        Tally.objects.values("name", "detail", "within")
        .annotate(
            all=Sum("count"),
            took=Sum("seconds"),
            today=Sum("count", filter=today, default=0),
            took_today=Sum("seconds", filter=today, default=0.0),
        )
        .order_by("name", "detail", "within")
    )
    return tuple(
        Kept(*row)
        for row in rows.values_list("name", "detail", "within", "all", "took", "today", "took_today")
    )


def room() -> tuple[int, int] | None:
    """Bytes free and in all on the disk of uploads and files; None where there is no such folder yet."""
    folder = Path(settings.MEDIA_ROOT)
    try:
        usage = shutil.disk_usage(folder if folder.exists() else folder.parent)
    except OSError:
        return None
    return usage.free, usage.total


def redis_answers() -> bool:
    if settings.REDIS_URL.startswith("filesystem://"):
        return True  # there is none, and none is needed
    import redis  # a large one, which web processes need for nothing else

    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry=None
    )
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()
