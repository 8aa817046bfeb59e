"""Nothing of a release is public before its time, on no page; at its time it is everywhere at once, in copies too."""

import re
import time
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone

from institutions.models import Institution, User
from reports import releasing, snapshots, verifying
from reports.models import Release, ReleaseProposal, Snapshot
from reports.urls import urlpatterns
from tests.factories import make_period, make_programme, make_reviewer, make_version
from tests.reports.releases import bring_forward, make_release

pytestmark = pytest.mark.django_db

MARKER = "QupiaNote"

# Each public page, as a visitor would ask for it. A new one without an entry here fails the test below.
NEWEST = {
    "home": "/en/",
    "institution-list": "/en/institutions/",
    "institution": "/en/institutions/kaznu/",
    "institution-badge": "/en/institutions/kaznu/badge.svg",
    "institution-card": "/en/institutions/kaznu/card/",
    "region-list": "/en/regions/",
    "region": "/en/regions/KZ-71/",
    "field-list": "/en/fields/",
    "field": "/en/fields/06/",
    "work": "/en/work/",
    "effort": "/en/effort/",
    "discipline-list": "/en/disciplines/",
    "compare": "/en/compare/?institution=kaznu",
    "search": "/en/search/?q=kaznu",
    "release-list": "/en/releases/",
    "release-feed": "/en/releases/feed/",
    "methodology": "/en/methodology/",
    "downloads": "/en/downloads/",
}
FOR_GOOD = {
    "release": "/en/releases/1/",
    "card": "/en/releases/1/card.png",
    "release-programmes": "/en/releases/1/programmes/",
    "release-changes": "/en/releases/2/changes/",
    "release-table": "/en/releases/1/coverage-nation.csv",
    "release-file": "/en/releases/1/files/coverage.csv",
}
LISTED = {"discipline"}  # its address stands in the list
FILES_OF_THE_NEWEST = {"discipline-table": "/en/disciplines/table.csv"}
OF_MEMBERS = {"live-coverage"}
OF_NO_RELEASE = {"getting-started", "trail-days", "trail-hashes"}
API = [
    f"/api/v1/{name}/"
    for name in ("coverage", "indicators", "programmes", "institutions", "regions", "fields", "exposure")
]


def test_every_public_page_is_watched_here() -> None:
    named = {pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern)}
    assert named == {*NEWEST, *FOR_GOOD, *FILES_OF_THE_NEWEST} | LISTED | OF_MEMBERS | OF_NO_RELEASE


def newest(client: Client) -> list[str]:
    listed = re.search("/en/disciplines/[0-9a-f]{32}/", client.get("/en/disciplines/").content.decode())
    assert listed is not None
    return [*NEWEST.values(), listed[0]]


def everything(client: Client) -> dict[str, str]:
    """By address; a picture, too, reads as text of a kind."""
    paths = (*newest(client), *FOR_GOOD.values(), *FILES_OF_THE_NEWEST.values(), *API)
    return {path: client.get(path).content.decode("latin-1") for path in paths}


def another_snapshot() -> Snapshot:
    """Of what is approved only now, as always: no decision has a time before the moment of an earlier snapshot."""
    programme = make_programme(Institution.objects.get(code="kaznu"), code="6B06188")
    make_version(programme, state="approved")
    requested = snapshots.request(period=make_period())
    return verifying.verify(snapshots.take(requested.pk).pk)


def proposed(by: User, publish_at: datetime | None) -> ReleaseProposal:
    notes = dict.fromkeys(("kk", "ru", "en"), MARKER)
    return releasing.propose(snapshot=another_snapshot(), by=by, publish_at=publish_at, notes=notes)


def test_what_is_proposed_and_what_is_confirmed_for_later_and_what_is_withdrawn_is_on_no_page(
    client: Client, release: Release, lead: User, deputy: User
) -> None:
    before = everything(client)
    assert MARKER not in "".join(before.values())
    proposal = proposed(lead, timezone.now() + timedelta(days=1))
    assert everything(client) == before
    releasing.prepare(releasing.confirm(proposal=proposal, by=deputy).pk)
    assert everything(client) == before
    assert client.get("/en/releases/2/").status_code == 404
    releasing.withdraw(proposal=proposal, by=lead, reason="Later")
    assert everything(client) == before


def test_at_its_time_it_is_on_every_page_and_no_copy_outlives_the_one_before(
    client: Client, release: Release, lead: User, deputy: User
) -> None:
    proposal = proposed(lead, timezone.now() + timedelta(days=1))
    upcoming = releasing.prepare(releasing.confirm(proposal=proposal, by=deputy).pk)
    at = bring_forward(upcoming, seconds=12)
    for path in (*newest(client), *API):
        asked = timezone.now()
        answer = client.get(path)
        if asked < at - timedelta(seconds=1):
            assert parsedate_to_datetime(answer["Expires"]) <= at, path
            assert not shows_the_second(path, answer.content.decode()), path
    time.sleep(max((at - timezone.now()).total_seconds(), 0) + 0.1)
    for path in (*newest(client), *API):
        assert shows_the_second(path, client.get(path).content.decode()), path
    assert MARKER in client.get("/en/releases/2/").content.decode()


def shows_the_second(path: str, text: str) -> bool:
    return '"release":2' in text if path.startswith("/api") else "release 2" in text.lower()


def test_far_from_the_next_release_copies_are_good_for_a_minute(client: Client, release: Release) -> None:
    make_release(publish_at=timezone.now() + timedelta(days=1), by=make_reviewer())
    for path in ("/en/", "/api/v1/coverage/"):
        asked = timezone.now()
        expires = parsedate_to_datetime(client.get(path)["Expires"])
        assert timedelta(seconds=55) < expires - asked < timedelta(seconds=75), path  # a busy machine is slow
