"""The files of a release as they are offered: the bundle, each table by format, each drawing by form."""

from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Length
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from reports.files.filling import PUBLISHED, columns_of
from reports.files.packaging import bundle_name
from reports.guidance import DRAWINGS, TABLES, Guide, unit
from reports.models import Release, ReleaseFile
from reports.tables import Table

FORMATS = {".csv": "CSV", ".xlsx": "XLSX", ".json": "JSON", ".parquet": "Parquet"}
FORMS = {"-wide.svg": "SVG", "-narrow.svg": _("SVG for phones"), ".png": "PNG", ".vl.json": "Vega-Lite"}
Form = tuple[str, Any]  # what a file is called among those that hold the same, and its row


@dataclass
class Offer:
    """What there is of a release; older ones may lack a form."""

    bundle: Any
    tables: list[tuple[Guide, list[Form]]]
    drawings: list[tuple[str, list[Form]]]
    others: list[Any]
    files: list[Any]


def offer(release: Release) -> Offer:
    """One query; contents stay where they are."""
    found = list(
        ReleaseFile.objects.filter(release=release, language__in=("", get_language() or ""))
        .defer("content")
        .annotate(size=Length("content"))
        .order_by("name")
    )
    named = {file.name: file for file in found}

    def taken(name: str, forms: dict[str, Any]) -> list[Form]:
        return [
            (str(form), named.pop(name + ending)) for ending, form in forms.items() if name + ending in named
        ]

    tables = [(TABLES[table.name], taken(table.name, FORMATS)) for table in PUBLISHED]
    drawings = [(str(title), taken(name, FORMS)) for name, title in DRAWINGS.items()]
    return Offer(
        bundle=named.pop(bundle_name(release), None),
        tables=[one for one in tables if one[1]],
        drawings=[one for one in drawings if one[1]],
        others=list(named.values()),
        files=found,
    )


def columns(table: Table) -> list[tuple[str, str, str]]:
    """Name, unit and meaning of each column in a file."""
    return [(column.name, unit(column), column.description) for column in columns_of(table)]
