"""A correction names what it changed and why; what it corrects stays readable under its number."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from curricula.models import Programme
from reports.models import Release
from tests.factories import make_version
from tests.reports.releases import make_release

pytestmark = pytest.mark.django_db
WHY = "One curriculum had been left out."


@pytest.fixture
def correction(release: Release) -> Release:
    """KazNU's silent programme meets the mandate after all: 1 of 3 becomes 2 of 3."""
    silent = Programme.objects.get(code="7M06103")
    make_version(
        silent, period=release.snapshot.period, state="approved", at=timezone.now() - timedelta(days=1)
    )
    return make_release(corrects=release, correction_reason=WHY)


def said(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return " ".join(answer.content.decode().split())


def test_the_page_of_a_correction_says_what_it_changed_and_why(client: Client, correction: Release) -> None:
    page = said(client, "/en/releases/2/")
    assert f"Corrects release 1: {WHY}" in page
    assert "What is different from release 1" in page
    assert "33% (1 of 3) before, <strong>67% (2 of 3)</strong> now" in page
    assert "</a> +1." in page


def test_each_programme_that_a_correction_changed_is_listed_by_cause(
    client: Client, correction: Release
) -> None:
    page = said(client, "/en/releases/2/changes/?since=1")
    assert "What changed since release 1" in page
    assert "7M06103" in page
    assert "6B06101" not in page
    assert "?since=1&amp;cause=approved" in page
    assert "7M06103" in said(client, "/en/releases/2/changes/?since=1&cause=approved")
    assert client.get("/en/releases/2/changes/?since=7").status_code == 404


def test_what_was_corrected_stays_as_it_was_under_its_number(client: Client, correction: Release) -> None:
    page = said(client, "/en/releases/1/")
    assert "1 of 3" in page
    assert "This release was corrected by" in page
    assert WHY in page
    assert client.get("/en/releases/1/files/coverage.csv").status_code == 200
    assert client.get("/api/v1/releases/1/").json()["corrected_by"] == 2


def test_a_release_that_corrects_none_has_no_such_part(client: Client, release: Release) -> None:
    assert "What is different from" not in said(client, "/en/releases/1/")


def test_the_list_marks_what_was_corrected_and_compares_with_what_stood(
    client: Client, correction: Release
) -> None:
    make_release()
    page = said(client, "/en/releases/")
    assert page.count("corrected since") == 1
    assert page.index("Release 1</a><small>corrected since</small>") > page.index("Release 2</a></th>")
    assert page.count("<small>unchanged</small>") == 1, "release 3 stands beside 2"
    assert "points</small>" not in page, "release 2 stands beside nothing: what it corrects does not count"
