"""In which order a keyboard and a screen reader walk through the public pages, and what a reader calls their parts."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories import make_institution, make_region
from tests.reports.releases import make_country, make_release
from tests.reports.test_public_pages import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Where the focus is: as its place in the document, whether it can be seen there, and whether a frame shows it.
FOCUSED = """() => {
  const one = document.activeElement
  if (one === document.body) return null
  const box = one.getBoundingClientRect(), style = getComputedStyle(one)
  return {
    place: [...document.querySelectorAll('*')].indexOf(one),
    name: one.textContent.trim().slice(0, 40) || one.getAttribute('aria-label') || one.tagName,
    isSeen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    hasFrame: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
  }
}"""
HEADINGS = """() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')]
  .filter(one => one.checkVisibility()).map(one => Number(one.tagName[1]))"""
PARTS = """() => Object.fromEntries(['header.masthead', 'main', 'footer', 'nav'].map(
  one => [one, document.querySelectorAll(one).length]))"""
# Two parts of one role need names that tell them apart.
NAMELESS = """() => {
  const named = one => one.getAttribute('aria-label') ||
    document.getElementById(one.getAttribute('aria-labelledby'))?.textContent
  const parts = [...document.querySelectorAll('nav, section')].filter(one => one.checkVisibility())
  const names = parts.map(named)
  return parts.filter((one, place) => !names[place] || names.indexOf(names[place]) !== place)
    .map(one => one.outerHTML.slice(0, 120))
}"""
# What stands first is read first: nothing is moved about by its style, save a figure above the words that name it.
MOVED = """() => [...document.querySelectorAll('main *')].filter(one => {
  const style = getComputedStyle(one)
  if (one.matches('dl > * > dd')) return false
  return style.order !== '0' || /reverse/.test(style.flexDirection + style.flexWrap)
    || ['right', 'left'].includes(style.float)
}).map(one => one.outerHTML.slice(0, 80))"""


@pytest.fixture
def site(live_server: "LiveServer") -> str:
    kaznu = make_institution(code="kaznu")
    make_country(
        (kaznu, "6B06101", "met"),
        (kaznu, "6B06102", "not_met"),
        (make_institution(region=make_region("KZ-75", kind="city")), "6B04101", "met"),
    )
    make_release()
    return live_server.url


def walk(page: "Page", most: int = 400) -> list[dict[str, Any]]:
    """What Tab leads to, one after the other, until it leaves the page."""
    found: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            return found
        found.append(focused)
    raise AssertionError("Tab never leaves the page")


@pytest.mark.parametrize("width", [1280, 360])
def test_the_keyboard_goes_through_a_page_as_it_is_read_and_is_seen_everywhere(
    site: str, page: "Page", width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("", "institutions/kaznu/", "disciplines/", "compare/?institution=kaznu"):
        page.goto(f"{site}/kk/{path}")
        walked = walk(page)
        assert len(walked) > 15
        places = [one["place"] for one in walked]
        assert places == sorted(set(places)), path
        assert not [one["name"] for one in walked if not one["isSeen"]], path
        assert not [one["name"] for one in walked if not one["hasFrame"]], path


def test_a_reader_finds_one_title_levels_without_gaps_and_parts_with_names(site: str, page: "Page") -> None:
    for path in PAGES:
        page.goto(f"{site}/ru/{path}")
        levels = page.evaluate(HEADINGS)
        assert levels[0] == 1, path
        assert levels.count(1) == 1, path
        assert all(later <= level + 1 for level, later in pairwise(levels)), (
            path,
            levels,
        )
        parts = page.evaluate(PARTS)
        assert (parts["header.masthead"], parts["main"], parts["footer"]) == (1, 1, 1), path
        assert page.evaluate(NAMELESS) == [], path
        assert page.evaluate(MOVED) == [], path
