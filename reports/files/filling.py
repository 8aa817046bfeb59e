"""The tables of a release with the rows that it has of each, in an order that is the same whenever they are read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, replace
from functools import partial
from typing import Any

from django.db.models import QuerySet, Value
from django.db.models.expressions import Combinable

from curricula.models import Field
from institutions.models import Institution, Region
from reports import assessing, explaining, figures, movements, tables
from reports.files.formats import Filled, Row
from reports.models import Assessment, Coverage, Indicator, ReferenceValue, Release, Requirement, Target
from reports.tables import Column, Table

DEMONSTRATION = Column("demonstration", None, "flag", "Whether the data are generated for demonstration.")

SERIES = Table(
    "series",
    Coverage,
    "The coverage of each key in every release up to this one that stands, that is, was not corrected by then.",
    (
        *tables.COVERAGE.columns,
        Column("as_at", "snapshot__as_at", "moment", "The moment that the figures of the row describe."),
    ),
)

TARGETS = Table(
    "targets",
    Target,
    "The phases of the plan as they stood when the files were made: how far a requirement shall be met by a day.",
    (
        Column("requirement", "requirement_code", "text", "Code of the requirement."),
        Column("due_on", "due_on", "date", "By when."),
        Column("share", tables.as_text("share"), "share", "The share of programmes that shall meet it."),
        *tables.named("Name"),
        Column("source", "source", "text", "Where the target was set."),
    ),
)


def with_reasons(words: Callable[[str], Combinable]) -> Table:
    """The table of programmes with the reason in each language: a file is for all, an answer of the API for one."""
    reasons = (
        Column(f"reason_{code}", words(code), "text", f"Why, in {language}.")
        for code, language in tables.LANGUAGES.items()
    )
    return replace(tables.PROGRAMMES, columns=(*tables.PROGRAMMES.columns, *reasons))


# Figures first, then by which rules they were computed, then what the codes in them are called.
PUBLISHED = (
    tables.COVERAGE, tables.INDICATORS, with_reasons(Value), SERIES, tables.MOVEMENTS, tables.REQUIREMENTS, TARGETS,
    tables.REFERENCE_VALUES, tables.REGIONS, tables.INSTITUTIONS, tables.FIELDS,
)  # fmt: skip


def columns_of(table: Table) -> tuple[Column, ...]:
    """What a file holds of a table: what the database fills in, where it does; whether the data are generated."""
    stored = tuple(column for column in table.columns if column.source is not None)
    return (*(stored or table.columns), DEMONSTRATION)


def filled_tables(release: Release) -> list[Filled]:
    """Each of the published tables, in their order."""
    snapshot = {"snapshot": release.snapshot_id}
    standing = figures.standing(release).values("snapshot")
    return [
        of_snapshots(tables.COVERAGE, Coverage.objects.filter(**snapshot), "requirement", "dimension", "key"),
        of_snapshots(
            tables.INDICATORS, Indicator.objects.filter(**snapshot), "indicator", "dimension", "key"
        ),
        of_snapshots(
            with_reasons(partial(explaining.in_words, Assessment.objects.filter(**snapshot))),
            Assessment.objects.filter(**snapshot),
            "institution",
            "programme",
            "requirement",
        ),
        of_snapshots(
            SERIES,
            Coverage.objects.filter(snapshot__in=standing, dimension__in=figures.SINGLE),
            "release",
            "requirement",
            "dimension",
            "key",
        ),
        moved(release),
        listed(
            tables.REQUIREMENTS,
            Requirement.objects.filter(pk__in=Coverage.objects.filter(**snapshot).values("requirement")),
            release,
            "code",
            "number",
        ),
        listed(TARGETS, Target.objects.all(), release, "requirement_code", "due_on"),
        listed(tables.REFERENCE_VALUES, ReferenceValue.objects.all(), release, "code"),
        listed(tables.REGIONS, Region.objects.all(), release, "code"),
        listed(tables.INSTITUTIONS, Institution.objects.all(), release, "code"),
        listed(tables.FIELDS, Field.objects.all(), release, "code"),
    ]


ORDER = {
    "release": ("snapshot__release__number",),
    "requirement": ("requirement__code", "requirement__number"),
    "institution": ("institution__code",),
    "programme": ("programme__code",),
}


def of_snapshots(table: Table, queryset: QuerySet[Any], *order: str) -> Filled:
    """Rows that belong to snapshots, each of which knows whether its data are generated."""
    lookups = [lookup for name in order for lookup in ORDER.get(name, (name,))]
    return _filled(table, queryset.order_by(*lookups), ["snapshot__demonstration"], ())


def listed(table: Table, queryset: QuerySet[Any], release: Release, *order: str) -> Filled:
    """Names and rules, which say with the release whether they stand beside generated data."""
    return _filled(table, queryset.order_by(*order), [], (release.snapshot.demonstration,))


def _filled(table: Table, queryset: QuerySet[Any], extra: Sequence[str], constant: Row) -> Filled:
    def read() -> Iterator[Row]:
        # A cursor on the server: a big table is never in memory as a whole.
        for row in table.select(queryset, extra).iterator(chunk_size=2_000):
            yield (*row, *constant)

    return Filled(table, columns_of(table), read)


def moved(release: Release) -> Filled:
    """What moved the figures since the release before, and since the one that this corrects."""
    older = {one for one in (figures.before(release), release.corrects) if one is not None}
    demonstration = release.snapshot.demonstration

    def read() -> Iterator[Row]:
        for before in sorted(older, key=lambda one: one.number):
            for one in movements.between(before.snapshot, release.snapshot, dimensions=assessing.DIMENSIONS):
                yield (release.number, before.number, *astuple(one), demonstration)

    return Filled(tables.MOVEMENTS, columns_of(tables.MOVEMENTS), read)
