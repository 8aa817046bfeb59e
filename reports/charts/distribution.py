"""Where every institution stands: one dot each, stacked by share, so that the shape of the field is seen."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.charts.colours import ACCENT, INK, MUTED
from reports.charts.drawing import Mark, frame, number, tag, width_of, words

BINS = 40  # steps of 2.5 points


@dataclass(frozen=True)
class Dot:
    """One institution that has a share, from 0 to 1."""

    key: str
    share: float


def institution_distribution(
    dots: Sequence[Dot],
    *,
    name: str,
    title: str,
    description: str,
    share_label: Callable[[int], str],
    median: Mark | None = None,
    highlight: Mark | None = None,
    highlight_key: str = "",
    narrow: bool = False,
) -> str:
    """Dots stacked in steps of 2.5 points. `highlight` names the one that a page is about."""
    width = 328.0 if narrow else 560.0
    ticks = (0, 50, 100) if narrow else (0, 25, 50, 75, 100)
    left, right, top = 8.0, width - 8, (46.0 if highlight else 26.0)
    step = (right - left) / (BINS + 1)
    tallest = max(Counter(_bin(dot.share) for dot in dots).values(), default=1)
    pitch = min(step, 150 / tallest)
    bottom = top + max(tallest * pitch, 40) + 4
    stacks: dict[int, int] = Counter(_bin(dot.share) for dot in dots if dot.key != highlight_key)

    def centre(place: int, height: int) -> tuple[float, float]:
        return left + (place + 0.5) * step, bottom - 4 - (height + 0.5) * pitch

    chosen = [
        tag("circle", class_="c-chosen", cx=x, cy=y, r=_radius(pitch) * 1.35, fill=INK)
        for dot in dots
        if dot.key == highlight_key
        for x, y in [centre(_bin(dot.share), stacks.get(_bin(dot.share), 0))]
    ]
    axis = [
        tag("line", class_="c-rule", x1=0, x2=width, y1=bottom, y2=bottom, stroke=MUTED),
        *(_tick(tick, share_label(tick), left, right, bottom, width) for tick in ticks),
    ]
    marks = _mark(median, left, right, 18, bottom, "muted") + _mark(highlight, left, right, 38, bottom, "ink")
    return frame(
        *axis,
        *marks,
        _stacked([(*centre(place, 0), stacks[place]) for place in sorted(stacks)], pitch),
        *chosen,
        name=name,
        title=title,
        description=description,
        width=width,
        height=bottom + 26,
    )


def _bin(share: float) -> int:
    return min(int(share * BINS), BINS)


def _radius(pitch: float) -> float:
    return max(pitch * 0.43, 0.8)


def _stacked(stacks: list[tuple[float, float, int]], pitch: float) -> str:
    """All dots as one line that is nothing but its round ends: an element each would be the bulk of a page."""
    up = f"h0m0-{number(pitch)}"
    return tag(
        "path",
        class_="c-dots",
        d="".join(f"M{number(x)} {number(y)}{up * (height - 1)}h0" for x, y, height in stacks),
        fill="none",
        stroke=ACCENT,
        stroke_width=2 * _radius(pitch),
        stroke_linecap="round",
    )


def _tick(tick: int, label: str, left: float, right: float, bottom: float, width: float) -> str:
    half = width_of(label, 14) / 2
    x = min(max(left + (right - left) * tick / 100, half), width - half)
    return words(label, x, bottom + 20, anchor="middle", fill="muted")


def _mark(mark: Mark | None, left: float, right: float, y: float, bottom: float, fill: str) -> list[str]:
    if mark is None:
        return []
    x = left + (right - left) * mark.share
    half = width_of(mark.label, 14, bold=fill == "ink") / 2
    return [
        tag("line", class_="c-rule", x1=x, x2=x, y1=y + 6, y2=bottom, stroke=MUTED, stroke_dasharray="2 3"),
        words(
            mark.label,
            min(max(x, half), right + 8 - half),
            y,
            anchor="middle",
            fill=fill,
            bold=fill == "ink",
        ),
    ]
