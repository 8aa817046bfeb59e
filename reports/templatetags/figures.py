"""Figures in templates: shares, counts, days, and small bars. Everything that reads is worded in `reports.wording`."""

from fractions import Fraction
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from reports import wording
from reports.charts.drawing import tag
from reports.figures import Measure

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


@register.filter
def drawing(svg: str) -> SafeString:
    """A chart that `reports.charts` has drawn: it has escaped every text itself."""
    return mark_safe(svg)  # noqa: S308


@register.simple_tag
def meter(share: Fraction | None) -> SafeString:
    """A small bar beside a figure; it repeats what the figure says and is hidden from screen readers."""
    if share is None:
        return SafeString("")
    return _bar("meter", 10, share)


@register.simple_tag
def gauge(share: Fraction | None, goal: Any = None) -> SafeString:
    """The national bar, with the target as a gold line."""
    # A template hands over an empty text for what is not there.
    return _bar("gauge", 22, share or Fraction(0), None if goal in (None, "") else goal)


def _bar(name: str, height: int, share: Fraction, goal: Any = None) -> SafeString:
    top, thick = (5, 12) if goal is not None else (0, height)
    parts = [
        tag("rect", class_="c-track", width="100%", y=top, height=thick, rx=2, fill="#e6edf1"),
        tag(
            "rect",
            class_="c-bar",
            width=f"{float(share) * 100:.2f}%",
            y=top,
            height=thick,
            rx=2,
            fill="#00668c",
        ),
    ]
    if goal is not None:
        at = f"{min(float(goal) * 100, 99.4):.2f}%"
        parts.append(tag("rect", class_="c-goal-mark", x=at, width=4, height=height, fill="#7a5700"))
    return mark_safe(tag("svg", *parts, class_=name, height=height, width="100%", aria_hidden="true"))  # noqa: S308


@register.inclusion_tag("reports/_measure.html")
def measure(measure: Measure) -> dict[str, Any]:
    """One indicator: the figure, its denominator, what it is, what is missing, what was stated."""
    share = measure.name in wording.SHARES
    return {
        "value": wording.percent(measure.share) if share else wording.count(measure.numerator),
        "of": wording.part(measure.numerator, measure.denominator) if share else "",
        "denominator": measure.denominator,
        "label": wording.MEASURES[measure.name],
        "missing": wording.missing(measure),
        "stated": [(wording.stated(value), value) for value in measure.stated],
    }
