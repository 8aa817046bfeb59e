"""A figure to put on another site: the share, what it is a share of, where it is from."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts.colours import ACCENT, GOLD, INK, LINE, MUTED, PAPER
from reports.charts.drawing import FAMILY, escape, number, tag, width_of, wrap

SIDE, LINE_HEIGHT, MARGIN = 96.0, 18.0, 14.0
WIDEST = 250.0


@dataclass(frozen=True)
class Badge:
    """`title` is the text alternative; the share stands large, the name in bold beside it, the lines small below."""

    title: str
    share: str
    name: str
    lines: Sequence[str]
    warning: str = ""


def badge(shown: Badge) -> str:
    """A picture that needs nothing: no typeface goes along, so each text is held to the width that ours would take."""
    names = wrap(shown.name, WIDEST, 15)
    small = [part for line in shown.lines for part in wrap(line, WIDEST, 13)]
    texts = [
        *((line, 15.0, True, INK) for line in names),
        *((line, 13.0, False, MUTED) for line in small),
        *((line, 13.0, True, GOLD) for line in [shown.warning] if line),
    ]
    widest = max(width_of(text, size, bold=bold) for text, size, bold, _fill in texts)
    width, height = SIDE + widest + 2 * MARGIN, len(texts) * LINE_HEIGHT + 2 * MARGIN
    size = min(34.0, 34 * (SIDE - 16) / width_of(shown.share, 34, bold=True))
    return tag(
        "svg",
        tag("title", escape(shown.title), id="qamtu"),
        tag("rect", x=0.5, y=0.5, width=width - 1, height=height - 1, rx=4, fill=PAPER, stroke=LINE),
        tag(
            "path",
            d=f"M4 0h{number(SIDE - 4)}v{number(height)}H4a4 4 0 0 1-4-4V4a4 4 0 0 1 4-4z",
            fill=ACCENT,
        ),
        _text(shown.share, SIDE / 2, height / 2 + size * 0.35, size, bold=True, fill=PAPER, anchor="middle"),
        *(
            _text(text, SIDE + MARGIN, MARGIN + LINE_HEIGHT * (place + 0.75), size_, bold=bold, fill=fill)
            for place, (text, size_, bold, fill) in enumerate(texts)
        ),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        role="img",
        aria_labelledby="qamtu",
        font_family=FAMILY,
    )


def _text(text: str, x: float, y: float, size: float, *, bold: bool, fill: str, anchor: str = "") -> str:
    return tag(
        "text",
        escape(text),
        x=x,
        y=y,
        font_size=size,
        font_weight=700 if bold else None,
        fill=fill,
        text_anchor=anchor,
        textLength=width_of(text, size, bold=bold),
        lengthAdjust="spacingAndGlyphs",
    )
