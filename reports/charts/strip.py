"""Where one stands among others: a line for each from 0 to 100 %, the middle half, the median, the one."""

from collections.abc import Iterable, Iterator

from reports.charts.colours import ACCENT, FILLS, INK, MUTED, PAPER, TRACK
from reports.charts.drawing import tag


def strip(
    shares: Iterable[float], *, own: float | None, median: float | None, middle: tuple[float, float] | None
) -> str:
    """As wide as the place that it gets. It repeats what stands beside it, and is hidden from screen readers."""
    dot = {"fill": INK, "stroke": PAPER, "stroke_width": 2}
    return tag(
        "svg",
        tag("rect", class_="c-track", y=5, width="100%", height=16, fill=TRACK),
        *_middle(middle),
        *_lines(shares),
        *_median(median),
        *([] if own is None else [tag("circle", class_="c-chosen c-ring", cx=_at(own), cy=13, r=6, **dot)]),
        class_="strip",
        width="100%",
        height=26,
        aria_hidden="true",
    )


def _middle(middle: tuple[float, float] | None) -> Iterator[str]:
    if middle:
        low, high = middle
        yield tag("rect", class_="c-middle", x=_at(low), y=5, width=_at(high - low), height=16, fill=FILLS[1])


def _lines(shares: Iterable[float]) -> Iterator[str]:
    """One path, each share drawn once: 25,000 universities weigh no more than 1,000."""
    places = sorted({round(share * 100, 1) for share in shares})
    path = tag(
        "path",
        class_="c-line",
        d="".join(f"M{place:g} 0v1" for place in places),
        stroke=ACCENT,
        vector_effect="non-scaling-stroke",
    )
    yield tag("svg", path, y=8, width="100%", height=10, viewBox="0 0 100 1", preserveAspectRatio="none")


def _median(median: float | None) -> Iterator[str]:
    if median is not None:
        x = _at(median)
        yield tag("line", class_="c-rule", x1=x, x2=x, y1=1, y2=25, stroke=MUTED, stroke_width=2)


def _at(share: float) -> str:
    return f"{share * 100:.1f}%"
