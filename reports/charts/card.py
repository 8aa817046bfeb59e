"""The picture that goes with a link to a page: its finding, large enough to be read in a list of messages."""

from dataclasses import dataclass

from reports.charts.colours import ACCENT, GOLD, PAPER, TRACK
from reports.charts.drawing import FAMILY, tag, width_of, words, wrap

WIDTH, HEIGHT = 1200.0, 630.0  # what networks show without cutting off
EDGE = 72.0
INNER = WIDTH - 2 * EDGE
SIZES = (60.0, 50.0, 42.0)  # of the heading: the largest at which it fits
MOST_LINES = 2
LARGE = 170.0  # the figure, unless words like "over" come with it
GOLD_WASH = "#fff5d9"


@dataclass(frozen=True)
class Card:
    """Texts as they are shown; `share` and `goal` are between 0 and 1, None for none."""

    heading: str
    figure: str
    counts: str
    source: str
    share: float | None = None
    goal: float | None = None
    mark: str = ""  # across the top: that the data are generated


def link_card(card: Card) -> str:
    size, lines = fitted(card.heading)
    heading = [
        words(line, EDGE, 150 + size * 0.8 + place * size * 1.15, size=size, bold=True)
        for place, line in enumerate(lines)
    ]
    figure_size = min(LARGE, LARGE * INNER / 2 / width_of(card.figure, LARGE, bold=True))
    beside = EDGE + width_of(card.figure, figure_size, bold=True) + 40
    counts = wrap(card.counts, WIDTH - EDGE - beside, 38)
    first = 468 - (len(counts) - 1) * 23
    return tag(
        "svg",
        tag("rect", width=WIDTH, height=HEIGHT, fill=PAPER),
        *banner(card.mark),
        words("Qamtu", EDGE, 118, size=40, bold=True),
        *heading,
        words(card.figure, EDGE, 490, size=figure_size, fill="accent", bold=True),
        *(
            words(line, beside, first + place * 46, size=38, fill="muted")
            for place, line in enumerate(counts)
        ),
        *gauge(card.share, card.goal),
        words(card.source, EDGE, 598, size=26, fill="muted"),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        width=WIDTH,
        height=HEIGHT,
        font_family=FAMILY,
    )


def fitted(heading: str) -> tuple[float, list[str]]:
    """The heading in at most two lines, as large as it can be; the rest of too long a one is left out."""
    for size in SIZES:
        lines = wrap(heading, INNER * 0.93, size)  # it is set in bold, which is wider
        if len(lines) <= MOST_LINES:
            return size, lines
    return size, [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1]} …"]


def banner(mark: str) -> list[str]:
    if not mark:
        return []
    return [
        tag("rect", width=WIDTH, height=56.0, fill=GOLD_WASH),
        words(mark, EDGE, 38, size=28, fill="gold", bold=True),
    ]


def gauge(share: float | None, goal: float | None) -> list[str]:
    """The bar of the pages, with the target as a gold line; empty where there is no share."""
    parts = [tag("rect", x=EDGE, y=530.0, width=INNER, height=24.0, rx=4, fill=TRACK)]
    if share:
        parts.append(tag("rect", x=EDGE, y=530.0, width=INNER * share, height=24.0, rx=4, fill=ACCENT))
    if goal is not None:
        at = EDGE + min(INNER * goal, INNER - 8)
        parts.append(tag("rect", x=at, y=520.0, width=8.0, height=44.0, fill=GOLD))
    return parts
