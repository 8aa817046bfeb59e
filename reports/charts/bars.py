"""Shares by field, level, kind or any other key, as bars on a track that stands for everything in scope."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts.colours import ACCENT, MUTED, TRACK
from reports.charts.drawing import Mark, frame, linked, tag, width_of, words, wrap


@dataclass(frozen=True)
class Bar:
    """One key. `share` is None where there is no denominator; `text` is what stands at its end: `1 053
    of 1 069`.
    """

    key: str
    label: str
    share: float | None
    text: str
    href: str = ""


def bars_by_key(
    bars: Sequence[Bar],
    *,
    name: str,
    title: str,
    description: str,
    reference: Mark | None = None,
    narrow: bool = False,
) -> str:
    """Bars in the order given. Wide: labels to the left. Narrow: labels above, so that no name is cut."""
    draw = _stacked if narrow else _beside
    width, height, body = draw(bars, reference)
    links = any(bar.href for bar in bars)
    return frame(
        *body, name=name, title=title, description=description, width=width, height=height, links=links
    )


def _beside(bars: Sequence[Bar], reference: Mark | None) -> tuple[float, float, list[str]]:
    width, size = 560.0, 14.0
    gutter = min(max((width_of(bar.label, size) for bar in bars), default=0), 210) + 12
    tail = max((width_of(bar.text, size) for bar in bars), default=0) + 10
    length = width - gutter - tail
    y, body = (24.0 if reference else 4.0), []
    for bar in bars:
        lines = wrap(bar.label, gutter - 12, size)
        height = max(26.0, len(lines) * 16 + 8.0)
        middle = y + height / 2
        label = "".join(
            words(
                line,
                gutter - 12,
                middle + 4.5 + (index - (len(lines) - 1) / 2) * 16,
                size=size,
                anchor="end",
                fill="accent" if bar.href else "ink",
            )
            for index, line in enumerate(lines)
        )
        rail = _rail(bar, gutter, middle - 6, length, 12)
        value = words(bar.text, gutter + length + 10, middle + 4.5, size=size, fill="muted")
        body.append(linked(label + rail + value, href=bar.href, label=f"{bar.label}: {bar.text}"))
        y += height
    return width, y + 4, body + _reference(reference, gutter, length, [(20, y)])


def _stacked(bars: Sequence[Bar], reference: Mark | None) -> tuple[float, float, list[str]]:
    width, size = 328.0, 15.0
    y, body, rails = (24.0 if reference else 0.0), [], []
    for bar in bars:
        room = width - width_of(bar.text, size) - 12
        lines = wrap(bar.label, room, size)
        label = "".join(
            words(line, 0, y + 16 + index * 18, size=size, fill="accent" if bar.href else "ink")
            for index, line in enumerate(lines)
        )
        value = words(bar.text, width, y + 16 + (len(lines) - 1) * 18, size=size, anchor="end", fill="muted")
        top = y + len(lines) * 18 + 4
        body.append(
            linked(
                label + value + _rail(bar, 0, top, width, 10),
                href=bar.href,
                label="" if bar.href else f"{bar.label}: {bar.text}",
            )
        )
        rails.append((top - 1, top + 13))
        y = top + 22
    # The mark crosses the bars only: the words above them stay clear.
    return width, y, body + _reference(reference, 0, width, [(20, 26), *rails])


def _rail(bar: Bar, x: float, y: float, length: float, thickness: float) -> str:
    """The whole in scope, and the part of it that meets; a dashed outline where there is nothing to
    divide by.
    """
    if bar.share is None:
        return tag(
            "rect",
            class_="c-empty",
            x=x + 0.5,
            y=y + 0.5,
            width=length - 1,
            height=float(thickness - 1),
            fill="none",
            stroke=MUTED,
            stroke_dasharray="3 3",
        )
    track = tag(
        "rect",
        class_="c-track",
        x=float(x),
        y=float(y),
        width=float(length),
        height=float(thickness),
        fill=TRACK,
    )
    part = tag(
        "rect",
        class_="c-bar",
        x=float(x),
        y=float(y),
        width=length * bar.share,
        height=float(thickness),
        fill=ACCENT,
    )
    return track + (part if bar.share else "")


def _reference(mark: Mark | None, x: float, length: float, spans: list[tuple[float, float]]) -> list[str]:
    if mark is None:
        return []
    at, half = x + length * mark.share, width_of(mark.label, 13) / 2
    left = min(max(at, x + half), x + length - half)
    return [
        words(mark.label, left, spans[0][0] - 6, size=13, anchor="middle", fill="muted"),
        *(
            tag(
                "line",
                class_="c-rule",
                x1=at,
                x2=at,
                y1=float(y1),
                y2=float(y2),
                stroke=MUTED,
                stroke_dasharray="2 2",
            )
            for y1, y2 in spans
        ),
    ]
