"""The files of a release: its tables, its charts, and the bundle that holds the tables. Made once, never changed."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import translation

from reports import citing, illustrating, tables
from reports.anchoring import newest_anchor
from reports.files.filling import filled_tables
from reports.files.formats import Filled, as_csv, json_document
from reports.files.packaging import Bundle, bundle_name, fill
from reports.files.workbooks import as_xlsx
from reports.guidance import TABLES
from reports.models import Release, ReleaseFile

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON = "application/json"
PARQUET = "application/vnd.apache.parquet"
ZIP = "application/zip"

DOCUMENTED = ("requirements", "coverage", "indicators", "programmes")  # the tables within release.json


@dataclass(frozen=True)
class Made:
    """A file; `language` is "" where it is the same in every language."""

    name: str
    media_type: str
    content: bytes
    language: str = ""


def make_files(release: Release) -> None:
    """Write every file that the release lacks, all or none; what is there already stays as it is.

    One is in memory at a time, not all; the bundle is the last.
    """
    with transaction.atomic():
        there = set(release.files.values_list("name", "language"))
        for made in contents(release):
            if (made.name, made.language) not in there:
                ReleaseFile.objects.create(
                    release=release,
                    name=made.name,
                    language=made.language,
                    media_type=made.media_type,
                    content=made.content,
                    sha256=hashlib.sha256(made.content).hexdigest(),
                )


def contents(release: Release) -> Iterator[Made]:
    """Each file, the same bytes whenever it is made of the same data."""
    tables = filled_tables(release)
    with Bundle() as bundle:
        for filled in tables:
            for made in table_files(release, filled):
                if made.media_type in (CSV, PARQUET):
                    bundle.add(made.name, made.content)
                yield made
        yield Made("release.json", JSON, release_document(release, tables))
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                for name, media_type, content in illustrating.drawings(release):
                    yield Made(name, media_type, content, language)
        yield Made("datapackage.json", JSON, fill(bundle, release, tables))
        yield Made(bundle_name(release), ZIP, bundle.content())


def table_files(release: Release, filled: Filled) -> Iterator[Made]:
    """A table in each format."""
    for ending, (media_type, write) in FORMATS.items():
        yield Made(f"{filled.table.name}.{ending}", media_type, write(release, filled))


def table_json(release: Release, filled: Filled) -> bytes:
    return json_document({"table": filled.table.name, **citing.for_programs(release)}, {"rows": filled})


def table_parquet(release: Release, filled: Filled) -> bytes:
    from reports.files.parquet import as_parquet

    return as_parquet(filled, {"table": filled.table.name, **citing.for_programs(release)})


def table_xlsx(release: Release, filled: Filled) -> bytes:
    languages = [language for language, _name in settings.LANGUAGES]
    return as_xlsx(filled, release, TABLES[filled.table.name], languages)


FORMATS: dict[str, tuple[str, Callable[[Release, Filled], bytes]]] = {
    "csv": (CSV, lambda _release, filled: as_csv(filled)),
    "xlsx": (XLSX, table_xlsx),
    "json": (JSON, table_json),
    "parquet": (PARQUET, table_parquet),
}


def release_document(release: Release, filled: list[Filled]) -> bytes:
    """The whole release: what it describes, by which rules, under which licence, and its rows."""
    values = tables.RELEASES.select(Release.objects.filter(pk=release.pk)).get()
    described = dict(zip(tables.RELEASES.lookups(), values, strict=True))
    by_name = {one.table.name: one for one in filled}
    return json_document(
        {
            **citing.for_programs(release),
            "release": {**described, "corrects": release.corrects.number if release.corrects else None},
            "trail": newest_anchor(),
        },
        {name: by_name[name] for name in DOCUMENTED},
    )
