"""What is not released is nowhere in what the public can read: no draft, no return, no release before its time."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from itertools import product
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone

from curricula.models import Programme
from institutions.models import Institution, User
from reports import releasing, snapshots, verifying
from reports.api.urls import urlpatterns
from reports.models import Release
from tests.factories import (
    make_discipline,
    make_import,
    make_member,
    make_programme,
    make_reviewer,
    make_submission,
    make_version,
)
from tests.reports.releases import make_country, make_release

pytestmark = pytest.mark.django_db

MARKER = "QupiaDraft"

# Every address of the API, as a visitor would ask for it. A new one without an entry here fails the test below.
ADDRESSES = {
    "api-root": "/api/v1/",
    "api-releases": "/api/v1/releases/",
    "api-release": "/api/v1/releases/1/",
    "api-coverage": "/api/v1/coverage/",
    "api-crossings": "/api/v1/crossings/",
    "api-indicators": "/api/v1/indicators/",
    "api-programmes": "/api/v1/programmes/",
    "api-disciplines": "/api/v1/disciplines/",
    "api-metadata": "/api/v1/metadata/",
    "api-export-coverage": "/api/v1/export/coverage/",
    "api-export-indicators": "/api/v1/export/indicators/",
    "api-export-programmes": "/api/v1/export/programmes/",
    "api-export-disciplines": "/api/v1/export/disciplines/",
    "api-movements": "/api/v1/movements/",
    "api-exposure": "/api/v1/exposure/",
    "api-institutions": "/api/v1/institutions/",
    "api-institution": "/api/v1/institutions/kaznu/",
    "api-regions": "/api/v1/regions/",
    "api-fields": "/api/v1/fields/",
    "api-requirements": "/api/v1/requirements/",
    "api-reference-values": "/api/v1/reference-values/",
}


def everything(client: Client) -> dict[str, str]:
    """All that is public, by address: each API address as JSON and CSV, the schema, and the files of releases."""
    found = {}
    for address, form in product(ADDRESSES.values(), ("", "?format=json", "?format=csv")):
        if not (address == "/api/v1/" and form.endswith("csv")):
            form = form.replace("=json", "=ndjson") if "/export/" in address else form
            response = client.get(f"{address}{form}")
            assert response.status_code == 200, (address, form)
            text = b"".join(response).decode()
            # A whole table comes in any order, another one each time.
            in_order = "\n".join(sorted(text.splitlines())) if "/export/" in address else text
            found[f"{address}{form}"] = in_order
            assert MARKER not in str(response.headers)
    found["schema"] = client.get("/api/v1/schema/").content.decode()
    for dimension in ("nation", "institution"):
        address = f"/en/releases/1/coverage-{dimension}.csv"
        found[address] = client.get(address).content.decode()
    for file in client.get("/api/v1/releases/1/").json()["files"]:
        found[file["address"]] = readable(client.get(file["address"]).content)
    return found


def readable(content: bytes) -> str:
    """The text of a file; of a workbook or a bundle that of all within."""
    if not content.startswith(b"PK"):
        return content.decode(errors="replace")
    with ZipFile(BytesIO(content)) as archive:
        return "".join(readable(archive.read(name)) for name in archive.namelist())


def plant_drafts(institution: Institution) -> None:
    """Every text that an institution or a reviewer can write before a release, with the marker in it."""
    secret = {f"title_{language}": f"{MARKER} {language}" for language in ("kk", "ru", "en")}
    discipline = make_discipline(institution, code=f"{MARKER}-1", description=MARKER, **secret)
    lines = (
        {"ai_category": "core", "discipline": discipline, "evidence_url": f"https://example.kz/{MARKER}"},
    )
    unreleased = make_programme(institution, code="6B06177", **secret)
    make_version(unreleased, lines=lines)
    known = Programme.objects.get(institution=institution, code="6B06101")
    make_version(known, lines=lines)
    returned = Programme.objects.get(institution=institution, code="6B06102")
    make_version(returned, lines=lines, state="returned", reason=f"{MARKER}: no evidence")
    silent = Programme.objects.get(institution=institution, code="7M06103")
    submission = make_submission(institution, note=MARKER, faculty_total=777_777, faculty_trained=7)
    make_version(silent, lines=lines, state="submitted", submission=submission)
    make_import(institution, file_name=f"{MARKER}.xlsx", failure=MARKER)


def test_every_address_of_the_api_is_watched_here() -> None:
    named = {pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern)}
    assert named == set(ADDRESSES)


@pytest.mark.parametrize("who", ["visitor", "editor of another", "editor of its own", "reviewer"])
def test_nothing_of_a_draft_is_in_any_answer_whoever_asks(client: Client, release: Release, who: str) -> None:
    kaznu = Institution.objects.get(code="kaznu")
    before = everything(client)
    plant_drafts(kaznu)
    signed_in: dict[str, Callable[[], User]] = {
        "editor of another": lambda: make_member(Institution.objects.get(code="satbayev"), "editor"),
        "editor of its own": lambda: make_member(kaznu, "editor"),
        "reviewer": make_reviewer,
    }
    if who in signed_in:
        client.force_login(signed_in[who]())
    after = everything(client)
    assert not [address for address, text in after.items() if MARKER in text or "777777" in text]
    assert after == before


def test_drafts_cannot_be_found_by_searching_for_them(client: Client, release: Release) -> None:
    plant_drafts(Institution.objects.get(code="kaznu"))
    for address in ("programmes/?search=qupia", "programmes/?code=6B06177", "institutions/?search=qupia"):
        assert client.get(f"/api/v1/{address}").json()["results"] == []


def released_for(when: str) -> Release:
    """A release that is not public: its time has not come, or its files are still being made."""
    kaznu = Institution.objects.get(code="kaznu")
    make_country((kaznu, "6B06188", "met"), (kaznu, "6B06189", "met"))
    notes = {"kk": MARKER, "ru": MARKER, "en": MARKER}
    if when == "tomorrow":
        return make_release(publish_at=timezone.now() + timedelta(days=1), notes=notes)
    snapshot = snapshots.request()
    snapshot = verifying.verify(snapshots.take(snapshot.pk).pk)
    return releasing.release(snapshot=snapshot, by=make_reviewer(), confirmed_by=make_reviewer(), notes=notes)


@pytest.mark.parametrize("when", ["tomorrow", "once its files are made"])
def test_a_release_before_its_time_is_nowhere(client: Client, release: Release, when: str) -> None:
    before = everything(client)
    hidden = released_for(when)
    assert everything(client) == before
    for name in ("coverage", "indicators", "programmes", "institutions", "regions", "fields", "requirements"):
        all_releases = "all" if name in ("coverage", "indicators", "programmes", "requirements") else "1"
        body = client.get(f"/api/v1/{name}/?release={all_releases}").content.decode()
        assert MARKER not in body
        assert "6B06188" not in body
        assert f'"release":{hidden.number}' not in body
        unknown = client.get(f"/api/v1/{name}/?release=99")
        assert same(client.get(f"/api/v1/{name}/?release={hidden.number}"), unknown)
    assert same(client.get(f"/api/v1/releases/{hidden.number}/"), client.get("/api/v1/releases/99/"))
    for name in ("files/coverage.csv", "files/release.json", "files/map-wide.svg", "coverage-nation.csv"):
        files = [client.get(f"/ru/releases/{number}/{name}") for number in (hidden.number, 99)]
        assert [answer.status_code for answer in files] == [404, 404]
        assert MARKER not in files[0].content.decode()


def same(answer: Any, other: Any) -> bool:
    changing = {"X-Request-ID"}
    headers = [
        {name: value for name, value in one.headers.items() if name not in changing}
        for one in (answer, other)
    ]
    return bool(answer.status_code == 404 and answer.content == other.content and headers[0] == headers[1])


def test_a_correction_before_its_time_is_not_told_of_what_it_corrects(
    client: Client, release: Release
) -> None:
    make_release(publish_at=timezone.now() + timedelta(days=1), corrects=release, correction_reason=MARKER)
    body = client.get("/api/v1/releases/1/")
    assert body.json()["corrected_by"] is None
    assert MARKER not in body.content.decode()


def test_what_is_kept_back_for_longer_is_not_in_the_charts_of_what_is_not(
    client: Client, release: Release
) -> None:
    """Release 2 comes out tomorrow, release 3 now: its series ends with its own point, and has no third."""
    released_for("tomorrow")
    third = make_release()
    drawing = client.get(f"/en/releases/{third.number}/files/series-wide.svg").content.decode()
    assert drawing.count('class="c-point') + drawing.count("<circle") == 2


def test_no_column_of_people_or_of_work_in_progress_is_public() -> None:
    """Each column of each table is named; none of them holds a person, a reason of a review, or a hash of a draft."""
    from reports import tables

    sources = {
        str(column.source)
        for table in vars(tables).values()
        if isinstance(table, tables.Table)
        for column in table.columns
    }
    forbidden = ("email", "password", "user", "_by", "reason", "note_", "draft", "content_hash", "evidence")
    allowed = {"correction_reason"}
    assert not [source for source in sources - allowed if any(word in source for word in forbidden)]
