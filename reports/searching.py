"""Searching: universities, regions and fields by all that they are called."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from curricula.models import Field
from institutions.finding import MOST_COMPARED, Finder, Hit, Named
from institutions.models import Alias, FormerName, Institution, Region
from institutions.names import LANGUAGES
from institutions.sounds import initials, without_whom
from reports.api.shelf import last_edits
from reports.figures import Counts, Edition, cells_of

NAMES = [f"name_{language}" for language in LANGUAGES]
# What the finder is made of: after an edit of any of them each process makes it anew.
NAMING = (Institution, FormerName, Alias, Region, Field)
ROWS: dict[str, QuerySet[Any]] = {
    "institution": Institution.objects.select_related("region"),
    "region": Region.objects.all(),
    "field": Field.objects.filter(kind=Field.Kind.FIELD),
}


@dataclass(frozen=True)
class Found:
    """A university, region or field that was found, with its counts in the release.

    `also` is the name by which it was found, where that is not the one that is shown.
    """

    kind: str
    thing: Any
    counts: Counts
    also: str

    @property
    def href(self) -> str:
        return reverse(self.kind, args=[self.thing.code])


def finder() -> Finder:
    """One query where nothing was edited since it was last asked for; five more where something was."""
    edits = {f"edit_{place}": last_edits(model) for place, model in enumerate(NAMING)}
    return _finder(Region.objects.annotate(**edits).values_list(*edits).first())


@lru_cache(maxsize=2)
def _finder(edits: tuple[str, ...] | None) -> Finder:
    return Finder([*_institutions(), *_regions(), *_fields()])


def institutions_called(text: str) -> list[str]:
    """Codes of the universities that are called so, nearly so if none is; a code is itself."""
    codes = [hit.thing.code for hit in finder().find(text, MOST_COMPARED) if hit.thing.kind == "institution"]
    return [text] if text in codes else codes


def described(edition: Edition, hits: list[Hit]) -> list[Found]:
    """Hits with their rows and counts, in their order; a query for each kind and one for the counts."""
    keys = {kind: [hit.thing.code for hit in hits if hit.thing.kind == kind] for kind in ROWS}
    counts = cells_of(edition, keys)
    rows = {
        (kind, row.code): row
        for kind, codes in keys.items()
        if codes
        for row in ROWS[kind].filter(code__in=codes)
    }
    return [
        Found(hit.thing.kind, row, counts.get((hit.thing.kind, row.code), Counts()), _also(hit, row))
        for hit in hits
        if (row := rows.get((hit.thing.kind, hit.thing.code)))
    ]


def _also(hit: Hit, row: Any) -> str:
    """A former name or an alias; nothing for a name of today, in whatever language, or a code."""
    today = [getattr(row, name) for name in NAMES]
    return (
        ""
        if hit.name in {row.code, *today, *map(without_whom, today)} or hit.thing.kind == "field"
        else hit.name
    )


def _institutions() -> Iterator[Named]:
    other: dict[int, list[str]] = {}
    for key, *names in FormerName.objects.values_list("institution", *NAMES):
        other.setdefault(key, []).extend(filter(None, names))
    for key, alias in Alias.objects.values_list("institution", "name"):
        other.setdefault(key, []).append(alias)
    regions = {key: names for key, *names in Region.objects.values_list("pk", *NAMES)}
    rows = Institution.objects.values_list("pk", "code", "city", "region", *NAMES)
    for key, code, city, region, *names in rows:
        called = [*names, *other.get(key, ())]
        yield Named(
            "institution",
            code,
            tuple(dict.fromkeys([*called, *map(without_whom, called), code])),
            tuple(sorted({short for name in called for short in initials(name)})),
            (city, *regions[region]),
        )


def _regions() -> Iterator[Named]:
    for code, *names in Region.objects.values_list("code", *NAMES):
        yield Named("region", code, (*names, code))


def _fields() -> Iterator[Named]:
    short = [f"short_name_{language}" for language in LANGUAGES]
    for code, *names in ROWS["field"].values_list("code", *NAMES, *short):
        yield Named("field", code, (*filter(None, dict.fromkeys(names)), code))
