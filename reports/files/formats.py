"""A table with its rows as CSV or JSON. Rows are read as they are written, never all at once."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rest_framework.utils.encoders import JSONEncoder

from institutions.formulas import harmless
from reports.tables import Column, Table

Row = Sequence[Any]


@dataclass(frozen=True)
class Filled:
    """A table with the rows that it has in a release. `read` gives them anew at each call, always in the same order."""

    table: Table
    columns: Sequence[Column]
    read: Callable[[], Iterable[Row]]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]


def cell(value: Any) -> str:
    """A value as the text of its cell: nothing for None, lists with a bar between, text never a formula."""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, list | tuple):
        return cell("|".join(map(str, value)))
    return plain(value)


def plain(value: Any) -> str:
    """A value as text, as it is."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")  # as in JSON
    if isinstance(value, list | tuple):
        return "|".join(map(str, value))
    return str(value)


def as_csv(filled: Filled) -> bytes:
    """As RFC 4180 has it: UTF-8 without a mark, CRLF, quotes where needed, no cell a formula."""
    out = io.BytesIO()
    text = io.TextIOWrapper(out, "utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(filled.names)
    writer.writerows([cell(value) for value in row] for row in filled.read())
    return out.getvalue()


def json_document(about: Mapping[str, Any], tables: Mapping[str, Filled]) -> bytes:
    """An object: what is said about it, and the rows of each table as an array of objects.

    Whether the data are generated it says once, not in each row.
    """
    out = io.BytesIO()
    out.write(json_text(about)[:-1])
    for name, filled in tables.items():
        out.write(f',"{name}":['.encode())
        for place, values in enumerate(filled.read()):
            row = dict(zip(filled.names, values, strict=True))
            row.pop("demonstration")
            out.write((b"," if place else b"") + json_text(row))
        out.write(b"]")
    out.write(b"}\n")
    return out.getvalue()


def json_text(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, cls=JSONEncoder, separators=(",", ":")).encode()
