"""Coverage by any combination of dimensions, as at any published moment: the same figures, none before its time."""

import csv
import io
from datetime import timedelta
from datetime import timezone as zones
from itertools import combinations
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from curricula.models import CurriculumVersion, Programme
from reports.crossing import PARTS, crossed, crossed_as_at
from reports.figures import Counts, as_at
from reports.models import Coverage, Release
from tests.factories import make_version

FIVE_HOURS_AHEAD = zones(timedelta(hours=5))

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def ask(client: Client, query: str = "") -> list[dict[str, Any]]:
    response = client.get(f"/api/v1/crossings/?{query}")
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()["results"]
    return rows


def iso(release: Release, **later: int) -> str:
    return (as_at(release) + timedelta(**later)).isoformat().replace("+00:00", "Z")


def test_the_kept_dimensions_are_counted_alike(release: Release) -> None:
    for dimension in ("nation", *PARTS, "region,level", "kind,level", "field,level"):
        by = [] if dimension == "nation" else dimension.split(",")
        kept = Coverage.objects.filter(snapshot=release.snapshot, dimension=dimension)
        expected = {
            (cell.requirement.code, cell.key): (cell.in_scope, cell.met, cell.exempt) for cell in kept
        }
        for cells in (
            crossed(release.snapshot, by),
            crossed_as_at(as_at(release), by, period=release.snapshot.period),
        ):
            found = {
                (c.requirement, c.key): (c.counts.in_scope, c.counts.met, c.counts.exempt) for c in cells
            }
            if dimension in ("kind,level", "field,level", "region,level"):
                assert len(found) == len(expected)
                assert sorted(found.values()) == sorted(expected.values())
            else:
                assert found == expected


def test_any_combination_can_be_asked_for(client: Client, release: Release) -> None:
    rows = ask(client, "by=language&by=region&by=level")
    assert {row["dimension"] for row in rows} == {"region,level,language"}
    assert sum(row["in_scope"] for row in rows) == ask(client)[0]["in_scope"] == 4
    assert all(row["release"] == release.number for row in rows)


def test_every_combination_sums_to_the_nation(release: Release) -> None:
    (nation,) = crossed(release.snapshot, [])
    for number in range(1, len(PARTS) + 1):
        for by in combinations(PARTS, number):
            cells = crossed(release.snapshot, by)
            assert cells == crossed_as_at(as_at(release), by, period=release.snapshot.period), by
            for outcome in ("met", "not_met", "no_data", "exempt"):
                found = sum(getattr(cell.counts, outcome) for cell in cells)
                assert found == getattr(nation.counts, outcome), (by, outcome)


@pytest.mark.parametrize(
    "query",
    ["by=colour", "by=", "by=region,level", "by=%00", "as_at=%00", "as_at=" + "9" * 60, "as_at=2026-03-01T12:00Z%00",
     "as_at=1e9", "as_at=-0001-01-01T00:00Z", "as_at=2026-03-01T12:00%2b99:00",
     "requirement=%27%20OR%201=1", "requirement=" + "x" * 61, "release=all", "release=0", "release=" + "9" * 12,
     "page_size=0", "page_size=-1", "page_size=x", "cursor=x", "cursor=%00", "dimension=region", "by=region&by=x"],
)  # fmt: skip
def test_hostile_questions_are_refused(client: Client, release: Release, query: str) -> None:
    response = client.get(f"/api/v1/crossings/?{query}")
    assert 400 <= response.status_code < 500, response.content


def test_a_part_that_is_asked_for_twice_counts_once(client: Client, release: Release) -> None:
    assert ask(client, "by=region&by=region") == ask(client, "by=region")


def test_a_past_moment_is_counted_from_history(client: Client, release: Release) -> None:
    approved = CurriculumVersion.objects.get(programme__code="6B06101").valid_from
    assert approved is not None
    before = crossed_as_at(approved - timedelta(microseconds=1), [], period=release.snapshot.period)
    just_then = crossed_as_at(approved, [], period=release.snapshot.period)
    assert [cell.counts for cell in before] == [Counts(no_data=4)]
    assert [cell.counts for cell in just_then] == [Counts(met=2, not_met=1, no_data=1)], "none is excused yet"
    (then,) = ask(client, f"as_at={iso(release)}")
    assert (then["met"], then["not_met"], then["no_data"], then["exempt"]) == (1, 1, 1, 1)


def test_what_is_not_released_yet_is_not_told(client: Client, release: Release) -> None:
    silent = Programme.objects.get(code="7M06103")
    make_version(silent, period=release.snapshot.period, state="approved")
    assert ask(client, f"as_at={iso(release)}")[0]["no_data"] == 1
    for moment in (
        iso(release, seconds=1),
        "9999-01-01T00:00Z",
        timezone.now().isoformat().replace("+00:00", "Z"),
    ):
        response = client.get("/api/v1/crossings/", {"as_at": moment})
        assert response.status_code == 400
        assert response.json()["errors"][0]["parameter"] == "as_at"


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-03-01", "2026-03-01T12:00", "0001-01-01T00:00+23:59", "2026-13-01T00:00Z"]
)
def test_what_is_no_moment_is_refused_with_the_remedy(client: Client, release: Release, text: str) -> None:
    response = client.get("/api/v1/crossings/", {"as_at": text})
    assert response.status_code == 400
    assert "2026-03-01T12:00Z" in response.json()["detail"]


@pytest.mark.parametrize("zone", ["+05:00", " 05:00", "%2B05:00"])
def test_a_moment_is_told_in_utc_whatever_zone_was_asked_for(
    client: Client, release: Release, zone: str
) -> None:
    at = as_at(release).astimezone(FIVE_HOURS_AHEAD).strftime("%Y-%m-%dT%H:%M:%S")
    earlier = client.get(f"/api/v1/crossings/?as_at={at}{zone}").json()["results"]
    assert earlier[0]["as_at"] == as_at(release).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def test_a_release_and_a_moment_are_not_asked_for_at_once(client: Client, release: Release) -> None:
    response = client.get("/api/v1/crossings/", {"as_at": iso(release), "release": "1"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "release"


def test_pages_as_at_a_moment_add_up(client: Client, release: Release) -> None:
    whole = ask(client, f"by=institution&by=level&as_at={iso(release)}")
    first = client.get(f"/api/v1/crossings/?by=institution&by=level&as_at={iso(release)}&page_size=2").json()
    assert first["results"] + client.get(first["next"]).json()["results"] == whole


def test_without_a_release_there_is_nothing_to_tell(client: Client, db: None) -> None:
    assert ask(client, "as_at=2026-03-01T12:00Z") == []


def test_pages_add_up(client: Client, release: Release) -> None:
    whole = ask(client, "by=institution&by=level")
    first = client.get("/api/v1/crossings/?by=institution&by=level&page_size=2").json()
    rest = client.get(first["next"]).json()
    assert [*first["results"], *rest["results"]] == whole


def test_the_command_prints_any_past_moment(release: Release) -> None:
    out = io.StringIO()
    call_command("coverage_as_at", iso(release), by="region,language", stdout=out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert {row["dimension"] for row in rows} == {"region,language"}
    assert sum(int(row["in_scope"]) for row in rows) == 4
    for wrong in (
        ["soon"],
        ["2999-01-01T00:00"],
        [iso(release), "--by", "colour"],
        [iso(release), "--period", "1"],
    ):
        with pytest.raises(CommandError):
            call_command("coverage_as_at", *wrong, stdout=io.StringIO())
