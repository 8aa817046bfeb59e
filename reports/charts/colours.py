"""The colours of drawings, by class, in the light and the dark scheme.

A drawing is made in light colours. In a page, `static/qamtu.css` gives each class its colour; a test holds that these
are the ones here. A file that stands alone carries the dark ones along.
"""

import re

INK = "#14212b"
MUTED = "#4d5b66"
LINE = "#dbe2e7"
TRACK = "#e6edf1"
PAPER = "#ffffff"
ACCENT = "#00668c"
GOLD = "#7a5700"
THIRD, FOURTH = "#8f4aa8", "#2f7d5c"  # of lines beside each other
FILLS = ("#dcebf2", "#abcfdf", "#6ca9c3", "#2b7f9f", "#0a4f6c")  # the classes of the map, the worst first

INK_, MUTED_, LINE_, TRACK_ = (INK, "#e8eef2"), (MUTED, "#a9b7c1"), (LINE, "#2c3a45"), (TRACK, "#25333d")
PAPER_, ACCENT_, GOLD_ = (PAPER, "#10181e"), (ACCENT, "#6cc4e8"), (GOLD, "#e6c15c")
LINES_ = (ACCENT_, INK_, (THIRD, "#d3a8e6"), (FOURTH, "#7fd1ae"), MUTED_)
# On dark paper the best is the brightest: what is far from the paper is much, in both schemes.
FILLS_ = tuple(zip(FILLS, ("#1d3b4a", "#275a70", "#2f7896", "#63b4d3", "#bfe8f8"), strict=True))

# Of each class its properties, each with its colour in light and in dark.
COLOURS: dict[str, dict[str, tuple[str, str]]] = {
    "c-ink": {"fill": INK_},
    "c-muted": {"fill": MUTED_},
    "c-accent": {"fill": ACCENT_},
    "c-gold": {"fill": GOLD_},
    "c-goal-mark": {"fill": GOLD_},
    "c-goal": {"stroke": GOLD_},
    "c-grid": {"stroke": LINE_},
    "c-rule": {"stroke": MUTED_},
    "c-empty": {"stroke": MUTED_},
    "c-track": {"fill": TRACK_},
    "c-bar": {"fill": ACCENT_},
    "c-dot": {"fill": ACCENT_, "stroke": PAPER_},
    "c-dots": {"stroke": ACCENT_},
    "c-line": {"stroke": ACCENT_},
    "c-chosen": {"fill": INK_},
    "c-ground": {"fill": PAPER_},
    "c-halo": {"stroke": PAPER_},
    "c-ring": {"stroke": PAPER_},
    "c-outline": {"stroke": PAPER_},
    "c-swatch": {"stroke": MUTED_},
    "c-city": {"stroke": (INK, "#ffffff")},
    "c-hatch-ground": {"fill": ("#f4f6f7", "#1d2a33")},
    "c-hatch": {"stroke": ("#8a98a3", "#5d6f7c")},
    **{f"c-class-{place}": {"fill": pair} for place, pair in enumerate(FILLS_)},
    **{f"c-series-{place}": {"stroke": pair} for place, pair in enumerate(LINES_, start=1)},
    **{f"c-mark-{place}": {"fill": pair, "stroke": PAPER_} for place, pair in enumerate(LINES_, start=1)},
    # Figures on the map, by the class that they stand on.
    "c-on-dark": {"fill": (PAPER, "#0b1419")},
    "c-on-light": {"fill": (INK, "#ffffff")},
}

OF_FILES = re.compile(r' (?:xmlns|font-family)="[^"]*"')
COLOURED = re.compile(r'<[a-z]+ [^>]*class="([^"]+)"[^>]*>')


def inline(svg: str) -> str:
    """The drawing as a part of a page, whose style sheet has colours and typeface: a tenth of its length less."""

    def without(element: re.Match[str]) -> str:
        text = element[0]
        for name in element[1].split():
            for key, (light, _dark) in COLOURS.get(name, {}).items():
                text = text.replace(f' {key}="{light}"', "", 1)
        return text

    return COLOURED.sub(without, OF_FILES.sub("", svg))


def dark_style() -> str:
    """Rules for a file that stands alone, where the reader's scheme is dark."""
    rules = (
        f".{name}{{{';'.join(f'{key}:{dark}' for key, (_light, dark) in found.items())}}}"
        for name, found in COLOURS.items()
    )
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"
