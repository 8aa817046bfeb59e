"""Charts of a release with their words: heading, description, both layouts, and the same figures as a table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise
from statistics import median
from typing import Any

from django.db.models import Model, TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from institutions.models import Region
from reports import charts, specifying
from reports.cells import NATION, Cell
from reports.figures import Counts, Standing, as_at
from reports.models import Target
from reports.outlook import next_target, outlook, same_rules
from reports.tables import Column
from reports.wording import (
    month,
    part_of,
    percent,
    percent_label,
    share_and_part,
    short_month,
    trend,
)

BOUNDS = (40, 60, 80, 95)
FAR_BEHIND = Fraction(40, 100)

# The caption of a city on the map needs no word for "city"; its full name stands in the table.
CITY_WORDS = ("город ", " қаласы", " City")


@dataclass(frozen=True)
class Row:
    """One line of a chart's table."""

    label: str
    counts: Counts
    href: str = ""
    cell: str = ""  # what its programmes are found by, where the page of a release lists them
    key: str = ""  # its code, for programs
    day: date | None = None  # what it describes, where that is another moment than the release's
    rules: int = 0  # in a series, by which of the sets of rules that it has gone by, from 1
    more: tuple[object, ...] = ()  # what programs are told besides: of the columns `Picture.more`


@dataclass(frozen=True)
class Picture:
    """A chart: its heading states the finding; `first` heads the first column of the table."""

    name: str
    heading: str
    first: str
    rows: Sequence[Row]
    draw: Callable[[bool], str]
    steps: Sequence[tuple[str, int]] = ()  # what stands in the table instead of rows: how many, step by step
    bare: str = ""  # the one drawing for every width of a page, whose legend is not in it
    legend: Sequence[tuple[str, str]] = ()  # swatches, and what they stand for
    bars: bool = False  # a page shows its rows as bars that are a table; the drawing is for files
    reference: Fraction | None = None  # what is marked on each bar
    # Draws the rows as they are taken away.
    specify: Callable[[specifying.Rows], specifying.Spec] = specifying.bars
    behind: Sequence[Row] = ()  # what is drawn, where the table does not list it
    more: Sequence[Column] = ()

    @property
    def data(self) -> Sequence[Row]:
        return self.behind or self.rows

    @property
    def wide(self) -> str:
        return self.draw(False)

    @property
    def narrow(self) -> str:
        return self.draw(True)


def rows(
    cells: Mapping[str, Counts],
    named: Mapping[str, Any],
    page: str,
    *,
    short: bool = False,
    within: Cell | None = None,
) -> list[Row]:
    """Cells with their names, furthest ahead first; those without a share last. `page` is the dimension's name too."""
    found = [
        Row(
            (named[code].short_name if short else named[code].name) if code in named else code,
            counts,
            reverse(page, args=[code]) if page and code in named else "",
            (within or NATION).part(page, code).query if page else "",
            key=code,
        )
        for code, counts in cells.items()
    ]
    return ranked(found)


def ranked(table: Iterable[Row]) -> list[Row]:
    return sorted(table, key=lambda row: (row.counts.share is None, -(row.counts.share or 0), row.label))


def choices(
    cells: Mapping[str, Counts], of: type[TextChoices], dimension: str = "", within: Cell = NATION
) -> list[Row]:
    """Cells of a dimension whose keys are few and known, such as levels, in the order of these."""
    return [
        Row(
            str(label).capitalize(),
            cells[code],
            cell=within.part(dimension, code).query if dimension else "",
        )
        for code, label in of.choices
        if code in cells
    ]


def by_code(things: Iterable[Model]) -> dict[str, Any]:
    return {thing.code: thing for thing in things}  # type: ignore[attr-defined]


def classes() -> list[charts.ShareClass]:
    """The classes of the map, named in the reader's language."""
    low, high = BOUNDS[0], BOUNDS[-1]
    between = [
        charts.ShareClass(
            upper / 100, _("%(low)d to %(high)s") % {"low": lower, "high": percent_label(upper)}
        )
        for lower, upper in pairwise(BOUNDS)
    ]
    return [
        charts.ShareClass(low / 100, _("under %(share)s") % {"share": percent_label(low)}),
        *between,
        charts.ShareClass(2, _("%(share)s and over") % {"share": percent_label(high)}),
    ]


