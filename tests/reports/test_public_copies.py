"""Copies of public pages in a web process: for whom, of what, how many, and what they depend on."""

import gzip
import re
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from institutions.models import User
from reports.api.shelf import EDITED, Lookout
from reports.copies import HANDED_OUT, OF_THE_SITE, Copy, Keeping, holds, weight, without_tracking
from reports.models import Release
from tests.reports.releases import bring_forward, make_release
from tests.reports.test_public_at_once import FOR_GOOD, NEWEST

pytestmark = pytest.mark.django_db

# What a published release consists of; and what is fixed once it was submitted, approved or stood in the registry, and
# is asked for as at the moment of the release.
RELEASED = {
    "reports_release",
    "reports_releasefile",
    "reports_snapshot",
    "reports_coverage",
    "reports_indicator",
    "reports_assessment",
    "curricula_curriculumversion",
    "curricula_signeddiscipline",
    "curricula_period",
    "curricula_submission",
    "institutions_institutionstate",
}


def handed_out() -> float:
    value: float = HANDED_OUT._value.get()
    return value


def test_everything_that_a_public_page_reads_is_released_or_watched_for_edits(
    client: Client, release: Release
) -> None:
    make_release()
    watched = {model._meta.db_table for model in EDITED}
    for path in (*NEWEST.values(), *FOR_GOOD.values()):
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        read = {
            table
            for query in captured
            for table in re.findall(
                r'(?:FROM|JOIN)\s+"?((?:institutions|curricula|reports|auth|django)_\w+)', query["sql"]
            )
            if not table.endswith("event")
        }
        assert read <= RELEASED | watched, (
            f"{path} reads {read - RELEASED - watched}: see EDITED in api/shelf.py"
        )


def test_every_public_page_is_kept_and_the_same_for_whoever_is_signed_in(
    client: Client, release: Release, lead: User
) -> None:
    make_release()
    signed_in = Client()
    signed_in.force_login(lead)
    for path in NEWEST.values():
        first = client.get(path)
        before = handed_out()
        second = signed_in.get(path)
        assert handed_out() == before + 1, path
        assert (first.content, first["ETag"]) == (second.content, second["ETag"])
        assert second["Vary"] == "Accept-Encoding"
        assert not second.cookies


def test_a_copy_has_every_header_of_the_page_and_none_of_another_request(
    client: Client, release: Release
) -> None:
    first, second = client.get("/en/work/"), client.get("/en/work/")
    different = {"X-Request-ID", "Expires"}
    of_the_page = {name: first[name] for name in first.headers if name not in different}
    assert of_the_page == {name: second[name] for name in second.headers if name != "Expires"}
    assert "Content-Security-Policy" in second


