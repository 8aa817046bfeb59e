"""Copies of the API's answers: when one is still good, who may keep it, and what asking again costs."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from institutions.models import Institution
from reports.models import Release
from tests.factories import make_institution, make_programme, make_region, make_version
from tests.reports.releases import make_release

pytestmark = pytest.mark.django_db

ADDRESSES = (
    "releases/",
    "releases/1/",
    "coverage/?dimension=nation",
    "crossings/",
    "indicators/",
    "programmes/?search=6b",
    "disciplines/",
    "metadata/",
    "export/coverage/",
    "export/indicators/",
    "export/programmes/",
    "export/disciplines/?format=csv",
    "movements/",
    "exposure/",
    "institutions/",
    "institutions/kaznu/",
    "regions/",
    "fields/",
    "requirements/",
    "reference-values/",
)
# Queries by list: what is public, the rows, and for names their coverage.
QUERIES = {
    "releases/": 2,
    "releases/1/": 3,
    "coverage/": 2,
    "crossings/": 6,
    "indicators/": 2,
    "programmes/": 2,
    "disciplines/": 2,
    "metadata/": 1,
    # A table as a whole: a transaction and its time limit besides.
    "export/coverage/": 6,
    "export/programmes/": 9,
    "export/disciplines/": 6,
    "movements/": 4,
    "exposure/": 6,
    "institutions/": 3,
    "institutions/kaznu/": 6,
    "regions/": 3,
    "fields/": 3,
    "requirements/": 2,
    "reference-values/": 2,
}


def ask(client: Client, address: str, **headers: str) -> Any:
    return client.get(f"/api/v1/{address}", headers=headers or None)


def tag(client: Client, address: str, **headers: str) -> str:
    response = ask(client, address, **headers)
    b"".join(response)  # what is streamed and not read is a request that is not over
    found: str = response["ETag"]
    return found


@pytest.mark.parametrize("address", ADDRESSES)
def test_asking_again_costs_one_query_and_no_body(client: Client, release: Release, address: str) -> None:
    known = tag(client, address)
    with CaptureQueriesContext(connection) as queries:
        again = ask(client, address, **{"if-none-match": known})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", known)
    assert len(queries) == 1


@pytest.mark.parametrize("address", [one for one in QUERIES if one.endswith("s/") and "export" not in one])
def test_a_list_is_made_once_for_all_who_ask_the_same(client: Client, release: Release, address: str) -> None:
    first = ask(client, address)
    with CaptureQueriesContext(connection) as queries:
        again = ask(client, address)
    assert len(queries) == 1  # what is public
    assert (again.content, again["ETag"]) == (first.content, first["ETag"])
    changing = {"Expires", "X-Request-ID"}
    assert set(again.items()) ^ set(first.items()) <= {
        pair for one in (first, again) for pair in one.items() if pair[0] in changing
    }


def test_nobody_is_given_a_list_as_it_was(client: Client, release: Release) -> None:
    names = [ask(client, "institutions/").content]
    Institution.objects.filter(code="kaznu").update(name_en="Al-Farabi")
    names.append(ask(client, "institutions/").content)
    numbers = [row["release"] for row in ask(client, "coverage/").json()["results"]]
    newer = make_release()
    assert {row["release"] for row in ask(client, "coverage/").json()["results"]} == {newer.number}
    assert newer.number not in numbers
    assert names[0] != names[1]
    assert b"Al-Farabi" in names[1]


def test_what_was_made_before_counts_as_a_question_too(
    client: Client, release: Release, settings: Any
) -> None:
    cache.clear()
    settings.API_RATE = "2/min"
    assert [ask(client, "coverage/").status_code for _number in range(3)] == [200, 200, 429]
    cache.clear()


def test_a_new_release_makes_every_copy_old(client: Client, release: Release) -> None:
    known = {address: tag(client, address) for address in ADDRESSES}
    make_release()
    for address in ADDRESSES:
        assert ask(client, address, **{"if-none-match": known[address]}).status_code == 200, address


@pytest.mark.parametrize("address", ["institutions/", "institutions/kaznu/", "programmes/"])
def test_a_new_name_makes_copies_that_hold_names_old(client: Client, release: Release, address: str) -> None:
    known = tag(client, address)
    Institution.objects.filter(code="kaznu").update(name_en="Al-Farabi")
    assert ask(client, address, **{"if-none-match": known}).status_code == 200


def test_a_new_name_leaves_copies_of_figures_good(client: Client, release: Release) -> None:
    known = tag(client, "coverage/")
    Institution.objects.filter(code="kaznu").update(name_en="Al-Farabi")
    assert ask(client, "coverage/", **{"if-none-match": known}).status_code == 304


def test_figures_may_be_asked_for_by_the_time_of_the_copy(client: Client, release: Release) -> None:
    first = ask(client, "coverage/")
    again = ask(client, "coverage/", **{"if-modified-since": first["Last-Modified"]})
    assert again.status_code == 304
    assert "Last-Modified" not in ask(client, "institutions/")  # a name may change after the release


def test_a_release_still_to_come_changes_no_copy(client: Client, release: Release) -> None:
    known = tag(client, "releases/")
    make_release(publish_at=timezone.now() + timedelta(days=1))
    assert ask(client, "releases/", **{"if-none-match": known}).status_code == 304


def test_languages_formats_and_parameters_have_copies_of_their_own(client: Client, release: Release) -> None:
    tags = [
        tag(client, "programmes/", **{"accept-language": "ru"}),
        tag(client, "programmes/", **{"accept-language": "en"}),
        tag(client, "programmes/?format=csv", **{"accept-language": "en"}),
        tag(client, "programmes/?level=6B", **{"accept-language": "en"}),
        tag(client, "programmes/", **{"accept-language": "en", "accept": "text/csv"}),
    ]
    assert len(set(tags)) == len(tags)
    assert {"Accept", "Accept-Language"} <= set(ask(client, "programmes/")["Vary"].split(", "))


def test_a_language_cookie_does_not_decide_what_shared_caches_keep(client: Client, release: Release) -> None:
    client.cookies["django_language"] = "ru"
    assert ask(client, "programmes/", **{"accept-language": "en"})["Content-Language"] == "en"


def test_any_cache_may_keep_an_answer_for_a_minute(client: Client, release: Release) -> None:
    response = ask(client, "coverage/")
    assert response["Cache-Control"] == "public"
    assert parsedate_to_datetime(response["Expires"]) - timezone.now() < timedelta(seconds=60)
    assert "Set-Cookie" not in response
    assert "Cookie" not in response["Vary"]


def test_pages_of_other_sites_may_read(client: Client, release: Release) -> None:
    assert ask(client, "coverage/", origin="https://press.example")["Access-Control-Allow-Origin"] == "*"
    preflight = client.options("/api/v1/coverage/", headers={"origin": "https://press.example"})
    assert preflight.status_code == 204
    assert "If-None-Match" in preflight["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in preflight


def test_head_answers_as_get_does(client: Client, release: Release) -> None:
    response = client.head("/api/v1/coverage/")
    assert (response.status_code, response.content) == (200, b"")
    assert response["ETag"] == tag(client, "coverage/")


def test_generated_data_say_so_in_the_header_and_in_every_row_of_csv(
    client: Client, release: Release, demonstration: None
) -> None:
    make_release()
    response = ask(client, "coverage/")
    assert (response["Qamtu-Data"], response.json()["demonstration"]) == ("demonstration", True)
    lines = ask(client, "coverage/?format=csv").content.decode().split("\r\n")[:-1]
    assert lines[0].endswith(",demonstration")
    assert all(line.endswith(",true") for line in lines[1:])
    assert ask(client, "institutions/kaznu/").json()["demonstration"] is True
    assert ask(client, "releases/2/").json()["demonstration"] is True
    statements = ask(client, "reference-values/")
    assert statements.json()["demonstration"] is False
    assert "Qamtu-Data" not in statements


def test_the_number_of_queries_does_not_grow_with_the_rows(client: Client, release: Release) -> None:
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            response = ask(client, address)
            assert (response.status_code, len(b"".join(response)) > 0) == (200, True)
        return len(queries)

    make_release()  # something to compare with
    assert {address: count(address) for address in QUERIES} == QUERIES
    for number in range(12):
        institution = make_institution(code=f"u{number}", region=make_region(f"KZ-{number + 20}"))
        for code in ("6B06105", "7M06106"):
            make_version(make_programme(institution, code=code), state="approved")
    make_release()
    assert {address: count(address) for address in QUERIES} == QUERIES
