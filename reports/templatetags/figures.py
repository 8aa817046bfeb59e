"""Figures in templates: shares, counts, days, and small bars. Everything that reads is worded in `reports.wording`."""

from fractions import Fraction
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from reports import headway, wording
from reports.charts import inline
from reports.charts.colours import ACCENT, GOLD, MUTED, TRACK
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
register.filter("more_or_fewer", headway.more_or_fewer)
register.filter("verdict", headway.verdict)
register.filter("expected", headway.expected)
register.filter("plan_finding", headway.plan_finding)
register.filter("goal", headway.goal)
register.filter("points", headway.points)
register.filter("compared", headway.compared)
register.filter("missing", wording.missing)


@register.filter
def drawing(svg: str) -> SafeString:
    """A chart that `reports.charts` has drawn: it has escaped every text itself."""
    return mark_safe(inline(svg))  # noqa: S308


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
