"""Where every institution stands: one dot each, stacked by share, so that the shape of the field is seen."""

from collections import Counter
from collections.abc import Callable, Sequence

from reports.charts.colours import ACCENT, MUTED
from reports.charts.drawing import Mark, frame, number, tag, width_of, words

BINS = 40  # steps of 2.5 points


def institution_distribution(
    shares: Sequence[float],
    *,
    name: str,
    title: str,
    description: str,
    share_label: Callable[[int], str],
    median: Mark | None = None,
    narrow: bool = False,
) -> str:
    """A dot for each share, from 0 to 1, stacked in steps of 2.5 points."""
    width = 328.0 if narrow else 560.0
    ticks = (0, 50, 100) if narrow else (0, 25, 50, 75, 100)
    left, right, top = 8.0, width - 8, 26.0
    step = (right - left) / (BINS + 1)
    stacks = Counter(map(_bin, shares))
    tallest = max(stacks.values(), default=1)
    pitch = min(step, 150 / tallest)
    bottom = top + max(tallest * pitch, 40) + 4
    foot = bottom - 4 - 0.5 * pitch
    return frame(
        tag("line", class_="c-rule", x1=0, x2=width, y1=bottom, y2=bottom, stroke=MUTED),
        *(_tick(tick, share_label(tick), left, right, bottom, width) for tick in ticks),
        *_mark(median, left, right, bottom),
        _stacked([(left + (place + 0.5) * step, foot, stacks[place]) for place in sorted(stacks)], pitch),
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


def _mark(mark: Mark | None, left: float, right: float, bottom: float) -> list[str]:
    if mark is None:
        return []
    x, y = left + (right - left) * mark.share, 18
    half = width_of(mark.label, 14) / 2
    return [
        tag("line", class_="c-rule", x1=x, x2=x, y1=y + 6, y2=bottom, stroke=MUTED, stroke_dasharray="2 3"),
        words(mark.label, min(max(x, half), right + 8 - half), y, anchor="middle", fill="muted"),
    ]
