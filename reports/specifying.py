"""The specification of a chart: Vega-Lite with its data inside, so that others can draw it again elsewhere.

Pure functions from plain rows, as `reports.charts` are. Each row is what the chart's table says of one key, and `share`
is None where there is nothing to divide by. See https://vega.github.io/vega-lite/docs/.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from reports.charts.colours import ACCENT, FILLS, GOLD, INK, MUTED, TRACK
from reports.charts.drawing import FAMILY, wrap
from reports.charts.geography import OUTLINES

Rows = Sequence[Mapping[str, Any]]
Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDTH = 560
RULES = {"field": "rules", "type": "nominal"}  # no line leads from some to others
SHARE = {"field": "share", "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": {"format": ".0%"}}


def specification(drawn: Spec, *, heading: str, source: str, told: Mapping[str, Any]) -> Spec:
    """A chart under its finding and above its source; `told` is what else is to be known of it, for programs."""
    return {
        "$schema": SCHEMA,
        "title": {
            "text": wrap(heading, WIDTH, 18),
            "subtitle": wrap(source, WIDTH, 12),
            "anchor": "start",
            "fontSize": 18,
            "subtitleFontSize": 12,
            "subtitleColor": MUTED,
        },
        "description": heading,
        "usermeta": {"finding": heading, "source": source, **told},
        "width": WIDTH,
        **drawn,
        "config": {
            "font": FAMILY,
            "view": {"stroke": None},
            "axis": {"labelFontSize": 13, "labelLimit": 420},
        },
    }


def bars(rows: Rows, *, reference: float | None = None, reference_label: str = "") -> Spec:
    """A bar for each key on a track that stands for all in scope, in the order given; what the parts are at its end."""
    y = {"field": "label", "type": "nominal", "sort": None, "title": None}
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "color": TRACK},
            "encoding": {"y": y, "x": {"datum": 1, "type": "quantitative"}},
        },
        {"mark": {"type": "bar", "color": ACCENT}, "encoding": {"y": y, "x": {**SHARE, "title": None}}},
        {
            "mark": {"type": "text", "align": "left", "dx": 6, "color": MUTED, "fontSize": 13},
            "encoding": {"y": y, "x": {"datum": 1, "type": "quantitative"}, "text": {"field": "text"}},
        },
    ]
    if reference is not None:
        mark: Spec = {"type": "rule", "strokeDash": [2, 2], "color": MUTED}
        layers.append(
            {
                "data": {"values": [{"share": reference, "label": reference_label}]},
                "mark": {**mark, "tooltip": True},
                "encoding": {
                    "x": {"field": "share", "type": "quantitative"},
                    "description": {"field": "label"},
                },
            }
        )
    return {"data": {"values": list(rows)}, "height": {"step": 26}, "layer": layers}


def series(rows: Rows, *, goals: Rows) -> Spec:
    """Shares joined in time, `day` by `day`; goals as diamonds in gold."""
    x = {"field": "day", "type": "temporal", "title": None, "axis": {"format": "%m.%Y", "labelOverlap": True}}
    y = {**SHARE, "title": None}
    return {
        "data": {"values": list(rows)},
        "height": 280,
        "layer": [
            {
                "mark": {"type": "line", "point": True, "color": ACCENT},
                "encoding": {"x": x, "y": y, "detail": RULES},
            },
            {
                "mark": {"type": "text", "dy": -12, "color": INK, "fontSize": 13},
                "encoding": {"x": x, "y": y, "text": {"field": "share", "format": ".0%"}},
            },
            {
                "data": {"values": list(goals)},
                "mark": {"type": "point", "shape": "diamond", "filled": True, "size": 120, "color": GOLD},
                "encoding": {"x": x, "y": y, "tooltip": {"field": "label"}},
            },
        ],
    }


def lines(rows: Rows) -> Spec:
    """A line over time for each label."""
    return {
        "data": {"values": list(rows)},
        "height": 280,
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "title": None,
                "axis": {"format": "%m.%Y", "labelOverlap": True},
            },
            "y": {**SHARE, "title": None},
            "color": {"field": "label", "title": None, "sort": None, "legend": {"labelLimit": 420}},
            "detail": RULES,
        },
    }


def dots(rows: Rows, *, first: str) -> Spec:
    """A dot for each key, stacked in steps of 2.5 points."""
    return {
        "data": {"values": list(rows)},
        "height": 180,
        "transform": [
            {"filter": "datum.share !== null"},
            {"calculate": "min(floor(datum.share * 40), 40) / 40", "as": "step"},
            {"window": [{"op": "row_number", "as": "place"}], "groupby": ["step"]},
        ],
        "mark": {"type": "circle", "color": ACCENT, "opacity": 1, "size": 60},
        "encoding": {
            "x": {**SHARE, "field": "step", "title": None},
            "y": {"field": "place", "type": "quantitative", "axis": None},
            "tooltip": [{"field": "label", "title": first}, {"field": "share", "format": ".1%"}],
        },
    }


def areas(rows: Rows, *, bounds: Sequence[float], first: str) -> Spec:
    """The regions filled by the class of their share; `bounds` are the shares between the classes."""
    by_code = {row["key"]: row for row in rows}
    features = [
        {**feature, "properties": by_code[code]}
        for code, feature in outlines().items()
        if code in by_code
    ]  # fmt: skip
    known = {"condition": {"test": "datum.properties.share === null", "value": "#dfe4e8"}}
    return {
        "data": {"values": features},
        "height": 320,
        "projection": {"type": "conicEqualArea", "parallels": [43, 53], "rotate": [-67, 0]},
        "mark": {"type": "geoshape", "stroke": "#ffffff"},
        "encoding": {
            "color": {
                **known,
                "field": "properties.share",
                "type": "quantitative",
                "title": None,
                "scale": {"type": "threshold", "domain": list(bounds), "range": list(FILLS)},
                "legend": {"format": ".0%"},
            },
            "tooltip": [
                {"field": "properties.label", "type": "nominal", "title": first},
                {"field": "properties.text", "type": "nominal", "title": " "},
            ],
        },
    }


@lru_cache(maxsize=1)
def outlines() -> dict[str, Spec]:
    """The outlines by code of region. D3 wants outer rings clockwise, other than RFC 7946 has them."""
    features = json.loads(OUTLINES.read_text(encoding="utf-8"))["features"]
    return {
        feature["properties"]["code"]: {"type": "Feature", "geometry": _turned(feature["geometry"])}
        for feature in features
    }


def _turned(geometry: Spec) -> Spec:
    single = geometry["type"] == "Polygon"
    shapes = [geometry["coordinates"]] if single else geometry["coordinates"]
    turned = [[_clockwise(ring, outer=not place) for place, ring in enumerate(shape)] for shape in shapes]
    return {"type": geometry["type"], "coordinates": turned[0] if single else turned}


def _clockwise(ring: list[list[float]], *, outer: bool) -> list[list[float]]:
    twice_area = sum((x2 - x1) * (y2 + y1) for (x1, y1), (x2, y2) in pairwise(ring))
    return ring if (twice_area > 0) == outer else ring[::-1]


def pairs(rows: Rows, *, exposure: str, share: str) -> Spec:
    """Of each key how exposed its work is and how far it is covered, on one scale from 0 to 1."""
    y = {"field": "label", "type": "nominal", "sort": None, "title": None}
    return {
        "data": {"values": list(rows)},
        "height": {"step": 26},
        "transform": [
            {"fold": ["exposure", "share"], "as": ["figure", "value"]},
            {
                "calculate": f"datum.figure === 'share' ? {json.dumps(share)} : {json.dumps(exposure)}",
                "as": "what",
            },
        ],
        "mark": {"type": "point", "filled": True, "size": 90},
        "encoding": {
            "y": y,
            "x": {"field": "value", "type": "quantitative", "scale": {"domain": [0, 1]}, "title": None},
            "color": {
                "field": "what",
                "title": None,
                "scale": {"domain": [exposure, share], "range": [GOLD, ACCENT]},
                "legend": {"orient": "top", "labelLimit": 420},
            },
            "shape": {"field": "what", "title": None, "scale": {"domain": [exposure, share]}},
        },
    }
