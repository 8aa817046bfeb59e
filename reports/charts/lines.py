"""Several shares over releases in one drawing: told apart by mark, dash and shade, and named in a key below."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from reports.charts.colours import ACCENT, FOURTH, INK, MUTED, PAPER, THIRD
from reports.charts.drawing import frame, linked, number, tag, width_of, words, wrap
from reports.charts.series import Plot, Point, dates, grid, stretches

SIZE = 14.0
KEY_LINE, MARK = 18.0, 30.0  # of the key: the height of a line of text, the room of a mark before it
APART = 15.0  # so far the figures at the ends of lines stay from each other


@dataclass(frozen=True)
class Line:
    """One thing over time, by its name in the key."""

    label: str
    points: Sequence[Point]


@dataclass(frozen=True)
class _Pen:
    """How a line is drawn; the class lets the style sheet change its colour."""

    place: int
    colour: str
    dash: str
    mark: str  # a path about its middle


PENS = (
    _Pen(1, ACCENT, "", "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z"),
    _Pen(2, INK, "8 3", "M-4.5 -4.5h9v9h-9z"),
    _Pen(3, THIRD, "2 3", "M0 -6l6 10.5h-12z"),
    _Pen(4, FOURTH, "10 3 2 3", "M0 -6.5l6.5 6.5l-6.5 6.5l-6.5 -6.5z"),
    _Pen(5, MUTED, "5 5", "M-6 -4.5h12l-6 10.5z"),
)


def shares_over_time(
    lines: Sequence[Line],
    *,
    name: str,
    title: str,
    description: str,
    date_label: Callable[[date], str],
    share_label: Callable[[int], str],
    narrow: bool = False,
) -> str:
    """At most five lines on one time axis, each with its last share at its end."""
    width, top, bottom = (328.0, 14.0, 210.0) if narrow else (560.0, 14.0, 262.0)
    points = [point for line in lines for point in line.points]
    moments = sorted({point.moment for point in points}) or [date(2000, 1, 1)]
    gutter = max(width_of(share_label(tick), SIZE) for tick in (0, 100)) + 10
    tail = max((width_of(point.text, SIZE, bold=True) for point in points), default=0) + 14
    plot = Plot(gutter + 8, width - tail, top, bottom, moments[0], moments[-1])
    axis = [Point(moment, None, "") for moment in moments]
    key, height = _key(lines, bottom + 46, width)
    body = [
        *grid(plot, share_label, SIZE, ticks=(0, 50, 100) if narrow else (0, 25, 50, 75, 100), right=width),
        *dates(plot, axis, (), date_label, SIZE, width),
        *(drawn for line, pen in zip(lines, PENS, strict=False) for drawn in _line(plot, line, pen)),
        *_ends(plot, lines),
        *key,
    ]
    return frame(*body, name=name, title=title, description=description, width=width, height=height)


def _line(plot: Plot, line: Line, pen: _Pen) -> Iterator[str]:
    """Every mark says what it stands for."""
    for stretch in stretches(line.points):
        run = [f"{number(plot.x(point.moment))} {number(plot.y(point.share or 0))}" for point in stretch]
        yield tag(
            "path", class_=f"c-series-{pen.place}", d="M" + "L".join(run), fill="none", stroke=pen.colour,
            stroke_width=2.0, stroke_dasharray=pen.dash, stroke_linejoin="round",
        )  # fmt: skip
    for point in line.points:
        if point.share is not None:
            mark = _mark(pen, plot.x(point.moment), plot.y(point.share))
            yield linked(mark, href="", label=f"{line.label}, {point.detail or point.text}")


def _mark(pen: _Pen, x: float, y: float) -> str:
    return tag(
        "path", class_=f"c-mark-{pen.place}", d=pen.mark, fill=pen.colour, stroke=PAPER, stroke_width=1.0,
        transform=f"translate({number(x)} {number(y)})",
    )  # fmt: skip


def _ends(plot: Plot, lines: Sequence[Line]) -> Iterator[str]:
    """The last share of each line at the right edge, moved apart where they would touch."""
    known = [[point for point in line.points if point.share is not None] for line in lines]
    last = sorted((plot.y(points[-1].share or 0), points[-1].text) for points in known if points)
    above = plot.top - APART
    for place, (y, text) in enumerate(last):
        room = plot.bottom - (len(last) - 1 - place) * APART  # what is left for those below
        above = min(max(y, above + APART), room)
        yield words(text, plot.right + 12, above + 5, size=SIZE, bold=True)


def _key(lines: Sequence[Line], top: float, width: float) -> tuple[list[str], float]:
    """A mark and a name for each line, below each other; returns how far down it reaches."""
    drawn, y = [], top
    for line, pen in zip(lines, PENS, strict=False):
        drawn.append(
            tag(
                "path", class_=f"c-series-{pen.place}", d=f"M0 {number(y - 5)}h22", fill="none", stroke=pen.colour,
                stroke_width=2.0, stroke_dasharray=pen.dash,
            )
            + _mark(pen, 11, y - 5)
        )  # fmt: skip
        for text in wrap(line.label, width - MARK, SIZE):
            drawn.append(words(text, MARK, y, size=SIZE))
            y += KEY_LINE
        y += 4
    return drawn, y - KEY_LINE + 10
