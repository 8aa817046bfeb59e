"""An entry of the catalogue, read closely: who teaches it, in which programmes, with what credits and words."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, QuerySet
from django.db.models.functions import Length, Sign

from curricula.models import AICategory, Field, Programme
from institutions.models import Institution
from reports.catalogue import TITLES, Lines, area_names, credit_range, localized_title

NAMED = 8  # so many programmes of a university are named, unless the page is about this university alone


@dataclass
class Taught:
    """How one university teaches it, in the order and words of the page."""

    institution: Institution
    programmes: list[tuple[str, str]] = field(default_factory=list)  # code and title
    more: int = 0
    credits: str = ""
    semesters: str = ""
    categories: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    descriptions: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)


def titles(rows: Lines) -> dict[str, str]:
    """Of all lines of an entry one title in each language; empty where there is no line; one query."""
    found: dict[str, str] = rows.aggregate(**{f"shown_{title}": Max(title) for title in TITLES})
    return {title: found[f"shown_{title}"] or "" for title in TITLES}


def facts(rows: Lines) -> dict[str, Any]:
    """What all who teach it have between them: counts, and lists in the reader's words; three queries."""
    found = rows.aggregate(
        universities=Count("institution", distinct=True),
        programmes=Count("programme", distinct=True),
        **{
            name: ArrayAgg(column, distinct=True, default=[])
            for name, column in (
                ("categories", "ai_category"),
                ("levels", "level"),
                ("languages", "taught_in"),
                ("fields", "field_code"),
                ("credits", "credits"),
            )
        },
    )
    areas = rows.order_by().values_list("areas", flat=True).distinct()
    return {
        "universities": found["universities"],
        "programmes": found["programmes"],
        "categories": labels(AICategory, found["categories"]),
        "levels": labels(Programme.Level, found["levels"]),
        "languages": labels(Programme.Language, found["languages"]),
        "areas": area_names({area for several in areas for area in several}),
        "credits": credit_range(min(found["credits"]), max(found["credits"])) if found["credits"] else "",
        "fields": list(Field.objects.filter(kind=Field.Kind.FIELD, code__in=found["fields"])),
    }


def teachers(rows: Lines) -> QuerySet[Any, Any]:
    """Universities that teach it: those with a description first, then by the number of programmes."""
    return (
        rows.values("institution")
        .annotate(described=Max(Sign(Length("description"))), number=Count("programme", distinct=True))
        .order_by("-described", "-number", "institution__order_kk", "institution__code")
        .values_list("institution", flat=True)
    )


def taught_at(rows: Lines, institutions: Sequence[int], named: int | None = NAMED) -> list[Taught]:
    """How each of the universities teaches it, in their order; two queries."""
    columns = ("ai_category", "areas", "credits", "semester", "taught_in", "description", "evidence_url")
    programme = ["programme__code", *(f"programme__{title}" for title in TITLES)]
    of: dict[int, list[dict[str, Any]]] = defaultdict(list)
    chosen = rows.filter(institution__in=institutions).order_by("programme__code", "semester")
    for row in chosen.values("institution", *columns, *programme):
        of[row["institution"]].append(row)
    known = Institution.objects.select_related("region").in_bulk(institutions)
    return [_taught(known[key], of[key], named) for key in institutions]


def _taught(institution: Institution, rows: list[dict[str, Any]], named: int | None) -> Taught:
    programmes = {row["programme__code"]: localized_title(row, "programme__title") for row in rows}
    credit: list[Decimal] = [row["credits"] for row in rows]
    return Taught(
        institution,
        programmes=list(programmes.items())[:named],
        more=len(programmes) - named if named and len(programmes) > named else 0,
        credits=credit_range(min(credit), max(credit)),
        semesters=", ".join(map(str, sorted({row["semester"] for row in rows}))),
        categories=labels(AICategory, {row["ai_category"] for row in rows}),
        languages=labels(Programme.Language, {row["taught_in"] for row in rows}),
        areas=area_names({area for row in rows for area in row["areas"]}),
        descriptions=distinct(row["description"] for row in rows),
        evidence=distinct(
            row["evidence_url"] for row in rows if row["evidence_url"].startswith(("http://", "https://"))
        ),
    )


def distinct(texts: Iterable[str]) -> list[str]:
    """What is said, once each, in the order in which it is first said."""
    return [text for text in dict.fromkeys(texts) if text]


def labels(choices: Any, values: Iterable[str]) -> list[str]:
    """In the reader's words, in the order of the choices."""
    there = set(values)
    return [str(label) for value, label in choices.choices if value in there]
