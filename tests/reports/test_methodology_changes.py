"""Figures made by another methodology stand beside those of before, each under its own, and no line joins the two."""

import re

import pytest
from django.test import Client

from reports import snapshots
from tests.factories import make_institution
from tests.reports.releases import make_country, make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

CHANGED = "The rules changed between the two releases"


def lines(page: str) -> int:
    """Of how many the chart over time consists, which a page has twice: wide and narrow."""
    return len(re.findall('<path class="c-line"', page)) // 2


def test_two_versions_stand_side_by_side_and_no_line_leads_from_one_to_the_other(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_country((make_institution(code="kaznu"), "6B06101", "met"))
    make_release()
    make_release()
    before = client.get("/en/").content.decode()
    assert (lines(before), CHANGED in before) == (1, False)
    monkeypatch.setattr(snapshots, "METHODOLOGY_VERSION", 2)  # as a later version of the program
    newest = make_release()
    make_release()
    page = client.get("/en/").content.decode()
    assert newest.snapshot.methodology_version == 2
    assert (lines(page), CHANGED in page) == (2, True)
    assert "Methodology, version 1" in client.get("/en/methodology/?release=1").content.decode()
    assert client.get("/api/v1/releases/1/").json()["methodology_version"] == 1
    assert client.get("/api/v1/releases/3/").json()["methodology_version"] == 2
