"""A chart of any page as a file: drawn, as the rows behind it, or as the specification to draw it again elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reports import charts, citing, files, illustrating, tables
from reports.exposure import rounded
from reports.figures import as_at
from reports.files.filling import DEMONSTRATION
from reports.files.formats import Filled, Row, as_csv, json_document
from reports.files.workbooks import as_xlsx
from reports.guidance import Guide
from reports.models import Coverage, Release
from reports.tables import Column, Table

CHART = Table(
    "chart",
    Coverage,
    "What a chart shows, row by row.",
    (
        Column("release", None, "integer", "Number of the release that the page shows."),
        Column("day", None, "date", "The day that the figures of the row describe."),
        Column("key", None, "text", "Code of what the row is about; a number of a release in a series."),
        Column("label", None, "text", "What it is called, in the language of the page."),
        *(Column(one.name, None, one.type, one.description, nullable=one.nullable) for one in tables.COUNTS),
    ),
)


def rows(picture: Any, release: Release) -> Iterator[Row]:
    today = timezone.localtime(as_at(release)).date()
    for row in picture.data:
        counts = row.counts
        shares = (counts.share, counts.share_of_reported)
        yield (
            release.number,
            row.day or today,
            row.key,
            row.label,
            counts.in_scope,
            counts.met,
            counts.not_met,
            counts.no_data,
            counts.exempt,
            *(None if share is None else str(rounded(share)) for share in shares),
            *row.more,
            release.snapshot.demonstration,
        )


def filled(picture: Any, release: Release) -> Filled:
    return Filled(CHART, (*CHART.columns, *picture.more, DEMONSTRATION), lambda: rows(picture, release))


def svg(picture: Any, release: Release) -> bytes:
    return charts.standalone(illustrating.sheet_of(picture, release)).encode()


def png(picture: Any, release: Release) -> bytes:
    return charts.png(illustrating.sheet_of(picture, release))


def csv(picture: Any, release: Release) -> bytes:
    return as_csv(filled(picture, release))


def xlsx(picture: Any, release: Release) -> bytes:
    guide = Guide(picture.heading, picture.first, _("What a chart of the page shows, row by row."))
    return as_xlsx(filled(picture, release), release, guide, [get_language() or "kk"])


def json_rows(picture: Any, release: Release) -> bytes:
    told = {"chart": picture.name, "finding": picture.heading, **citing.for_programs(release)}
    return json_document(told, {"rows": filled(picture, release)})


FORMS: dict[str, tuple[str, str, Callable[[Any, Release], bytes]]] = {
    "svg": ("SVG", illustrating.SVG, svg),
    "png": ("PNG", illustrating.PNG, png),
    "csv": ("CSV", files.CSV, csv),
    "xlsx": ("XLSX", files.XLSX, xlsx),
    "json": ("JSON", files.JSON, json_rows),
    "vl.json": ("Vega-Lite", illustrating.VEGA_LITE, illustrating.specification),
}


def charts_of(context: Mapping[str, Any]) -> Iterator[Any]:
    """Every chart that a page shows, wherever its view has put it."""
    for value in context.values():
        for one in value if isinstance(value, list | tuple) else (value,):
            if hasattr(one, "specify"):
                yield one


def find(context: Mapping[str, Any], name: str) -> Any | None:
    return next((one for one in charts_of(context) if one.name == name), None)
