"""Colours of drawings: the same in a page and in a file, in light and in dark, and such that words can be read."""

import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reports import charts
from reports.charts import Area, Bar, Line, Mark, Pair, Point, ShareClass
from reports.charts.colours import COLOURS, dark_style, inline
from tests.reports.test_charts import CLASSES, FRAME

SHEET = (Path(__file__).parents[2] / "static" / "qamtu.css").read_text(encoding="utf-8")


def tokens(text: str) -> dict[str, str]:
    """The custom properties of the first rule for `:root` in a text, short colours written out."""
    rule = text[text.index(":root") :]
    found = re.findall(r"(--[\w-]+): (#[0-9a-f]{3,6});", rule[: rule.index("}")])
    return {name: value.replace("#fff", "#ffffff") if len(value) == 4 else value for name, value in found}


LIGHT = tokens(SHEET)
DARK = LIGHT | tokens(SHEET[SHEET.index("(prefers-color-scheme: dark)") :])


def rules() -> dict[str, dict[str, str]]:
    """What the style sheet says of each class of drawings: property and custom property."""
    found: dict[str, dict[str, str]] = {}
    for selectors, body in re.findall(r"^(\.c-[^{]+) \{([^}]+)\}", SHEET, re.MULTILINE):
        for name in selectors.split(", "):
            found.setdefault(name.removeprefix("."), {}).update(
                re.findall(r"(fill|stroke): var\((--[\w-]+)\)", body)
            )
    return found


def drawings() -> list[str]:
    areas = [
        *(
            Area(code, code, share / 100, "x", "1")
            for code, share in [("KZ-10", 10), ("KZ-11", 50), ("KZ-15", 70)]
        ),
        Area("KZ-19", "x", 0.9, "x", "1"),
        Area("KZ-23", "x", 1, "x", "1", href="/x"),
        Area("KZ-27", "x", None, "—"),
        Area("KZ-71", "x", 0.5, "x", "1", city=True),
    ]
    return [
        charts.region_map(areas, classes=CLASSES, no_data="x", **FRAME),
        charts.bars_by_key(
            [Bar("a", "a", 0.5, "x", "/x"), Bar("b", "b", None, "—")], reference=Mark(0.5, "x"), **FRAME
        ),
        charts.exposure_against_coverage(
            [Pair("a", "a", 0.5, "x", 0.5, "x"), Pair("b", "b", 0.5, "x", 0.5, "x")],
            exposure_label="x",
            share_label="x",
            highlight_key="a",
            **FRAME,
        ),
        charts.institution_distribution([0.5], share_label=str, median=Mark(0.5, "x"), **FRAME),
        charts.strip([0.1, 0.9], own=0.5, median=0.5, middle=(0.4, 0.6)),
        charts.shares_over_time(
            [Line(name, [Point(date(2026, month, 1), month / 9, "x") for month in (1, 2)]) for name in "abcde"],
            date_label=str, share_label=str, **FRAME,
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_and_a_file_have_the_same_colours(scheme: str) -> None:
    colours = LIGHT if scheme == "light" else DARK
    styled = rules()
    ground = {"c-ground": {"fill": "--paper"}}  # the page itself
    for name, found in COLOURS.items():
        for key, pair in found.items():
            token = {**styled, **ground}[name][key]
            assert colours[token] == pair[scheme == "dark"], f".{name} {key}"


def test_in_a_page_the_style_sheet_has_every_colour_of_a_drawing() -> None:
    for svg in drawings():
        assert re.search(r'(fill|stroke)="#', svg)
        left = re.findall(r'<[^>]*(?:fill|stroke)="#[^>]*>', inline(svg))
        assert not left
        assert [*ElementTree.fromstring(inline(svg)).itertext()] == [*ElementTree.fromstring(svg).itertext()]  # noqa: S314


def test_what_the_style_sheet_does_not_know_keeps_its_colour() -> None:
    own = '<rect class="c-other" fill="#123456"/><rect fill="#00668c"/><rect class="c-bar" fill="#123456"/>'
    assert inline(own) == own


def test_a_file_to_keep_follows_the_scheme_of_its_reader_and_a_picture_stays_light() -> None:
    svg = charts.bars_by_key([Bar("06", "АКТ", 0.5, "1 / 2")], **FRAME)
    kept = charts.standalone(svg)
    assert dark_style() in kept
    assert ".c-bar{fill:#6cc4e8}" in dark_style()
    assert charts.png(kept) == charts.png(svg)


def contrast(one: str, other: str) -> float:
    """WCAG 2: from 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_can_be_read_on_what_they_stand_on(scheme: int) -> None:
    paper = COLOURS["c-ground"]["fill"][scheme]
    for name in ("c-ink", "c-muted", "c-accent", "c-gold"):
        assert contrast(COLOURS[name]["fill"][scheme], paper) >= 4.5, name
    for place in range(5):
        words = "c-on-dark" if place >= 3 else "c-on-light"
        shade = COLOURS[f"c-class-{place}"]["fill"][scheme]
        assert contrast(COLOURS[words]["fill"][scheme], shade) >= 4.5, place


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_the_further_from_the_paper_the_higher_the_share(scheme: int) -> None:
    paper = COLOURS["c-ground"]["fill"][scheme]
    steps = [contrast(COLOURS[f"c-class-{place}"]["fill"][scheme], paper) for place in range(5)]
    assert steps == sorted(steps)
    assert all(after / before > 1.3 for before, after in pairwise(steps)), steps


def test_fewer_classes_than_colours_leave_out_the_lightest() -> None:
    two = [ShareClass(0.5, "a"), ShareClass(2, "b")]
    svg = charts.region_map([Area("KZ-10", "x", 0.9, "x")], classes=two, no_data="", **FRAME)
    assert 'class="c-class-4"' in svg
