"""Charts as SVG text: pure functions from plain data to a picture. No database, no clock, no script.

Written by hand instead of with Altair and vl-convert, for five reasons seen side by side: the pages can
hold the drawing itself, so its words are set in the page's typeface, are read aloud, translated and
searched, and regions and bars are links; it keeps a policy of `style-src 'self'` (only presentation
attributes, no `style=`); a narrow variant is another layout rather than a smaller picture; it takes well
under a millisecond and about 5 kB in place of 40 ms and 30 kB; and there is no second grammar to learn.

Every function takes labels that are already translated and numbers that are already formatted. Colours are
classes with presentation attributes beside them (`colours`): `inline` leaves the colours to the page's style
sheet, `standalone` makes a file that carries its typeface and its dark scheme.
"""

from reports.charts.badge import Badge, badge
from reports.charts.bars import Bar, bars_by_key
from reports.charts.colours import inline
from reports.charts.distribution import institution_distribution
from reports.charts.dots import png
from reports.charts.drawing import Mark, standalone
from reports.charts.exposure import Pair, exposure_against_coverage
from reports.charts.lines import Line, shares_over_time
from reports.charts.map import Area, ShareClass, map_legend, region_map
from reports.charts.series import Goal, Point, share_over_time
from reports.charts.strip import strip

__all__ = [
    "Area",
    "Badge",
    "Bar",
    "Goal",
    "Line",
    "Mark",
    "Pair",
    "Point",
    "ShareClass",
    "badge",
    "bars_by_key",
    "exposure_against_coverage",
    "inline",
    "institution_distribution",
    "map_legend",
    "png",
    "region_map",
    "share_over_time",
    "shares_over_time",
    "standalone",
    "strip",
]
