"""A share over releases, on a true time axis, with the target that it is heading for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from reports.charts.colours import ACCENT, GOLD, LINE, MUTED, PAPER
from reports.charts.drawing import frame, linked, tag, width_of, words


@dataclass(frozen=True)
class Point:
    """A share as at a moment; None where nothing could be divided. `text` is the share as read: `78 %`.

    No line leads to one that is counted `anew`, by other rules than those before it.
    """

    moment: date
    share: float | None
    text: str
    detail: str = ""
    anew: bool = False


@dataclass(frozen=True)
class Goal:
    """Where the share should be, and when."""

    moment: date
    share: float
    label: str


@dataclass(frozen=True)
class Plot:
    """The field of a drawing in which moments go from left to right and shares from bottom to top."""

    left: float
    right: float
    top: float
    bottom: float
    first: date
    last: date

    def x(self, moment: date) -> float:
        days = (self.last - self.first).days
        part = (moment - self.first).days / days if days else 0.5
        return self.left + part * (self.right - self.left)

    def y(self, share: float) -> float:
        return self.bottom - share * (self.bottom - self.top)


def share_over_time(
    points: Sequence[Point],
    *,
    name: str,
    title: str,
    description: str,
    date_label: Callable[[date], str],
    share_label: Callable[[int], str],
    goals: Sequence[Goal] = (),
    narrow: bool = False,
) -> str:
    """Points joined in time; goals in gold. `share_label` writes whole per cents, `date_label` the ends
    of the axis.
    """
    width, height, size = (328.0, 240.0, 14.0) if narrow else (560.0, 196.0, 14.0)
    moments = sorted([point.moment for point in points] + [goal.moment for goal in goals]) or [
        date(2000, 1, 1)
    ]
    gutter = max(width_of(share_label(tick), size) for tick in (0, 100)) + 10
    close = _is_close(points, goals)
    plot = Plot(gutter + 8, width - 14, 46 if close else 30, height - 26, moments[0], moments[-1])
    body = [
        *grid(plot, share_label, size, ticks=(0, 50, 100) if narrow else (0, 25, 50, 75, 100), right=width),
        *dates(plot, points, goals, date_label, size, width),
        *_goals(plot, points, goals, size, width, above=close),
        *_line(plot, points, size, sparse=narrow),
    ]
    return frame(*body, name=name, title=title, description=description, width=width, height=height)


def grid(
    plot: Plot, label: Callable[[int], str], size: float, *, ticks: Sequence[int], right: float
) -> list[str]:
    drawn = []
    for tick in ticks:
        y = plot.y(tick / 100)
        drawn.append(
            tag(
                "line",
                class_="c-grid" if tick else "c-rule",
                x1=plot.left - 8,
                x2=right,
                y1=y,
                y2=y,
                stroke=MUTED if not tick else LINE,
            )
        )
        drawn.append(words(label(tick), plot.left - 14, y + 4.5, size=size, anchor="end", fill="muted"))
    return drawn


def dates(
    plot: Plot,
    points: Sequence[Point],
    goals: Sequence[Goal],
    label: Callable[[date], str],
    size: float,
    width: float,
) -> list[str]:
    """As many moments as fit without touching: the ends first, then the last point, then what is left."""
    asked = [
        plot.first,
        plot.last,
        *([points[-1].moment] if points else []),
        *(p.moment for p in points[1:-1]),
    ]
    taken: list[tuple[float, float]] = []
    drawn = []
    for moment in dict.fromkeys(asked):
        if not points and not goals:
            break
        half = width_of(label(moment), size) / 2
        x = min(max(plot.x(moment), half), width - half)
        if all(x + half + 12 < start or x - half - 12 > end for start, end in taken):
            taken.append((x - half, x + half))
            drawn.append(words(label(moment), x, plot.bottom + 21, size=size, anchor="middle", fill="muted"))
    return drawn


def _is_close(points: Sequence[Point], goals: Sequence[Goal]) -> bool:
    """Whether the words of a goal would stand in those of the last point, or in the line that leads to it."""
    last = next((point.share for point in reversed(points) if point.share is not None), None)
    return last is not None and any(last > goal.share - 0.15 for goal in goals)


def _goals(
    plot: Plot, points: Sequence[Point], goals: Sequence[Goal], size: float, width: float, *, above: bool
) -> list[str]:
    """Each goal as a diamond, and a dotted way to it from where the share stands now; its words at it or, `above`, over
    all else."""
    known = [point for point in points if point.share is not None]
    drawn = []
    for goal in goals:
        x, y = plot.x(goal.moment), plot.y(goal.share)
        if known and known[-1].share is not None and known[-1].moment < goal.moment:
            drawn.append(
                tag(
                    "line",
                    class_="c-goal",
                    x1=plot.x(known[-1].moment),
                    y1=plot.y(known[-1].share),
                    x2=x,
                    y2=y,
                    stroke=GOLD,
                    stroke_dasharray="1 5",
                    stroke_width=2,
                    stroke_linecap="round",
                )
            )
        drawn.append(tag("path", class_="c-goal-mark", d=f"M{x:.1f} {y - 7:.1f}l7 7-7 7-7-7z", fill=GOLD))
        half = width_of(goal.label, size) / 2
        at = min(max(x, plot.left + half), width - half)
        level = plot.top - 32 if above else y - 14
        drawn.append(words(goal.label, at, level, size=size, anchor="middle", fill="gold", halo=True))
    return drawn


def stretches(points: Sequence[Point]) -> list[list[Point]]:
    """Where a line can be drawn: it breaks where a share is missing or the rules changed."""
    found: list[list[Point]] = [[]]
    for point in points:
        if point.anew or point.share is None:
            found.append([])
        if point.share is not None:
            found[-1].append(point)
    return [stretch for stretch in found if len(stretch) > 1]


def _line(plot: Plot, points: Sequence[Point], size: float, *, sparse: bool) -> list[str]:
    """Labels that would touch their neighbour are left to the tooltip."""
    drawn = []
    for stretch in stretches(points):
        pairs = [f"{plot.x(point.moment):.1f} {plot.y(point.share or 0):.1f}" for point in stretch]
        drawn.append(
            tag(
                "path",
                class_="c-line",
                d="M" + "L".join(pairs),
                fill="none",
                stroke=ACCENT,
                stroke_width=2.5,
                stroke_linejoin="round",
            )
        )
    known = [point for point in points if point.share is not None]
    labelled = _labelled(plot, known, size, sparse=sparse)
    for point, before in zip(known, [None, *known], strict=False):
        last = point is known[-1]
        dot = tag(
            "circle",
            class_="c-dot",
            cx=plot.x(point.moment),
            cy=plot.y(point.share or 0),
            r=5 if last else 4,
            fill=ACCENT,
            stroke=PAPER,
            stroke_width=1.5,
        )
        label = _value(plot, point, before, size, last=last) if point in labelled else ""
        drawn.append(linked(dot + label, href="", label=point.detail or point.text))
    return drawn


def _value(plot: Plot, point: Point, before: Point | None, size: float, *, last: bool) -> str:
    """The figure at a point: above a line that rises, below one that falls, so that the line does not cross it."""
    falls = before is not None and (before.share or 0) > (point.share or 0) and (point.share or 0) > 0.15
    return words(
        point.text,
        plot.x(point.moment),
        plot.y(point.share or 0) + (24 if falls else -12),
        size=size + (4 if last else 0),
        bold=last,
        anchor="start" if before is None else "end" if last else "middle",
        halo=True,
    )


def _labelled(plot: Plot, known: Sequence[Point], size: float, *, sparse: bool) -> list[Point]:
    """The last, the first, then from the newest backwards whatever stands clear of those already named."""
    chosen: list[Point] = []
    gap = 26.0 if sparse else 14.0
    for point in [*known[-1:], *known[:1], *reversed(known[1:-1])]:
        room = width_of(point.text, size) + gap
        if all(abs(plot.x(point.moment) - plot.x(other.moment)) > room for other in chosen):
            chosen.append(point)
    return chosen
