"""Somebody may subscribe, and search engines may ask, before anything is released."""

from xml.etree import ElementTree

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_feed_has_no_entries(client: Client) -> None:
    response = client.get("/kk/releases/feed/")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)  # noqa: S314 - it is our own
    assert root.findall("{http://www.w3.org/2005/Atom}entry") == []


def test_the_list_of_pages_has_the_sections_without_a_day(client: Client) -> None:
    assert client.get("/sitemap.xml").status_code == 200
    shown = client.get("/sitemap-sections.xml").content.decode()
    assert "/kk/</loc>" in shown
    assert "<lastmod>" not in shown
