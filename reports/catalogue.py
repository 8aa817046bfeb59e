"""The national catalogue of AI disciplines: who teaches what, as it was signed, approved and released.

Disciplines of the same title (`title_key`) are one entry of the catalogue, whichever universities teach them. An entry
keeps its address from release to release: the MD5 of its title.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Max, Min, QuerySet, Value
from django.db.models.functions import MD5, Coalesce, NullIf
from django.urls import reverse
from django.utils.formats import number_format

from curricula.models import AICategory, ContentArea, Programme
from institutions.finding import Finder, Named
from institutions.names import LANGUAGES, localized
from reports.figures import Edition
from reports.models import Assessment
from reports.tables import PERIOD, RELEASE, Column, Table, as_text, named

TITLES = [f"title_{language}" for language in LANGUAGES]
SIGNED = (
    *TITLES, "title_key", "search", "ai_category", "areas", "credits", "semester", "description", "evidence_url",
    "discipline",
)  # fmt: skip
Lines = QuerySet[Any]  # of assessments with columns that are annotated, which type checkers don't know
MOST_NAMED = 3_000  # so many titles, the most taught, are compared by how they sound
MOST_NEAR = 6


@dataclass(frozen=True)
class Entry:
    """A title of the catalogue as it reads in the list: what it is and how many teach it."""

    title_key: str
    title: str
    universities: int
    programmes: int
    categories: list[str]
    areas: list[str]
    credits: str
    languages: list[str]

    @property
    def key(self) -> str:
        """What an address names it by."""
        return hashlib.md5(self.title_key.encode(), usedforsecurity=False).hexdigest()

    @property
    def address(self) -> str:
        return reverse("discipline", args=[self.key])


def lines(assessments: QuerySet[Assessment]) -> Lines:
    """An AI line of a released curriculum a row: what was signed of it, beside what the release says of its programme.

    `taught_in` is the language of the discipline, where none was signed that of the programme.
    """
    signed = {column: F(f"version__signed_disciplines__{column}") for column in SIGNED}
    language = NullIf(F("version__signed_disciplines__language"), Value(""))
    return assessments.filter(version__signed_disciplines__isnull=False).annotate(
        **signed, taught_in=Coalesce(language, F("language"))
    )


def entries(rows: Lines) -> QuerySet[Any, dict[str, Any]]:
    """Lines grouped by title, most taught first."""
    return (
        rows.values("title_key")
        .annotate(
            **{f"shown_{title}": Max(title) for title in TITLES},
            universities=Count("institution", distinct=True),
            programmes=Count("programme", distinct=True),
            categories=ArrayAgg("ai_category", distinct=True),
            languages=ArrayAgg("taught_in", distinct=True),
            least=Min("credits"),
            most=Max("credits"),
        )
        .order_by("-universities", "-programmes", "title_key")
    )


def shown(groups: Iterable[dict[str, Any]], rows: Lines) -> list[Entry]:
    """Groups as they read, with the content areas of their lines; one query."""
    groups = list(groups)
    areas: dict[str, set[str]] = defaultdict(set)
    chosen = rows.filter(title_key__in=[group["title_key"] for group in groups])
    for title, found in chosen.values_list("title_key", "areas").distinct().order_by():
        areas[title].update(found)
    return [
        Entry(
            group["title_key"],
            localized_title(group, "shown_title"),
            group["universities"],
            group["programmes"],
            [str(label) for value, label in AICategory.choices if value in group["categories"]],
            area_names(areas[group["title_key"]]),
            credit_range(group["least"], group["most"]),
            [str(label) for value, label in Programme.Language.choices if value in group["languages"]],
        )
        for group in groups
    ]


def of_key(rows: Lines, key: str) -> Lines:
    return rows.annotate(key=MD5(F("title_key"))).filter(key=key)


def keys(edition: Edition) -> list[str]:
    """Of all entries of a release."""
    found = lines(edition.assessments).annotate(key=MD5(F("title_key")))
    return list(found.order_by("key").values_list("key", flat=True).distinct())


def nearest(edition: Edition, text: str) -> list[Entry]:
    """Titles that sound most like a text, nearest first; at most three queries."""
    titles = [hit.thing.code for hit in _finder(edition.release.snapshot_id).find(text, MOST_NEAR)]
    if not titles:
        return []
    rows = lines(edition.assessments)
    found = shown(entries(rows.filter(title_key__in=titles)), rows)
    return sorted(found, key=lambda entry: titles.index(entry.title_key))


@lru_cache(maxsize=2)
def _finder(snapshot: int) -> Finder:
    """Made once a release, which never changes."""
    groups = entries(lines(Assessment.objects.filter(snapshot=snapshot)))[:MOST_NAMED]
    return Finder(
        Named("discipline", group["title_key"], tuple({group[f"shown_{title}"] for title in TITLES} - {""}))
        for group in groups
    )


def localized_title(row: dict[str, Any], name: str = "title") -> str:
    return localized(SimpleNamespace(**row), name)


def area_names(areas: Iterable[str]) -> list[str]:
    """In the reader's language; an area that the program knows no more is left out."""
    return [str(label) for value, label in ContentArea.choices if value in set(areas)]


def credit_range(least: Decimal, most: Decimal) -> str:
    """One figure, or a range."""
    low, high = (number_format(number.normalize()) for number in (least, most))
    return low if low == high else f"{low}–{high}"


TABLE = Table(
    "disciplines",
    Assessment,
    "AI disciplines of the approved curricula of a release as they were signed, a row for each line.",
    (
        RELEASE,
        PERIOD,
        Column("institution", "institution__code", "text", "Code of the institution."),
        Column("region", "region_code", "text", "Region of the institution as at the release (ISO 3166-2)."),
        Column("programme", "programme__code", "text", "Code of the programme: level, direction, number."),
        Column(
            "level",
            "level",
            "text",
            "`6B` bachelor, `7M` master, `8D` doctorate.",
            tuple(Programme.Level.values),
        ),
        Column("field", "field_code", "text", "Field of education."),
        *named("Title", "title"),
        Column("ai_category", "ai_category", "text", "AI category.", tuple(AICategory.values)),
        Column(
            "areas",
            "areas",
            "codes",
            "Content areas that the taxonomy finds in title and description.",
        ),
        Column("credits", as_text("credits"), "credits", "ECTS credits."),
        Column("semester", "semester", "integer", "Semester."),
        Column("language", "taught_in", "text", "Language of instruction.", tuple(Programme.Language.values)),
        Column("description", "description", "text", "What the university says that students learn."),
        Column("evidence", "evidence_url", "text", "Public page that shows that it is taught."),
    ),
)
