"""The last hash of the trail of each day is public, renewed every day, and proves later that nothing was cut off."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from institutions.models import TrailSeal
from institutions.trail import sealing
from reports.anchoring import Anchor, daily_anchors, read_anchor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

ZONE = ZoneInfo(settings.TIME_ZONE)
TODAY = date(2026, 12, 2)


def seal(sealed_at: datetime) -> TrailSeal:
    last = sealing.newest()
    number = last.number + 1 if last else 1
    made = TrailSeal(
        number=number, previous=last.hash if last else "", table="institutions_regionevent", after_id=number,
        upto_id=number + 1, rows=1, columns=["pgh_id"], digest=f"{number:064x}", sealed_at=sealed_at,
    )  # fmt: skip
    made.hash = sealing.hash_of(made)
    made.save(force_insert=True)
    return made


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def test_each_day_that_is_over_has_its_last_seal() -> None:
    yesterday, before = TODAY - timedelta(days=1), TODAY - timedelta(days=4)
    seal(at(before, 9))
    last_before = seal(at(before, 23, 59))
    seal(at(yesterday, 0))
    last = seal(at(yesterday, 23, 59))
    seal(at(TODAY, 0))
    assert daily_anchors(TODAY) == [
        Anchor(yesterday, last.number, last.hash),
        Anchor(before, last_before.number, last_before.hash),
    ]
    assert daily_anchors(TODAY, 1) == daily_anchors(TODAY)[:1]
    assert daily_anchors(before) == []


@given(minutes=st.lists(st.integers(0, 60 * 24 * 12), max_size=30), before=st.integers(0, 13))
def test_however_seals_lie_they_are_those_of_plain_counting(minutes: list[int], before: int) -> None:
    first = date(2026, 11, 20)
    with transaction.atomic():
        made = [seal(at(first, 0) + timedelta(minutes=minute)) for minute in sorted(minutes)]
        last = {one.sealed_at.astimezone(ZONE).date(): one for one in made}
        until = first + timedelta(days=before)
        counted = [Anchor(day, one.number, one.hash) for day, one in last.items() if day < until]
        assert daily_anchors(until) == counted[::-1]
        transaction.set_rollback(True)


def test_the_page_shows_them_in_every_language_and_the_file_has_all(client: Client) -> None:
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), datetime.min.time()))
    made = [seal(midnight - timedelta(days=days, hours=1)) for days in reversed(range(40))]
    today = seal(midnight)
    for language in ("kk", "ru", "en"):
        shown = client.get(f"/{language}/trail/").content.decode()
        assert [one.hash in shown for one in made] == [False] * 9 + [True] * 31
        assert today.hash not in shown
        file = client.get(f"/{language}/trail/hashes.txt").content.decode()
        assert [read_anchor(line) for line in file.splitlines()] == [
            (one.number, one.hash) for one in made[::-1]
        ]


def test_the_page_is_another_the_next_day_though_nothing_was_released(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = seal(timezone.now())
    first = client.get("/en/trail/")
    assert last.hash not in first.content.decode()
    assert "No day with a seal is over yet" in first.content.decode()
    assert client.get("/en/trail/", headers={"if-none-match": first["ETag"]}).status_code == 304

    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda: tomorrow)
    again = client.get("/en/trail/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 200
    assert last.hash in again.content.decode()


def test_years_of_days_are_one_query_that_looks_up_each_by_an_index(client: Client) -> None:
    for days in reversed(range(1, 61)):
        for hour in (9, 15):
            seal(at(TODAY - timedelta(days=days), hour))
    with CaptureQueriesContext(connection) as captured:
        assert len(daily_anchors(TODAY)) == 60
    assert len(captured) == 1
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # as with a table that is not small
        cursor.execute(f"EXPLAIN {captured[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert plan.count("trail_seal_by_day") == 2
    assert "Sort" not in plan
