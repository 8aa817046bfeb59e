"""How exposed the work of each field is, beside how far the field covers AI: two scales, one row a field."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts.colours import ACCENT, INK, LINE, MUTED, TRACK
from reports.charts.drawing import frame, linked, tag, width_of, words, wrap

SIZE = 14.0
CHOSEN = {True: ("c-chosen", INK), False: ("c-dot", ACCENT)}


@dataclass(frozen=True)
class Pair:
    """One key. `exposure` and `share` are between 0 and 1, None where there is none; the texts stand beside them."""

    key: str
    label: str
    exposure: float | None
    exposure_text: str
    share: float | None
    share_text: str
    href: str = ""


def exposure_against_coverage(
    pairs: Sequence[Pair],
    *,
    exposure_label: str,
    share_label: str,
    name: str,
    title: str,
    description: str,
    highlight_key: str = "",
    narrow: bool = False,
) -> str:
    """Rows in the order given. `highlight_key` is the row that the heading speaks of."""
    draw = _stacked if narrow else _beside
    width, height, body = draw(pairs, (exposure_label, share_label), highlight_key)
    links = any(pair.href for pair in pairs)
    return frame(
        *body, name=name, title=title, description=description, width=width, height=height, links=links
    )


Drawn = tuple[float, float, list[str]]


def _beside(pairs: Sequence[Pair], heads: tuple[str, str], chosen: str) -> Drawn:
    """Labels to the left, both scales to their right."""
    width = 640.0
    gutter = min(max((width_of(pair.label, SIZE, bold=True) for pair in pairs), default=0), 210) + 12
    half = (width - gutter - 28) / 2
    lefts = (gutter, gutter + half + 28)
    y, body = _heads(heads, lefts, half)
    for pair in pairs:
        lines = wrap(pair.label, gutter - 12, SIZE)
        height = max(27.0, len(lines) * 16 + 9.0)
        middle = y + height / 2
        label = "".join(
            words(
                line,
                gutter - 12,
                middle + 4.5 + (index - (len(lines) - 1) / 2) * 16,
                anchor="end",
                fill="accent" if pair.href else "ink",
                bold=pair.key == chosen,
            )
            for index, line in enumerate(lines)
        )
        body.append(_row(pair, label, _scales(pair, lefts, half, middle, pair.key == chosen)))
        y += height
    return width, y + 4, body


def _stacked(pairs: Sequence[Pair], heads: tuple[str, str], chosen: str) -> Drawn:
    """Labels above, so that no name is cut."""
    width, size = 328.0, 15.0
    half = (width - 20) / 2
    lefts = (0.0, half + 20)
    y, body = _heads(heads, lefts, half)
    for pair in pairs:
        lines = wrap(pair.label, width, size)
        label = "".join(
            words(
                line,
                0,
                y + 16 + index * 18,
                size=size,
                fill="accent" if pair.href else "ink",
                bold=pair.key == chosen,
            )
            for index, line in enumerate(lines)
        )
        middle = y + len(lines) * 18 + 12
        body.append(_row(pair, label, _scales(pair, lefts, half, middle, pair.key == chosen)))
        y = middle + 16
    return width, y, body


def _heads(heads: tuple[str, str], lefts: tuple[float, float], half: float) -> tuple[float, list[str]]:
    """What each scale shows, over it; returns where the rows begin."""
    wrapped = [wrap(head, half, 13) for head in heads]
    lines = max(map(len, wrapped))
    body = [
        words(line, left, 14 + (lines - len(head) + index) * 16, size=13, fill="muted")
        for left, head in zip(lefts, wrapped, strict=True)
        for index, line in enumerate(head)
    ]
    return lines * 16 + 6.0, body


def _row(pair: Pair, label: str, scales: str) -> str:
    said = f"{pair.label}: {pair.exposure_text}; {pair.share_text}"
    return linked(label + scales, href=pair.href, label=said)


def _scales(pair: Pair, lefts: tuple[float, float], half: float, middle: float, chosen: bool) -> str:
    """A dot on a line from 0 to 1, and a bar on a track that is everything; values at their ends."""
    tail = 48.0
    length = half - tail
    kind, colour = CHOSEN[chosen]
    parts = []
    if pair.exposure is not None:
        at, end = lefts[0] + length * pair.exposure, lefts[0] + length
        for line, x1, x2, stroke in (("c-grid", at, end, LINE), ("c-rule", lefts[0], at, MUTED)):
            parts.append(tag("line", class_=line, x1=x1, x2=x2, y1=middle, y2=middle, stroke=stroke))
        parts.append(tag("circle", class_=kind, cx=at, cy=middle, r=5.5, fill=colour))
    values = ((lefts[0] + length + 6, pair.exposure_text), (lefts[1] + length + 6, pair.share_text))
    if pair.share is not None:
        track = {"x": lefts[1], "y": middle - 6, "height": 12}
        parts.append(tag("rect", class_="c-track", width=length, fill=TRACK, **track))
        if pair.share:
            bar = kind if chosen else "c-bar"
            parts.append(tag("rect", class_=bar, width=length * pair.share, fill=colour, **track))
    parts += [
        words(text, x, middle + 4.5, fill="ink" if chosen else "muted", bold=chosen) for x, text in values
    ]
    return "".join(parts)
