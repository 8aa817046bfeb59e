"""What every chart draws with: escaped elements, measured text, colours, the frame with its title."""

import base64
import html
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reports.charts.colours import (
    ACCENT,
    GOLD,
    INK,
    MUTED,
    PAPER,
    dark_style,
)

FONTS = Path(__file__).parents[1] / "fonts"
TYPEFACE = Path(__file__).parents[2] / "static" / "fonts" / "source-sans-3.woff2"  # the pages' own
SIZE = 14
FAMILY = "'Source Sans 3', 'Noto Sans', Arial, sans-serif"


@dataclass(frozen=True)
class Mark:
    """A line or point to compare with: the national share, the median. `share` is between 0 and 1."""

    share: float
    label: str


# A name may hold what XML can't, even escaped; a drawing with it would open nowhere.
NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    return html.escape(NOT_XML.sub("", text))


def number(value: float) -> str:
    """A coordinate with at most one decimal: shorter files, and the same text on every machine."""
    return f"{value:.1f}".removesuffix(".0")


def _written(value: object) -> str:
    return number(value) if isinstance(value, float) else str(value)


def tag(name: str, *children: str, **attributes: object) -> str:
    """An element. Children are markup already; attributes are escaped; `class_`, `stroke_width` lose the `_`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_written(value))}"'
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    return f"<{name}{written}>{''.join(children)}</{name}>" if children else f"<{name}{written}/>"


def words(
    text: str,
    x: float,
    y: float,
    *,
    size: float = 14,
    fill: str = "ink",
    anchor: str = "",
    bold: bool = False,
    halo: bool = False,
) -> str:
    """One line of text. A halo keeps it readable where it crosses lines and borders."""
    outline = {"stroke": PAPER, "stroke_width": 3.0, "paint_order": "stroke", "stroke_linejoin": "round"}
    return tag(
        "text",
        escape(text),
        class_=f"c-{fill}" + (" c-halo" if halo else ""),
        x=float(x),
        y=float(y),
        font_size=None if size == SIZE else float(size),
        fill=WORDS[fill],
        text_anchor=anchor,
        font_weight=700 if bold else None,
        **(outline if halo else {}),
    )


# How words are coloured. Those on the map stand on a colour of their own.
WORDS = {
    "ink": INK,
    "muted": MUTED,
    "gold": GOLD,
    "accent": ACCENT,
    "on-dark": PAPER,
    "on-light": INK,
}


@lru_cache(maxsize=1)
def advances() -> dict[str, dict[str, int]]:
    with (FONTS / "advances.json").open(encoding="utf-8") as file:
        table: dict[str, dict[str, int]] = json.load(file)
    return table


def width_of(text: str, size: float = 14, *, bold: bool = False) -> float:
    """How wide a line of text is, in the units of the drawing, by the typeface's own advances."""
    table = advances()["bold" if bold else "regular"]
    return sum(table.get(letter, 600) for letter in text) * size / 1000


def wrap(text: str, width: float, size: float = 14) -> list[str]:
    """Break a label at spaces so that each line fits; a single word that is too long stays whole, and so does what a
    space that doesn't break holds together."""
    lines: list[str] = []
    for word in filter(None, re.split(r"[ \t\r\n]+", text)):
        if lines and width_of(f"{lines[-1]} {word}", size) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def linked(content: str, *, href: str, label: str) -> str:
    """A shape that leads somewhere, named by its title (as SVG has it) or, without one, by the words in it; without an
    address only a tooltip."""
    name = tag("title", escape(label)) if label else ""
    return tag("a", name, content, href=href) if href else tag("g", name, content)


def frame(
    *children: str, name: str, title: str, description: str, width: float, height: float, links: bool = False
) -> str:
    """The drawing with its title and description. With links inside it is a group, without them one image."""
    return tag(
        "svg",
        tag("title", escape(title), id=f"{name}-title"),
        tag("desc", escape(description), id=f"{name}-desc"),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        class_="chart",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=float(width),
        height=float(height),
        role="group" if links else "img",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-desc",
        font_family=FAMILY,
        font_size=SIZE,
    )


def standalone(svg: str) -> str:
    """The same drawing as a file to keep: it carries its typeface and its dark scheme with it."""
    face = (
        "@font-face{font-family:'Source Sans 3';font-weight:400 700;"
        f"src:url(data:font/woff2;base64,{base64.b64encode(TYPEFACE.read_bytes()).decode()})}}"
    )
    start = svg.index(">") + 1
    return f"{svg[:start]}<style>{face}{dark_style()}</style>{svg[start:]}\n"
