"""What each public figure is, said in one place that every chart and every indicator leads to."""

import re
from dataclasses import fields

import pytest
from django.test import Client

from reports.indicators import NAMES
from reports.metadata import METADATA
from reports.models import Release
from reports.views.nation import SHOWN

pytestmark = pytest.mark.django_db


def test_every_indicator_is_described_in_full_and_once() -> None:
    keys = [one.key for one in METADATA]
    assert len(keys) == len(set(keys))
    assert set(NAMES) | {"coverage", "exposure"} == set(keys)
    assert all(str(getattr(one, part.name)) for one in METADATA for part in fields(one))


def test_the_methodology_has_a_place_for_each_with_its_figure_in_the_release(
    client: Client, release: Release
) -> None:
    shown = " ".join(client.get("/en/methodology/").content.decode().split())
    for one in METADATA:
        section = shown[shown.index(f'id="{one.key}"') :].split("</section>")[0]
        assert str(one.limits).replace("'", "&#x27;") in section
        assert (f"In release {release.number}" in section) == (one.key in NAMES), one.key


def test_every_indicator_and_every_chart_of_the_nation_leads_to_its_place(
    client: Client, release: Release
) -> None:
    shown = client.get("/en/").content.decode()
    there = set(re.findall(r'id="([\w-]+)"', client.get("/en/methodology/").content.decode()))
    assert set(re.findall(r'href="/en/methodology/#([\w-]+)"', shown)) <= there
    for name in SHOWN:
        assert f'href="/en/methodology/#{name}"' in shown
    figures = re.findall(r"<figure.*?</figure>", shown, re.DOTALL)
    assert len(figures) >= 5
    for figure in figures:
        assert re.search(r"<h2>[^<]+</h2>", figure), "a finding"
        assert re.search(r"<figcaption>[^<]*As at|<figcaption>[^<]*as at", figure), "a source"
        assert re.search(r"methodology/#(coverage|exposure)", figure), "what it is"
        assert "<table" in figure or "All fields, with the table" in figure, "its table"
