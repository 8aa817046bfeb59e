"""The bundle of a release: its tables, described for programs as a Frictionless data package, for people in words."""

import hashlib
import io
import zipfile
from collections.abc import Sequence
from typing import Any, Self

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from reports import citing
from reports.anchoring import newest_anchor
from reports.figures import as_at
from reports.files.formats import Filled, json_text, plain
from reports.guidance import TABLES, unit
from reports.models import Release
from reports.tables import Column

# Every bundle of a release has the same bytes, so no entry tells when or on which machine it was written.
NO_TIME = (1980, 1, 1, 0, 0, 0)
UNIX, PLAIN_FILE = 3, 0o644 << 16

KEYS = {
    "coverage": ["release", "requirement", "dimension", "key"],
    "indicators": ["release", "indicator", "dimension", "key"],
    "programmes": ["release", "institution", "code", "requirement"],
    "series": ["release", "requirement", "dimension", "key"],
    "movements": ["since", "requirement", "dimension", "key", "cause"],
    "requirements": ["code", "number"],
    "targets": ["requirement", "due_on"],
    "reference-values": ["code"],
    "regions": ["code"],
    "institutions": ["code"],
    "fields": ["code"],
}
NAMED_IN = {"institution": "institutions", "region": "regions", "field": "fields"}
TYPES = {
    "integer": "integer",
    "share": "number",
    "credits": "number",
    "date": "date",
    "moment": "datetime",
    "flag": "boolean",
}


class Bundle:
    """An archive in the making. What it holds is kept with its size and hash."""

    def __init__(self) -> None:
        self.out = io.BytesIO()
        self.archive = zipfile.ZipFile(self.out, "w")
        self.made: dict[str, tuple[int, str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.archive.close()

    def add(self, name: str, content: bytes) -> None:
        entry = zipfile.ZipInfo(name, NO_TIME)
        entry.create_system, entry.external_attr = UNIX, PLAIN_FILE
        packed = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
        self.archive.writestr(entry, content, packed, 9)
        self.made[name] = (len(content), hashlib.sha256(content).hexdigest())

    def content(self) -> bytes:
        self.archive.close()
        return self.out.getvalue()


def bundle_name(release: Release) -> str:
    return f"qamtu-{release.number}.zip"


def package(release: Release, tables: Sequence[Filled], made: dict[str, tuple[int, str]]) -> dict[str, Any]:
    """The tables described for programs: columns, units, keys, sizes and hashes; one resource for each file."""
    snapshot = release.snapshot
    with translation.override("en"):
        title = citing.citation(release)
        home = citing.permanent_address(release)
    return {
        "profile": "data-package",
        "name": f"qamtu-release-{release.number}",
        "id": home,
        "homepage": home,
        "title": f"Qamtu, release {release.number}",
        "description": title,
        "version": str(release.number),
        "created": plain(release.publish_at),
        "licenses": [citing.LICENCE],
        "sources": [
            {
                "title": "Curricula that universities signed and the ministry approved",
                "path": settings.SITE_URL,
            }
        ],
        "keywords": ["artificial intelligence", "higher education", "curricula", "Kazakhstan"],
        "period": snapshot.period.code,
        "as_at": plain(as_at(release)),
        "methodology_version": snapshot.methodology_version,
        "fingerprint": snapshot.fingerprint,
        "demonstration": snapshot.demonstration,
        "citation": citing.in_each_language(citing.citation, release),
        "trail": newest_anchor(),
        "resources": [one for filled in tables for one in resources(filled, made)],
    }


def resources(filled: Filled, made: dict[str, tuple[int, str]]) -> list[dict[str, Any]]:
    """Of a table as CSV, with its schema; and as Parquet, which says itself of what type each column is."""
    name = filled.table.name
    with translation.override("en"):
        about = {"title": str(TABLES[name].title), "description": filled.table.description}
        fields = [described(column) for column in filled.columns]
    columns = {column.name for column in filled.columns}
    foreign = [
        {"fields": column, "reference": {"resource": table, "fields": "code"}}
        for column, table in NAMED_IN.items()
        if column in columns
    ]
    return [
        {
            "name": name,
            "path": f"{name}.csv",
            "profile": "tabular-data-resource",
            **about,
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "dialect": {"lineTerminator": "\r\n"},
            **measured(made[f"{name}.csv"]),
            "schema": {
                "fields": fields,
                "missingValues": [""],
                "primaryKey": KEYS[name],
                **({"foreignKeys": foreign} if foreign else {}),
            },
        },
        {
            "name": f"{name}-parquet",
            "path": f"{name}.parquet",
            "profile": "data-resource",
            **about,
            "format": "parquet",
            "mediatype": "application/vnd.apache.parquet",
            **measured(made[f"{name}.parquet"]),
        },
    ]


def measured(made: tuple[int, str]) -> dict[str, Any]:
    return {"bytes": made[0], "hash": f"sha256:{made[1]}"}


def described(column: Column) -> dict[str, Any]:
    about: dict[str, Any] = {
        "name": column.name,
        "type": TYPES.get(column.type, "string"),
        "description": column.description,
    }
    if counted_in := unit(column):
        about["unit"] = counted_in
    if column.choices and column.type == "text":
        about["constraints"] = {"enum": list(column.choices)}
    return about


def readme(release: Release, tables: Sequence[Filled]) -> bytes:
    """In the active language."""
    context = {
        "release": release,
        "about": citing.about(release),
        "tables": [(filled.table.name, TABLES[filled.table.name]) for filled in tables],
        "bibtex": citing.bibtex(release),
        "address": citing.permanent_address(release),
    }
    return render_to_string("reports/bundle.md", context).encode()


def fill(bundle: Bundle, release: Release, tables: Sequence[Filled]) -> bytes:
    """Describe what the bundle holds, and close it; the description is a file of the release, too."""
    description = json_text(package(release, tables, bundle.made)) + b"\n"
    bundle.add("datapackage.json", description)
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            bundle.add(f"README.{language}.md", readme(release, tables))
    return description