def test_whoever_understands_gzip_gets_what_was_compressed_once(client: Client, release: Release) -> None:
    plain = client.get("/en/")
    zipped = client.get("/en/", headers={"accept-encoding": "br, gzip"})
    assert zipped["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.content) == plain.content
    assert (
        int(zipped["Content-Length"])
        == len(zipped.content)
        < len(plain.content)
        == int(plain["Content-Length"])
    )
    assert "Content-Encoding" not in client.get("/en/", headers={"accept-encoding": "gzip;q=0"})
    for answer, header in ((plain, {}), (zipped, {"accept-encoding": "gzip"})):
        again = client.get("/en/", headers={"if-none-match": answer["ETag"], **header})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
        assert "Content-Type" not in again
        assert again["Expires"]
    other = client.get("/en/", headers={"if-none-match": plain["ETag"], "accept-encoding": "gzip"})
    assert other.status_code == 200, "a strong validator is of the bytes that are sent"


@pytest.mark.parametrize(
    ("header", "held"),
    [
        ("", False), ('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True),
        ('"a-gzip"', False), ('"ba"', False),
    ],
)  # fmt: skip
def test_a_copy_is_held_by_whoever_names_its_tag(header: str, held: bool) -> None:
    assert holds(header, '"a"') is held


def test_head_has_the_headers_of_the_page_and_no_body(client: Client, release: Release) -> None:
    for path in ("/en/work/", "/en/"):  # a new copy and one that is there
        head = client.head(path)
        page = client.get(path)
        assert head.content == b""
        assert (head["Content-Length"], head["ETag"]) == (page["Content-Length"], page["ETag"])


def test_languages_hosts_and_schemes_have_copies_of_their_own(client: Client, release: Release) -> None:
    client.get("/en/")
    before = handed_out()
    assert client.get("/ru/")["Content-Language"] == "ru"
    assert client.get("/en/", headers={"host": "localhost"}).status_code == 200
    assert client.get("/en/", secure=True).status_code == 200
    assert handed_out() == before


def test_a_host_with_a_port_that_the_site_does_not_have_is_answered_and_not_kept(
    client: Client, release: Release
) -> None:
    assert "localhost:81" not in OF_THE_SITE
    before = handed_out()
    for _ in range(2):
        assert client.get("/en/", headers={"host": "localhost:81"}).status_code == 200
    assert handed_out() == before


@pytest.mark.parametrize(
    "path", ["/en/nowhere/", "/en/institutions/nobody/", "/en/?release=99", "/en/sign-in/", "/"]
)
def test_only_whole_public_pages_are_kept(client: Client, release: Release, path: str) -> None:
    before = handed_out()
    for _ in range(2):
        assert "public" not in client.get(path).get("Cache-Control", "")
    assert handed_out() == before


def test_what_others_add_to_shared_links_does_not_make_another_page(client: Client, release: Release) -> None:
    page = client.get("/en/institutions/?sort=behind")
    shared = client.get("/en/institutions/?fbclid=x1&sort=behind&utm_source=letter")
    assert shared["ETag"] == page["ETag"]
    assert b"fbclid" not in shared.content
    assert without_tracking("q=a%26fbclid%3D1&release=2&=&utm") == "q=a%26fbclid%3D1&release=2&=&utm"


def test_a_page_without_a_database_fails_as_it_did_and_is_not_made_up(
    client: Client, release: Release
) -> None:
    lookout = Lookout(every=60)
    assert lookout.current() is lookout.current(), "one look in a minute"
    upcoming = make_release(publish_at=timezone.now() + timedelta(days=1))
    at = bring_forward(upcoming, seconds=5)
    soon = Lookout(every=60)
    seen = soon.current()
    assert soon.current() is seen
    assert seen.until_next is not None, "looked at before its time"
    time.sleep(max((at - timezone.now()).total_seconds(), 0) + 0.1)
    assert soon.current() is not seen, "no look outlasts the time of the next release"
    assert len(soon.current().releases) == len(seen.releases) + 1


# Nothing fills the memory


def copy_of(body: bytes) -> Copy:
    return Copy(((), ()), 0.0, "tag", body, len(body), False, ())


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 30_000), st.booleans()), max_size=60))
def test_copies_weigh_what_they_may_at_most_and_those_asked_for_last_stay(
    steps: list[tuple[str, int, bool]],
) -> None:
    keeping = Keeping(60_000)
    known: dict[str, Copy] = {}
    last = ""
    for address, size, is_kept in steps:
        if is_kept:
            known[address] = copy_of(address.encode() * size)
            keeping.keep(address, known[address])
            last = address
        elif (found := keeping.find(address)) is not None:
            assert found is known[address]
            last = address
    assert keeping.bytes == sum(weight(*pair) for pair in keeping.copies.items()) <= 60_000
    assert not last or last in keeping.copies


def test_a_flood_of_questions_takes_the_place_of_no_page(client: Client, release: Release) -> None:
    client.get("/en/")
    for number in range(30):
        client.get(f"/en/methodology/?made-up={number}")
    before = handed_out()
    client.get("/en/")
    assert handed_out() == before + 1
