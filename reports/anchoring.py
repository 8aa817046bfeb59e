"""Hashes of the trail that leave the house: each release carries the newest seal, and a public page the last one of
every day, so that whoever keeps a copy can show later that the chain had come so far, and that nothing up to there was
made anew.
"""

import json
import re
from datetime import date, datetime, time
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from institutions.trail import sealing
from reports.models import ReleaseFile

CARRIER = "datapackage.json"  # small, where release.json is as long as the release


class Anchor(NamedTuple):
    """The last seal of a day, in the country's time."""

    day: date
    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.day} {self.number}:{self.hash}"


def newest_anchor() -> str | None:
    """Number and hash of the newest seal, as they stand in a release."""
    seal = sealing.newest()
    return f"{seal.number}:{seal.hash}" if seal else None


def daily_anchors(before: date, most: int | None = None) -> list[Anchor]:
    """Those of all days before the one that is named, or of so many, newest first. A day without a seal has none.

    Of days that are over, so that they are the same whoever asks and however often on one day.
    """
    midnight = timezone.make_aware(datetime.combine(before, time.min))
    with connection.cursor() as cursor:
        # From the end of one day to that of the day before: as many steps in an index as there are days.
        cursor.execute(
            """
            WITH RECURSIVE days AS (
                (SELECT number, hash, sealed_at FROM institutions_trailseal
                    WHERE sealed_at < %(midnight)s ORDER BY sealed_at DESC LIMIT 1)
                UNION ALL
                SELECT earlier.* FROM days, LATERAL (
                    SELECT number, hash, sealed_at FROM institutions_trailseal
                    WHERE sealed_at < date_trunc('day', days.sealed_at, %(zone)s) ORDER BY sealed_at DESC LIMIT 1
                ) earlier
            )
            SELECT (sealed_at AT TIME ZONE %(zone)s)::date, number, hash FROM days LIMIT %(most)s
            """,
            {"midnight": midnight, "zone": timezone.get_default_timezone_name(), "most": most},
        )
        return [Anchor(*row) for row in cursor.fetchall()]


def read_anchor(text: str) -> tuple[int, str] | None:
    """Number and hash, with or without the day before them."""
    found = re.fullmatch(r"(?:\d{4}-\d\d-\d\d )?(\d+):([0-9a-f]{64})", text.strip())
    return (int(found[1]), found[2]) if found else None


def released_anchors() -> dict[int, str]:
    """Those of all releases, by the number of the seal."""
    files = ReleaseFile.objects.filter(name=CARRIER).values_list("content", flat=True)
    carried = (json.loads(bytes(content)).get("trail") for content in files.iterator())
    return dict(anchor for text in carried if text and (anchor := read_anchor(text)))
