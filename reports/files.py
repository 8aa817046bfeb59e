"""The files of a release: its tables as CSV and JSON, their description, and its charts. Made once, never changed."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils import translation
from rest_framework.utils.encoders import JSONEncoder

from reports import explaining, illustrating, tables
from reports.anchoring import newest_anchor
from reports.models import Assessment, Coverage, Indicator, Release, ReleaseFile, Requirement
from reports.tables import ACTIVE_START, Column, Table

CSV = "text/csv; charset=utf-8"
JSON = "application/json"
SVG = "image/svg+xml; charset=utf-8"
LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}
DEMONSTRATION = Column("demonstration", None, "flag", "Whether the data are generated for demonstration.")


def make_files(release: Release) -> None:
    """Write every file of the release, all or none; files that are there already are left as they are."""
    with transaction.atomic():
        if release.files.exists():
            return
        ReleaseFile.objects.bulk_create(
            ReleaseFile(
                release=release,
                name=name,
                language=language,
                media_type=media_type,
                content=content,
                sha256=hashlib.sha256(content).hexdigest(),
            )
            for name, language, media_type, content in contents(release)
        )


def contents(release: Release) -> Iterator[tuple[str, str, str, bytes]]:
    """Name, language ("" for all), media type and content of each file."""
    for table, queryset in published_rows(release):
        if table is not tables.REQUIREMENTS:
            yield f"{table.name}.csv", "", CSV, csv_file(table, queryset)
    yield "release.json", "", JSON, json_file(release_document(release))
    yield "datapackage.json", "", JSON, json_file(package(release))
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for name, drawing in illustrating.drawings(release):
                yield name, language, SVG, drawing.encode()


def published_rows(release: Release) -> list[tuple[Table, QuerySet[Any]]]:
    """The rows of each table, in an order that is the same whenever they are read."""
    snapshot = release.snapshot_id
    return [
        (
            tables.REQUIREMENTS,
            Requirement.objects.filter(
                pk__in=Coverage.objects.filter(snapshot=snapshot).values("requirement")
            ).order_by("code", "number"),
        ),
        (
            tables.COVERAGE,
            Coverage.objects.filter(snapshot=snapshot).order_by(
                "requirement__code", "requirement__number", "dimension", "key"
            ),
        ),
        (
            tables.INDICATORS,
            Indicator.objects.filter(snapshot=snapshot).order_by("indicator", "dimension", "key"),
        ),
        (
            with_reasons(release),
            Assessment.objects.filter(snapshot=snapshot).order_by(
                "institution__code", "programme__code", "requirement__code", "requirement__number"
            ),
        ),
    ]


def with_reasons(release: Release) -> Table:
    """The table of programmes with the reason in each language: a file is for all, an answer of the API for one."""
    reasons = (
        Column(f"reason_{code}", explaining.in_words(release.snapshot, code), "text", f"Why, in {language}.")
        for code, language in tables.LANGUAGES.items()
    )
    return replace(tables.PROGRAMMES, columns=(*tables.PROGRAMMES.columns, *reasons))


def csv_file(table: Table, queryset: QuerySet[Any]) -> bytes:
    """A table by COPY, as RFC 4180 has it: UTF-8 without a mark, CRLF, quotes where needed, no cell a formula."""
    computed = {
        f"cell_{place}": guarded(source) if column.type == "text" else F(source) if isinstance(source, str) else source
        for place, (column, source) in enumerate(stored_columns(table))
    }  # fmt: skip
    computed["cell_demonstration"] = Cast("snapshot__demonstration", TextField())
    statement, parameters = queryset.annotate(**computed).values_list(*computed).query.sql_with_params()
    header = ",".join([*table.lookups(), DEMONSTRATION.name])
    with (
        connection.cursor() as cursor,
        # The driver's own cursor: the one that DEBUG puts before it takes no parameters here.
        cursor.cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)", parameters) as copy,
    ):
        # The server sends each row by itself; a line feed within a cell stays.
        lines = [bytes(line).removesuffix(b"\n") for line in copy]
    return b"\r\n".join([header.encode(), *lines, b""])


def stored_columns(table: Table) -> list[tuple[Column, Any]]:
    return [(column, column.source) for column in table.columns if column.source is not None]


def guarded(source: Any) -> Func:
    """Text that a spreadsheet program would take for a formula, with an apostrophe before it."""
    return Func(
        F(source) if isinstance(source, str) else source,
        Value(ACTIVE_START),
        Value(r"'\1"),
        function="regexp_replace",
        output_field=TextField(),
    )


def rows(table: Table, queryset: QuerySet[Any]) -> list[dict[str, Any]]:
    """Rows as the API gives them."""
    names = list(table.lookups())
    return [dict(zip(names, values, strict=True)) for values in table.select(queryset)]


def release_document(release: Release) -> dict[str, Any]:
    """The whole release: what it describes, by which rules, under which licence, and all its rows."""
    about = rows(tables.RELEASES, Release.objects.filter(pk=release.pk))[0]
    return {
        "release": {**about, "corrects": release.corrects.number if release.corrects else None},
        "demonstration": release.snapshot.demonstration,
        "licence": LICENCE,
        "citation": citations(release),
        "trail": newest_anchor(),
        **{table.name: rows(table, queryset) for table, queryset in published_rows(release)},
    }


def citations(release: Release) -> dict[str, str]:
    """How to cite the release, in each language."""
    found = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found[language] = illustrating.source_line(release)
    return found


def package(release: Release) -> dict[str, Any]:
    """The tables described for programs, as a Frictionless data package."""
    return {
        "profile": "tabular-data-package",
        "name": f"qamtu-release-{release.number}",
        "title": citations(release)["en"],
        "version": str(release.number),
        "licenses": [LICENCE],
        "demonstration": release.snapshot.demonstration,
        "trail": newest_anchor(),
        "resources": [
            {
                "name": table.name,
                "path": f"{table.name}.csv",
                "profile": "tabular-data-resource",
                "description": table.description,
                "encoding": "utf-8",
                "dialect": {"lineTerminator": "\r\n"},
                "schema": {
                    "fields": [
                        described(column)
                        for column in (*(c for c, _source in stored_columns(table)), DEMONSTRATION)
                    ],
                    "missingValues": [""],
                },
            }
            for table, _rows in published_rows(release)
            if table is not tables.REQUIREMENTS
        ],
    }


TYPES = {"integer": "integer", "share": "number", "credits": "number", "flag": "boolean"}


def described(column: Column) -> dict[str, Any]:
    about: dict[str, Any] = {
        "name": column.name,
        "type": TYPES.get(column.type, "string"),
        "description": column.description,
    }
    if column.choices:
        about["constraints"] = {"enum": list(column.choices)}
    return about


def json_file(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, cls=JSONEncoder, separators=(",", ":")).encode() + b"\n"
