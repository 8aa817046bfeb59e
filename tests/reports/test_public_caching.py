"""Pages that shared caches may hold: validators, no cookies, and a copy that is good no longer."""

import csv
import io
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curricula.models import Field, Programme
from institutions.models import FormerName, Institution, Region
from reports.models import EffortEntry, FieldOccupation, Mandate, ReferenceValue, Requirement, Target
from tests.factories import make_institution, three_names
from tests.reports.entries import make_effort_entry
from tests.reports.releases import bring_forward, make_country, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def country() -> Institution:
    institution = make_institution(code="kaznu")
    make_country(
        (institution, "6B06101", "met"), (institution, "6B06102", "not_met"), (institution, "6B06103", "met")
    )
    return institution


def again(client: Client, path: str, etag: str) -> int:
    return client.get(path, headers={"if-none-match": etag}).status_code


def test_a_page_is_the_same_for_everybody(client: Client, country: Institution) -> None:
    make_release()
    response = client.get("/en/")
    assert "Cookie" not in response["Vary"]
    assert not response.cookies
    assert "public" in response["Cache-Control"]
    assert "Last-Modified" not in response, "a name may change after the release"


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_a_copy_that_is_still_good_costs_one_query(client: Client, country: Institution) -> None:
    make_release()
    etag = client.get("/en/institutions/kaznu/")["ETag"]
    assert queries(client, "/en/institutions/kaznu/") == 1
    with CaptureQueriesContext(connection) as captured:
        assert again(client, "/en/institutions/kaznu/", etag) == 304
    assert len(captured) == 1


def test_a_new_release_a_new_name_another_language_or_filter_make_a_new_page(
    client: Client, country: Institution
) -> None:
    make_release()
    etag = client.get("/en/institutions/")["ETag"]
    assert again(client, "/en/institutions/", etag) == 304
    assert again(client, "/kk/institutions/", etag) == 200
    assert again(client, "/en/institutions/?q=x", etag) == 200
    Institution.objects.filter(pk=country.pk).update(name_en="Renamed")
    assert again(client, "/en/institutions/", etag) == 200
    etag = client.get("/en/institutions/")["ETag"]
    make_release()
    assert again(client, "/en/institutions/", etag) == 200


@pytest.mark.parametrize("model", [Region, Field, Programme, Mandate, Requirement, Target, ReferenceValue])
def test_whatever_is_named_or_drawn_on_a_page_makes_a_new_one_when_it_is_edited(
    client: Client, country: Institution, model: Any
) -> None:
    make_release()
    Target.objects.create(
        requirement_code="ai-discipline", due_on=timezone.localdate(), share=1, **three_names("All")
    )
    ReferenceValue.objects.create(code="said", value=95, unit="count", stated_on=timezone.localdate())
    assert queries(client, "/en/") > 1
    assert queries(client, "/en/") == 1
    row = model.objects.first()
    changed = {"text_en": "Renamed"} if model is ReferenceValue else {"name_en": "Renamed"}
    changed = {"title_en": "Renamed"} if model is Programme else changed
    model.objects.filter(pk=row.pk).update(**changed)
    assert queries(client, "/en/") > 1


@pytest.mark.parametrize("model", [FormerName, Target, ReferenceValue, FieldOccupation, EffortEntry])
def test_whatever_the_ministry_may_delete_makes_a_new_page_when_it_is_deleted(
    client: Client, country: Institution, model: Any
) -> None:
    FormerName.objects.create(institution=country, name_en="Former")
    Target.objects.create(
        requirement_code="ai-discipline", due_on=timezone.localdate(), share=1, **three_names("All")
    )
    ReferenceValue.objects.create(code="said", value=95, unit="count", stated_on=timezone.localdate())
    make_effort_entry()
    FieldOccupation.objects.create(
        code="061-25", field=Programme.objects.all()[:1].get().direction, group="25"
    )
    make_release()
    client.get("/en/")
    assert queries(client, "/en/") == 1
    model.objects.all()[:1].get().delete()
    assert queries(client, "/en/") > 1


def test_what_is_edited_makes_only_those_pages_new_on_which_it_stands(
    client: Client, country: Institution
) -> None:
    make_release()
    listing, methodology = (client.get(f"/en/{page}/")["ETag"] for page in ("institutions", "methodology"))
    Institution.objects.filter(pk=country.pk).update(name_en="Renamed")
    assert again(client, "/en/institutions/", listing) == 200
    assert again(client, "/en/methodology/", methodology) == 304


def test_a_release_that_comes_out_after_a_newer_one_makes_a_new_page(
    client: Client, country: Institution
) -> None:
    make_release()
    upcoming = make_release(publish_at=timezone.now() + timedelta(days=1))
    make_release()
    at = bring_forward(upcoming, seconds=6)
    etag = client.get("/en/releases/")["ETag"]
    assert again(client, "/en/releases/", etag) == 304
    assert timezone.now() < at, "asked before its time"
    time.sleep((at - timezone.now()).total_seconds() + 0.1)
    assert again(client, "/en/releases/", etag) == 200


def test_pages_may_only_be_read(client: Client, country: Institution) -> None:
    make_release()
    assert client.post("/en/").status_code == 405
    assert client.head("/en/").status_code == 200


def test_the_table_of_a_release_has_six_places_and_no_share_without_a_denominator(
    client: Client, country: Institution
) -> None:
    release = make_release()
    response = client.get(f"/en/releases/{release.number}/coverage-institution.csv")
    assert "immutable" in response["Cache-Control"]
    [row] = csv.DictReader(io.StringIO(response.content.decode()))
    assert (row["key"], row["in_scope"], row["met"]) == ("kaznu", "3", "2")
    assert row["share"] == "0.666667"
    assert row["share_of_reported"] == "0.666667"


def test_a_page_weighs_little(client: Client, country: Institution) -> None:
    make_release()
    response = client.get("/kk/", headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) < 40_000


def test_robots_are_told_what_is_not_for_them(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response.status_code == 200
    assert b"Disallow: /kk/admin/" in response.content
