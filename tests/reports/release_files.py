"""Reading the files of a release as other programs do: text, numbers and nothing as these are, whatever the format."""

import csv
import io
import json
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl

from reports.models import Release

Rows = list[dict[str, str]]


def content(release: Release, name: str, language: str = "") -> bytes:
    return bytes(release.files.get(name=name, language=language).content)


def bundled(release: Release) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content(release, f"qamtu-{release.number}.zip")))


def csv_rows(data: bytes) -> Rows:
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


def xlsx_rows(data: bytes) -> Rows:
    _about, sheet, *_more = openpyxl.load_workbook(io.BytesIO(data))
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, header), map(written, row), strict=True)) for row in rows]


def json_rows(data: bytes) -> Rows:
    document = json.loads(data)
    said = {"demonstration": written(document["demonstration"])}
    return [{name: written(value) for name, value in row.items()} | said for row in document["rows"]]


def parquet_rows(data: bytes, folder: Path) -> Rows:
    (folder / "table.parquet").write_bytes(data)
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        found = database.execute("SELECT * FROM read_parquet(?)", [str(folder / "table.parquet")])
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, map(written, row), strict=True)) for row in found.fetchall()]


def written(value: Any) -> str:
    """A value as CSV has it, but for how many places of a decimal are written."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S") if value.time() != value.time().min else f"{value:%F}"
        case list():
            return "|".join(value)
        case float() | Decimal():
            return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)
