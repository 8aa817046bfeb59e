"""The map of the regions: few classes named in the legend, cities as marked circles, no data as a
hatching.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts.colours import FILLS, INK, MUTED, PAPER
from reports.charts.drawing import frame, linked, tag, width_of, words
from reports.charts.geography import SCALE, outlines

DARK_FROM = 3  # the class from which marks on the map are white


@dataclass(frozen=True)
class ShareClass:
    """Shares below `below` that no earlier class holds. `label` is its line in the legend."""

    below: float
    label: str


@dataclass(frozen=True)
class Area:
    """One region. `share` None: nothing to divide by. `mark` is the short figure drawn on it, `text` the
    full one.
    """

    code: str
    label: str
    share: float | None
    text: str
    mark: str = ""
    city: bool = False
    href: str = ""


def region_map(
    areas: Sequence[Area],
    *,
    classes: Sequence[ShareClass],
    no_data: str,
    name: str,
    title: str,
    description: str,
    narrow: bool = False,
    bare: bool = False,
) -> str:
    """Every area that has an outline, filled by its class. At most five classes: more can't be told apart.

    A `bare` one is for a page, which has its own legend, and a style sheet that sets its words for every width.
    """
    if len(classes) > len(FILLS):
        raise ValueError(f"A map has at most {len(FILLS)} classes, not {len(classes)}.")
    shapes, tall = outlines()
    width, pad = (328.0, 4.0) if narrow else (600.0, 6.0)
    scale = (width - 2 * pad) / SCALE
    drawn = [area for area in areas if area.code in shapes]
    hatch = f"{name}-hatch"
    cities = [
        _city(a, shapes[a.code].mark, _fill(a, classes, hatch), scale, narrow=narrow) for a in drawn if a.city
    ]
    marks = (
        []
        if narrow
        else [
            _mark(a, shapes[a.code].mark, classes, scale) for a in drawn if a.share is not None and not a.city
        ]
    )
    lower = tall * scale + 2 * pad
    legend = list[str]()
    if not bare:
        lower, legend = _legend(_entries(classes, no_data, name), width, lower + 8)
    return frame(
        # A hatching is drawn in the units of the shape that it fills: one for the scaled map, one for the
        # legend.
        _hatching(hatch, 1 / scale),
        _hatching(f"{hatch}-legend", 1),
        tag(
            "g",
            _ground([area for area in drawn if not area.city], classes, scale, hatch),
            tag("g", *marks, class_="c-marks", pointer_events="none", aria_hidden="true") if marks else "",
            tag("g", *cities, class_="c-cities"),
            transform=f"translate({pad:.0f} {pad:.0f})",
        ),
        *legend,
        name=name,
        title=title,
        description=description,
        width=width,
        height=lower,
        links=any(area.href for area in drawn),
    )


def class_of(share: float | None, classes: Sequence[ShareClass]) -> int | None:
    """The place of a share among the classes; None where there is no share. The last class holds what is
    above.
    """
    if share is None:
        return None
    return next((place for place, step in enumerate(classes) if share < step.below), len(classes) - 1)


def _fill(area: Area, classes: Sequence[ShareClass], hatch: str) -> tuple[str, str]:
    place = class_of(area.share, classes)
    if place is None:
        return "c-none", f"url(#{hatch})"
    # Fewer classes than colours: the darkest is always the best.
    shade = place + len(FILLS) - len(classes)
    return f"c-class-{shade}", FILLS[shade]


def _hatching(name: str, size: float) -> str:
    return tag(
        "pattern",
        tag("rect", width=6, height=6, fill="#f4f6f7", class_="c-hatch-ground"),
        tag("path", d="M-1 7L7-1M-1 1L1-1M5 7L7 5", stroke="#8a98a3", stroke_width=1.1, class_="c-hatch"),
        id=name,
        width=6,
        height=6,
        patternUnits="userSpaceOnUse",
        patternTransform=f"scale({size:.4f})",
    )


def _ground(areas: Sequence[Area], classes: Sequence[ShareClass], scale: float, hatch: str) -> str:
    """The regions; scale and width of their borders are said once for all."""
    shapes, _tall = outlines()
    drawn = []
    for area in areas:
        kind, fill = _fill(area, classes, hatch)
        shape = tag("path", class_=kind, d=shapes[area.code].path, fill=fill)
        drawn.append(linked(shape, href=area.href, label=f"{area.label}: {area.text}"))
    return tag(
        "g",
        *drawn,
        class_="c-outline",
        stroke=PAPER,
        stroke_width=1.2 / scale,
        stroke_linejoin="round",
        transform=f"scale({scale:.4f})",
    )


def _mark(area: Area, at: tuple[float, float], classes: Sequence[ShareClass], scale: float) -> str:
    place = class_of(area.share, classes)
    dark = place is not None and place + len(FILLS) - len(classes) >= DARK_FROM
    return words(
        area.mark,
        at[0] * scale,
        at[1] * scale + 4.5,
        size=13,
        anchor="middle",
        fill="on-dark" if dark else "on-light",
    )


def _city(area: Area, at: tuple[float, float], fill: tuple[str, str], scale: float, *, narrow: bool) -> str:
    x, y, radius = at[0] * scale, at[1] * scale, (6.0 if narrow else 8.0)
    size = 13.0
    caption = area.label if narrow or area.share is None or not area.mark else f"{area.label} {area.mark}"
    left = x + radius + 4 + width_of(caption, size, bold=True) > SCALE * scale
    circle = tag(
        "circle", class_=f"{fill[0]} c-city", cx=x, cy=y, r=radius, fill=fill[1], stroke=INK, stroke_width=1.5
    )
    ring = tag(
        "circle", cx=x, cy=y, r=radius + 1.7, fill="none", stroke=PAPER, stroke_width=1.5, class_="c-ring"
    )
    name = words(
        caption,
        x - radius - 4 if left else x + radius + 4,
        y + 4.5,
        size=size,
        bold=True,
        anchor="end" if left else "",
        halo=True,
    )
    return linked(ring + circle + name, href=area.href, label=f"{area.label}: {area.text}")


def map_legend(classes: Sequence[ShareClass], no_data: str, name: str) -> list[tuple[str, str]]:
    """For the page of a bare map of this name: a swatch as SVG, and what it stands for."""
    return [
        (
            tag("svg", _swatch(kind, fill, 0, 0), class_="swatch", width=15, height=15, aria_hidden="true"),
            label,
        )
        for kind, fill, label in _entries(classes, no_data, name)
    ]


def _entries(classes: Sequence[ShareClass], no_data: str, name: str) -> list[tuple[str, str, str]]:
    """Class, fill and words of each entry of the legend."""
    first = len(FILLS) - len(classes)
    return [
        *((f"c-class-{first + i}", FILLS[first + i], step.label) for i, step in enumerate(classes)),
        ("c-none", f"url(#{name}-hatch-legend)", no_data),
    ]


def _swatch(kind: str, fill: str, x: float, y: float) -> str:
    return tag(
        "rect",
        class_=f"{kind} c-swatch",
        x=x + 0.5,
        y=y + 0.5,
        width=13,
        height=13,
        fill=fill,
        stroke=MUTED,
        stroke_width=0.6,
    )


def _legend(entries: list[tuple[str, str, str]], width: float, top: float) -> tuple[float, list[str]]:
    """Swatches with their names, flowing into as many lines as they need."""
    size = 14.0
    x, y, drawn = 0.0, top, list[str]()
    for kind, fill, label in entries:
        needed = 20 + width_of(label, size) + 12
        if x and x + needed - 12 > width:
            x, y = 0.0, y + 22
        drawn.append(_swatch(kind, fill, x, y + 1) + words(label, x + 20, y + 13, size=size, fill="muted"))
        x += needed
    return y + 22, drawn
