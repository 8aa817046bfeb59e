"""Figures in templates: shares, counts, days, and small bars. Everything that reads is worded in `reports.wording`."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any
from urllib.parse import quote, urlencode

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from reports import charts, headway, placing, taking, wording
from reports.charts.colours import ACCENT, GOLD, MUTED, TRACK
from reports.charts.drawing import tag
from reports.figures import Measure
from reports.models import Release
from reports.peers import Peers
from reports.pictures import number

register = template.Library()

register.filter("percent", wording.percent)
register.filter("part", wording.part_of)
register.filter("share_and_part", wording.share_and_part)
register.filter("day", wording.day)
register.filter("month", wording.month)
register.filter("breakdown", wording.breakdown)
register.filter("moved", wording.moved)
register.filter("signed", wording.signed)
register.filter("swing", wording.swing)
register.filter("pace", wording.pace)
register.filter("more_or_fewer", headway.more_or_fewer)
register.filter("verdict", headway.verdict)
register.filter("expected", headway.expected)
register.filter("plan_finding", headway.plan_finding)
register.filter("goal", headway.goal)
register.filter("points", headway.points)
register.filter("programmes_gained", headway.programmes_gained)
register.filter("compared", headway.compared)
register.filter("missing", wording.missing)
register.filter("quarter", placing.quarter)
register.filter("place", placing.place)


@register.filter
def drawing(svg: str) -> SafeString:
    """A chart that `reports.charts` has drawn: it has escaped every text itself."""
    return mark_safe(charts.inline(svg))  # noqa: S308


@register.simple_tag
def meter(share: Fraction | None, reference: Any = None) -> SafeString:
    """A small bar beside a figure, with a dashed mark to compare with; it repeats what the figure says and is hidden
    from screen readers."""
    if share is None:
        return SafeString("")
    # A template hands over an empty text for what is not there.
    at = None if reference in (None, "") else f"{float(reference) * 100:.1f}%"
    mark = tag("line", class_="c-rule", x1=at, x2=at, y2=10, stroke=MUTED, stroke_dasharray=2) if at else ""
    return _bar("meter", 10, share, mark)


@register.simple_tag
def gauge(share: Fraction | None, goal: Any = None) -> SafeString:
    """The national bar, with the target as a gold line."""
    if goal in (None, ""):
        return _bar("gauge", 22, share or Fraction(0))
    at = f"{min(float(goal) * 100, 99.4):.2f}%"
    mark = tag("rect", class_="c-goal-mark", x=at, width=4, height=22, fill=GOLD)
    return _bar("gauge", 22, share or Fraction(0), mark, top=5)


def _bar(name: str, height: int, share: Fraction, mark: str = "", *, top: int = 0) -> SafeString:
    thick = {"y": top or None, "height": height - 2 * top, "rx": 2}
    parts = [
        tag("rect", class_="c-track", width="100%", **thick, fill=TRACK),
        tag("rect", class_="c-bar", width=f"{float(share) * 100:.2f}%", **thick, fill=ACCENT),
        mark,
    ]
    return drawing(tag("svg", *parts, class_=name, height=height, width="100%", aria_hidden="true"))


@register.simple_tag
def strip(peers: Peers) -> SafeString:
    """The spread of the shares of a group, and the one that the page is about."""
    drawn = charts.strip(
        map(float, peers.shares),
        own=number(peers.own),
        median=number(peers.median),
        middle=(float(peers.middle[0]), float(peers.middle[1])) if peers.middle else None,
    )
    return drawing(drawn)


@register.simple_tag(takes_context=True)
def permanent_address(context: dict[str, Any]) -> str:
    """Where this page of this release is found, whatever is released later."""
    request: HttpRequest = context["request"]
    return f"{settings.SITE_URL}{request.path}?release={context['release'].number}"


@register.simple_tag(takes_context=True)
def error_letter(context: dict[str, Any], about: str) -> str:
    """A letter that is begun: it names the page and the release. Empty where the settings name nobody to write to."""
    if not settings.CONTACT_EMAIL:
        return ""
    given = {
        "about": about,
        "address": permanent_address(context),
        "number": context["release"].number,
        "day": wording.day(context["snapshot"].as_at),
    }
    subject = _("Qamtu, release %(number)d: %(about)s") % given
    page = _("Page: %(address)s") % given
    release = _("Release: %(number)d, as at %(day)s") % given
    asked = _("What is wrong:"), _("What it should be, and how you know:")
    body = "\r\n\r\n".join([f"{page}\r\n{release}", *(f"{words}\r\n" for words in asked)])
    letter = urlencode({"subject": subject, "body": body}, quote_via=quote)
    return f"mailto:{quote(settings.CONTACT_EMAIL, safe='@')}?{letter}"


@register.inclusion_tag("reports/_take.html", takes_context=True)
def take(context: Mapping[str, Any], picture: Any, release: Release) -> dict[str, Any]:
    """A chart in every form that it can be taken away in, at the address of the page with what was chosen there."""
    forms = [(form, label) for form, (label, *_rest) in taking.FORMS.items()]
    return {"picture": picture, "release": release, "forms": forms, "request": context["request"]}


@register.inclusion_tag("reports/_measure.html")
def measure(measure: Measure) -> dict[str, Any]:
    """One indicator: the figure, its denominator, what it is, what is missing, what was stated."""
    share = measure.name in wording.SHARES
    return {
        "value": wording.percent(measure.share) if share else wording.count(measure.numerator),
        "of": wording.part(measure.numerator, measure.denominator) if share else "",
        "denominator": measure.denominator,
        "name": measure.name,
        "label": wording.MEASURES[measure.name],
        "missing": wording.missing(measure),
        "stated": [(wording.stated(value), value) for value in measure.stated],
    }
