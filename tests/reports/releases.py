"""Releases for the tests of pages: a small country, its snapshot taken, verified and released by the real steps."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from curricula.models import Period
from institutions.models import Institution, User
from reports import releasing, snapshots, verifying
from reports.models import Release
from reports.reference import load_mandate
from tests.factories import make_period, make_programme, make_reviewer, make_version

PLAIN = ({"ai_category": "none"},)


def make_country(*outcomes: tuple[Institution, str, str], period: Period | None = None) -> None:
    """Programmes by outcome: `(kaznu, "6B06101", "met")`; the outcomes are met, not_met and no_data."""
    load_mandate()
    period = period or make_period()
    yesterday = timezone.now() - timedelta(days=1)
    for institution, code, outcome in outcomes:
        programme = make_programme(institution, code=code)
        if outcome == "met":
            make_version(programme, period=period, state="approved", at=yesterday)
        elif outcome == "not_met":
            make_version(programme, period=period, state="approved", at=yesterday, lines=PLAIN)


def make_release(*, by: User | None = None, as_at: datetime | None = None, **over: Any) -> Release:
    """What is in the database now (or was at a past moment), released and with its files."""
    load_mandate()
    snapshot = snapshots.request(period=make_period(), as_at=as_at)
    snapshot = verifying.verify(snapshots.take(snapshot.pk).pk)
    assert snapshot.state == "verified", snapshot.differences
    release = releasing.release(
        snapshot=snapshot, by=by or make_reviewer(), confirmed_by=make_reviewer(), **over
    )
    return releasing.prepare(release.pk)


def bring_forward(release: Release, *, seconds: int) -> datetime:
    """The same release, public so soon: nobody could make one within seconds of its time on a busy machine."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE reports_release SET publish_at = clock_timestamp() + make_interval(secs => %s) WHERE id = %s",
            [seconds, release.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    release.refresh_from_db()
    return release.publish_at