def regions(
    cells: Mapping[str, Counts], named: Mapping[str, Region], *, within: Cell | None = None
) -> Picture:
    table = rows(cells, named, "region", within=within)
    heading = extremes(table)

    def draw(narrow: bool, bare: bool = False) -> str:
        areas = [
            charts.Area(
                code=code,
                label=caption(region),
                share=number(cells[code].share if code in cells else None),
                text=share_and_part(cells.get(code, Counts())),
                mark=str(round((cells[code].share or 0) * 100)) if code in cells else "",
                city=region.kind == Region.Kind.CITY,
                href=reverse("region", args=[code]),
            )
            for code, region in named.items()
        ]
        return charts.region_map(
            areas,
            classes=classes(),
            no_data=_("no data"),
            name=f"map-{layout(narrow)}",
            title=heading,
            description=_(
                "Map of the share of programmes that meet the mandate, by region; the table has every figure."
            ),
            narrow=narrow,
            bare=bare,
        )

    return Picture(
        "map",
        heading,
        _("Region"),
        table,
        draw,
        bare=draw(False, bare=True),
        legend=charts.map_legend(classes(), _("no data"), f"map-{layout(False)}"),
        specify=lambda rows: specifying.areas(
            rows, bounds=[bound / 100 for bound in BOUNDS], first=_("Region")
        ),
    )


def day_of(point: Standing) -> date:
    return timezone.localtime(as_at(point.release)).date()


def rules_of(series: Sequence[Standing]) -> list[int]:
    """Of each point which set of rules it goes by, the first being 1: one line joins those of one number."""
    changes = (not same_rules(before, point) for before, point in pairwise(series))
    return list(accumulate(changes, initial=1))[: len(series)]


def as_drawn(series: Sequence[Standing]) -> list[charts.Point]:
    """Where the rules changed no line leads on, and whoever asks is told why."""
    drawn, before = [], 1
    for point, rules in zip(series, rules_of(series), strict=True):
        said = f"{month(day_of(point))}: {share_and_part(point.counts)}"
        if rules != before:
            said += ". " + _(
                "The rules changed between the two releases: the figures follow different rules."
            )
        share = point.counts.share
        drawn.append(charts.Point(day_of(point), number(share), percent(share), said, rules != before))
        before = rules
    return drawn


def over_time(points: Sequence[Standing], plan: Sequence[Target], *, name: str = "series") -> Picture:
    """A series with the plan's next target; rows are releases, newest first."""
    goal = next_target(plan, day_of(points[-1])) if points else None
    heading = trend(
        [(day_of(point), point.counts.share) for point in points if same_rules(point, points[-1])],
        goal.due_on if goal else None,
        Fraction(goal.share) if goal else Fraction(1),
        outlook(points, goal),
    )

    def draw(narrow: bool) -> str:
        return charts.share_over_time(
            as_drawn(points),
            goals=[
                charts.Goal(
                    target.due_on,
                    float(target.share),
                    _("target: %(share)s, %(month)s")
                    % {"share": percent(Fraction(target.share)), "month": short_month(target.due_on)},
                )
                for target in ([goal] if goal else [])
            ],
            name=f"{name}-{layout(narrow)}",
            title=heading,
            description=_("Share of programmes that meet the mandate, release by release."),
            date_label=short_month,
            share_label=percent_label,
            narrow=narrow,
        )

    table = [
        Row(
            _("Release %(number)d, %(month)s")
            % {"number": point.release.number, "month": month(as_at(point.release))},
            point.counts,
            reverse("release", args=[point.release.number]),
            key=str(point.release.number),
            day=day_of(point),
            rules=rules,
        )
        for point, rules in reversed(list(zip(points, rules_of(points), strict=True)))
    ]
    goals = [{"day": goal.due_on.isoformat(), "share": float(goal.share), "label": goal.name}] if goal else []
    return Picture(
        name,
        heading,
        _("Release"),
        table,
        draw,
        specify=lambda rows: specifying.series(rows, goals=goals),
    )


