"""Every figure of the national page is computed again from the bundle of the same release, by nothing but test code.

The page is walked block by block (a sentence, a row of a table, a label of a chart). Each block that holds a digit must
be, word for word, one that was worked out from the CSV files; so no figure can stand there that the bundle lacks.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.test.html import Element, parse_html

from curricula.models import Programme
from institutions.models import Institution
from reports.models import ReferenceValue, Release, Requirement, Target
from tests.factories import (
    TWO_LINES,
    make_institution,
    make_period,
    make_programme,
    make_region,
    make_version,
)
from tests.reports.bundle_facts import Bundle, facts
from tests.reports.releases import PLAIN, make_release
from tests.rules import make_exemption

pytestmark = pytest.mark.django_db

BLOCKS = {
    "p", "li", "dt", "dd", "tr", "h1", "h2", "h3", "caption", "figcaption", "summary", "text", "title", "desc", "label",
}  # fmt: skip


# A country that has something of everything, released three times.


@pytest.fixture(scope="module")
def third_release(django_db_setup: None, django_db_blocker: Any) -> Iterator[Release]:
    with django_db_blocker.unblock(), transaction.atomic():
        period = make_period()
        alpha = make_institution(code="alpha", region=make_region("KZ-71"), kind="national")
        beta = make_institution(code="beta", region=make_region("KZ-75"), kind="private")
        gamma = make_institution(code="gamma", region=make_region("KZ-75"), kind="state")
        make_institution(code="delta", region=make_region("KZ-63"), kind="private")
        programmes(alpha, 12, met=3)
        programmes(beta, 10, met=9)
        programmes(gamma, 3, met=1, silent=1)
        make_release()
        for programme in Programme.objects.filter(institution=alpha)[3:8]:
            make_version(programme, period=period, state="approved")
        make_release()
        for programme in Programme.objects.filter(institution=alpha)[8:10]:
            make_version(programme, period=period, state="approved")
        make_version(Programme.objects.filter(institution=gamma)[2], period=period, state="approved")
        make_version(
            Programme.objects.filter(institution=beta)[0], period=period, state="approved", lines=PLAIN
        )
        excused = Programme.objects.filter(institution=beta)[9]
        make_exemption(excused, requirement_code=Requirement.objects.get().code)
        for year, share in ((2027, "0.75"), (2029, "1")):
            Target.objects.update_or_create(
                requirement_code=Requirement.objects.get().code,
                due_on=date(year, 9, 1),
                defaults={"share": share, "name_en": f"Phase of {year}", "source": f"Order {year}, point 3"},
            )
        ReferenceValue.objects.update_or_create(
            code="stated",
            defaults={
                "indicator": "institutions_with_ai", "value": "95", "unit": "count", "stated_on": date(2026, 1, 15),
                "text_en": "95 universities teach AI",
            },
        )  # fmt: skip
        yield make_release()
        transaction.set_rollback(True)


def programmes(institution: Institution, number: int, *, met: int, silent: int = 0) -> None:
    """Of an institution so many programmes, of all levels and several fields, of which `met` teach AI."""
    period = make_period()
    for place in range(number):
        level, direction = ("6B", "7M", "8D")[place % 3], ("061", "011", "101", "041")[place % 4]
        programme = make_programme(institution, code=f"{level}{direction}{place + 1:02}")
        if place < number - silent:
            lines = TWO_LINES if place < met else PLAIN
            make_version(programme, period=period, state="approved", lines=lines)


# What the page says


def walked(element: Element) -> Iterator[str]:
    """The text of each block; of blocks within blocks only the inner ones."""
    attributes = dict(element.attributes)
    if element.name in BLOCKS and not any(one.name in BLOCKS for one in within(element)):
        yield " ".join(text(element).split())
        return
    if attributes.get("aria-labelledby") == "files-title":
        return  # sizes and hashes of files
    for child in element.children:
        if isinstance(child, Element):
            yield from walked(child)


def within(element: Element) -> Iterator[Element]:
    for child in element.children:
        if isinstance(child, Element):
            yield child
            yield from within(child)


def text(element: Element) -> str:
    cells = " " if element.name in ("tr", "p", "svg") else ""
    return cells.join(
        f" {text(child)} " if isinstance(child, Element) and child.name in ("th", "td", "small", "svg", "strong", "br")
        else text(child) if isinstance(child, Element) else str(child)
        for child in element.children
    )  # fmt: skip


def plain(text: str) -> str:
    """Without what marking up leaves of spaces."""
    text = re.sub(r"\s*·\s*", " · ", " ".join(text.split()))
    return re.sub(r"\s+([.,;:)])", r"\1", re.sub(r"\(\s+", "(", text))


def page_of(client: Client, release: Release) -> Element:
    html = client.get(f"/en/releases/{release.number}/").content.decode()
    inner = re.search(r"<main.*?>(.*)</main>", html, re.DOTALL)
    assert inner is not None
    found = parse_html(f"<div>{inner[1]}</div>")
    assert isinstance(found, Element)
    return found


def bundle_of(client: Client, release: Release) -> Bundle:
    return Bundle(client.get(f"/en/releases/{release.number}/files/qamtu-{release.number}.zip").content)


def test_every_figure_of_the_national_page_comes_out_of_the_bundle(
    client: Client, third_release: Release
) -> None:
    bundle = Bundle(
        client.get(f"/en/releases/{third_release.number}/files/qamtu-{third_release.number}.zip").content
    )
    known = {plain(fact) for fact in facts(bundle)}
    shown = [plain(block) for block in walked(page_of(client, third_release))]
    figures = [block for block in shown if re.search(r"\d", block)]
    assert len(figures) > 100
    wrong = [block for block in figures if block not in known]
    assert not wrong, "\n".join(wrong)


def test_the_walk_would_find_a_figure_that_is_wrong(client: Client, third_release: Release) -> None:
    """The negative control: one programme more in one cell of the bundle, and the page no longer comes out of it."""
    bundle = Bundle(
        client.get(f"/en/releases/{third_release.number}/files/qamtu-{third_release.number}.zip").content
    )
    cell = bundle.tables["coverage"][0]
    assert isinstance(cell, dict)
    for row in bundle.tables["coverage"]:
        if row["dimension"] == "region" and row["key"] == "KZ-71":
            row.update(met=str(int(row["met"]) + 1))
    known = {plain(fact) for fact in facts(bundle)}
    shown = walked(page_of(client, third_release))
    assert [block for block in map(plain, shown) if re.search(r"\d", block) and block not in known]
