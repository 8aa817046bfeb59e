"""Rows as CSV, in the words of RFC 4180 and safe to open in a spreadsheet program."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer

from reports.files.formats import cell


class CSVRenderer(BaseRenderer):
    """The rows of a list, or the one row of a detail; every line says whether its data are generated."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        columns: list[str] = (renderer_context or {})["view"].table.names
        rows = data.get("results", [data])
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        own = "demonstration" in columns
        writer.writerow(columns if own else [*columns, "demonstration"])
        for row in rows:
            cells = [cell(row[column]) for column in columns]
            writer.writerow(cells if own else [*cells, cell(data["demonstration"])])
        return out.getvalue().encode()
