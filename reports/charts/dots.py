"""A drawing as PNG, for where SVG is not taken: slides, letters, previews of links."""

import resvg_py

from reports.charts.colours import PAPER
from reports.charts.drawing import FONTS

TYPEFACE = [str(FONTS / f"SourceSans3-{weight}.ttf") for weight in ("Regular", "Bold")]


def png(svg: str, *, zoom: float = 2) -> bytes:
    """The drawing on paper, `zoom` dots to each of its units; the same bytes for the same text on every machine.

    Only our own typeface is used, never a font of the machine: a letter that it lacks is left out. For drawings made
    here, whose words are escaped: in a stranger's an `<image>` would be read from disk. ValueError for what is no SVG.
    """
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=zoom,
        background=PAPER,
        skip_system_fonts=True,
        font_files=TYPEFACE,
        sans_serif_family="Source Sans 3",
    )