def bars(
    name: str, first: str, table: Sequence[Row], nation: Counts | None = None, *, heading: str = ""
) -> Picture:
    heading = heading or extremes(table)

    def draw(narrow: bool) -> str:
        return charts.bars_by_key(
            [
                charts.Bar(row.label, row.label, number(row.counts.share), part_of(row.counts), row.href)
                for row in table
            ],
            reference=charts.Mark(
                float(nation.share), _("nation: %(share)s") % {"share": percent(nation.share)}
            )
            if nation and nation.share is not None
            else None,
            name=f"{name}-{layout(narrow)}",
            title=heading,
            description=_("Programmes that meet the mandate, of all that it covers."),
            narrow=narrow,
        )

    mean = number(nation.share) if nation else None
    return Picture(
        name,
        heading,
        first,
        table,
        draw,
        bars=True,
        reference=nation.share if nation else None,
        specify=lambda rows: specifying.bars(rows, reference=mean, reference_label=_("Nation")),
    )


def distribution(cells: Mapping[str, Counts]) -> Picture:
    """All institutions with a share."""
    shares = [counts.share for counts in cells.values() if counts.share is not None]
    middle = median(shares) if shares else None
    heading = spread(shares, middle)

    def draw(narrow: bool) -> str:
        return charts.institution_distribution(
            [float(share) for share in shares],
            share_label=percent_label,
            median=charts.Mark(float(middle), _("half are above %(share)s") % {"share": percent(middle)})
            if middle is not None
            else None,
            name=f"universities-{layout(narrow)}",
            title=heading,
            description=_(
                "Each dot is a university, placed by the share of its programmes that meet the mandate."
            ),
            narrow=narrow,
        )

    return Picture(
        "universities",
        heading,
        _("Share"),
        (),
        draw,
        bare=draw(False),
        steps=steps(shares) if shares else (),
        specify=lambda rows: specifying.dots(rows, first=_("University")),
        behind=[Row(code, counts, key=code) for code, counts in sorted(cells.items())],
    )


def steps(shares: Sequence[Fraction]) -> list[tuple[str, int]]:
    """How many stand in each tenth, the highest first; all and none of their programmes are steps of their own."""
    found = [(percent_label(100), sum(share == 1 for share in shares))]
    for upper in range(100, 0, -10):
        lower = upper - 10
        label = _("%(low)d to under %(high)s") if lower else _("above %(low)d and under %(high)s")
        number = sum(Fraction(lower, 100) <= share < Fraction(upper, 100) and share > 0 for share in shares)
        found.append((label % {"low": lower, "high": percent_label(upper)}, number))
    return [*found, (percent_label(0), sum(not share for share in shares))]


def extremes(table: Sequence[Row]) -> str:
    """Who leads and who trails, as the heading of a chart."""
    known = sorted(
        (row for row in table if row.counts.share is not None), key=lambda row: row.counts.share or 0
    )
    if not known:
        return _("No figures yet")
    first, last = known[-1], known[0]
    if first.counts.share == last.counts.share:
        return _("All stand at %(share)s") % {"share": percent(first.counts.share)}
    return _("%(last)s trails at %(low)s; %(first)s leads at %(high)s") % {
        "first": first.label,
        "high": percent(first.counts.share),
        "last": last.label,
        "low": percent(last.counts.share),
    }


def spread(shares: Sequence[Fraction], middle: Fraction | None) -> str:
    if not shares:
        return _("No university has figures yet")
    behind = sum(share < FAR_BEHIND for share in shares)
    if not behind:
        return _("Half of the universities are above %(share)s, and none is below %(bound)s") % {
            "share": percent(middle),
            "bound": percent(FAR_BEHIND),
        }
    return ngettext(
        "Half of the universities are above %(share)s; %(count)d is below %(bound)s",
        "Half of the universities are above %(share)s; %(count)d are below %(bound)s",
        behind,
    ) % {"share": percent(middle), "count": behind, "bound": percent(FAR_BEHIND)}


def caption(region: Region) -> str:
    name = region.name
    if region.kind == Region.Kind.CITY:
        for word in CITY_WORDS:
            name = name.removeprefix(word).removesuffix(word)
    return name


def number(share: Fraction | None) -> float | None:
    """For drawing only: figures stay counts."""
    return None if share is None else float(share)


def layout(narrow: bool) -> str:
    return "narrow" if narrow else "wide"
