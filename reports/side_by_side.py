"""Up to five universities, regions or fields beside each other: their counts in a release, and their series."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from curricula.models import Field, Programme
from institutions.models import Region
from reports import catalogue, charts, figures, pictures, specifying
from reports.cells import LOOKUPS
from reports.figures import Counts, Edition, Measure, Standing, as_at
from reports.models import Indicator
from reports.outlook import same_rules
from reports.pictures import layout
from reports.wording import (
    DASH,
    count,
    missing,
    month,
    percent_label,
    share_of_part,
    short_month,
)

MOST = 5
MEASURES = {
    "faculty_trained": gettext_lazy("Faculty who have completed training in AI"),
    "students_reached": gettext_lazy("Students in programmes that meet the mandate"),
    "ai_programmes": gettext_lazy("Programmes dedicated to AI"),
}
# By what each kind is broken down besides levels.
OTHER = {"institution": "field", "region": "field", "field": "region"}


@dataclass(frozen=True)
class Column:
    """One of what is compared, with all that is said of it."""

    kind: str
    thing: Any
    counts: Counts
    points: list[Standing]
    measures: Mapping[str, Measure]
    levels: Mapping[str, Counts]
    parts: Mapping[str, Counts]
    disciplines: int

    @property
    def label(self) -> str:
        return str(self.thing.name)


class Cell(NamedTuple):
    """What stands in a row for one column; a share is also drawn, a note says what is missing."""

    text: str
    share: Fraction | None = None
    note: str = ""


class Row(NamedTuple):
    """A line of the table."""

    label: str
    cells: list[Cell]


def columns(edition: Edition, kind: str, things: Sequence[Any]) -> list[Column]:
    """In the order of the things; seven queries, however many they are."""
    codes = [thing.code for thing in things]
    counts = figures.cells_of(edition, {kind: codes})
    points = figures.standings(edition, kind, codes)
    levels = parts_of(edition, kind, codes, LOOKUPS["level"])
    parts = parts_of(edition, kind, codes, LOOKUPS[OTHER[kind]])
    measured = measures_of(edition, kind, codes)
    lines = catalogue.lines(edition.assessments.filter(**{f"{LOOKUPS[kind]}__in": codes}))
    taught = lines.values_list(LOOKUPS[kind]).annotate(n=Count("title_key", distinct=True)).order_by()
    disciplines = dict(taught)
    return [
        Column(
            kind,
            thing,
            counts.get((kind, thing.code), Counts()),
            points[thing.code],
            measured[thing.code],
            levels[thing.code],
            parts[thing.code],
            disciplines.get(thing.code, 0),
        )
        for thing in things
    ]


def parts_of(edition: Edition, kind: str, codes: Sequence[str], column: str) -> dict[str, dict[str, Counts]]:
    """Counts of each code by a column of the assessments; one query."""
    own = LOOKUPS[kind]
    found: dict[str, dict[str, Counts]] = defaultdict(dict)
    rows = edition.assessments.filter(**{f"{own}__in": codes}).values(own, column)
    for row in rows.annotate(**figures.COUNTED).order_by():
        found[row[own]][row[column]] = Counts.of(row)
    return found


def measures_of(edition: Edition, kind: str, codes: Sequence[str]) -> dict[str, dict[str, Measure]]:
    """Indicators of each code; fields have none; one query."""
    found: dict[str, dict[str, Measure]] = defaultdict(dict)
    for row in Indicator.objects.filter(snapshot=edition.release.snapshot_id, dimension=kind, key__in=codes):
        found[row.key][row.indicator] = Measure(row.indicator, row.numerator, row.denominator, row.missing)
    return found


def figures_of(compared: Sequence[Column]) -> list[Row]:
    """The share, what it is made of, and what else is counted."""
    counts = [column.counts for column in compared]
    return [
        shares(_("Programmes that meet the mandate"), counts),
        Row(_("Of those with data"), [Cell(share_of_part(one.met, one.met + one.not_met)) for one in counts]),
        Row(_("Do not meet it"), [counted(one, one.not_met) for one in counts]),
        Row(_("No approved data"), [counted(one, one.no_data) for one in counts]),
        Row(_("Exempt"), [counted(one, one.exempt) for one in counts]),
        Row(_("AI disciplines taught"), [taught(column) for column in compared]),
        *(
            Row(str(label), [measured(column.measures.get(name)) for column in compared])
            for name, label in MEASURES.items()
            if any(name in column.measures for column in compared)
        ),
    ]


def by_level(compared: Sequence[Column]) -> list[Row]:
    return [
        shares(str(label).capitalize(), [column.levels.get(value, Counts()) for column in compared])
        for value, label in Programme.Level.choices
        if any(value in column.levels for column in compared)
    ]


def by_part(kind: str, compared: Sequence[Column]) -> list[Row]:
    """By field of education, a field by region; one query."""
    if OTHER[kind] == "field":
        named = [(row.code, row.short_name) for row in Field.objects.filter(kind=Field.Kind.FIELD)]
    else:
        named = [(row.code, row.name) for row in Region.objects.all()]
    return [
        shares(name, [column.parts.get(code, Counts()) for column in compared])
        for code, name in named
        if any(code in column.parts for column in compared)
    ]


def over_time(compared: Sequence[Column]) -> list[Row]:
    """The series as a table, the newest release first."""
    moments = {point.release: None for column in compared for point in column.points}
    standing = [{point.release: point.counts for point in column.points} for column in compared]
    return [
        shares(
            _("Release %(number)d, %(month)s") % {"number": release.number, "month": month(as_at(release))},
            [of.get(release, Counts()) for of in standing],
        )
        for release in sorted(moments, key=lambda release: -release.number)
    ]


def shares(label: str, counts: Sequence[Counts]) -> Row:
    return Row(label, [Cell(share_of_part(one.met, one.counted), one.share) for one in counts])


def counted(counts: Counts, part: int) -> Cell:
    """A part of the programmes in scope; a dash where none is."""
    return Cell(count(part) if counts.in_scope else DASH)


def taught(column: Column) -> Cell:
    """How many AI disciplines; a dash where no curriculum is approved, of which nothing is known."""
    known = column.disciplines or column.counts.met or column.counts.not_met
    return Cell(count(column.disciplines) if known else DASH)


def measured(measure: Measure | None) -> Cell:
    if measure is None:
        return Cell(DASH)
    return Cell(
        share_of_part(measure.numerator, measure.denominator),
        None,
        missing(measure) if measure.missing else "",
    )


def growth(column: Column) -> Fraction | None:
    """From the first known share to the last by the same rules; None where there are no two."""
    known = [
        point.counts.share
        for point in column.points
        if point.counts.share is not None and same_rules(point, column.points[-1])
    ]
    return known[-1] - known[0] if len(known) > 1 else None


def finding(compared: Sequence[Column]) -> str:
    """Which of them has grown most."""
    grown = [(change, column.label) for column in compared if (change := growth(column)) is not None]
    if not grown:
        return _("One release so far: the series begins here")
    most, name = max(grown)
    points = round(most * 100)
    if points <= 0:
        return _("Coverage is not growing in any of them")
    return ngettext(
        "Grown most: %(name)s, by %(points)d point", "Grown most: %(name)s, by %(points)d points", points
    ) % {"name": name, "points": points}


def drawing(compared: Sequence[Column], *, narrow: bool) -> str:
    """The series of all in one chart."""
    return charts.shares_over_time(
        [charts.Line(column.label, pictures.as_drawn(column.points)) for column in compared],
        name=f"together-{layout(narrow)}",
        title=finding(compared),
        description=_("Share of programmes that meet the mandate, release by release, a line for each."),
        date_label=short_month,
        share_label=percent_label,
        narrow=narrow,
    )


def picture(compared: Sequence[Column]) -> pictures.Picture:
    """The same chart to take away, with a row for each release of each."""
    return pictures.Picture(
        "together",
        finding(compared),
        _("Release"),
        (),
        lambda narrow: drawing(compared, narrow=narrow),
        specify=specifying.lines,
        behind=[
            pictures.Row(
                column.label,
                point.counts,
                key=column.thing.code,
                day=pictures.day_of(point),
                rules=rules,
            )
            for column in compared
            for point, rules in zip(column.points, pictures.rules_of(column.points), strict=True)
        ],
    )
