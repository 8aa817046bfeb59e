"""Rows as JSON, as CSV in the words of RFC 4180 and safe to open in a spreadsheet program, and as a workbook."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework.renderers import BaseRenderer
from rest_framework.renderers import JSONRenderer as AnyJSONRenderer

from reports.api.rows import Page, Row
from reports.files import XLSX
from reports.files.filling import DEMONSTRATION
from reports.files.formats import cell
from reports.files.workbooks import rows_as_xlsx
from reports.tables import Column


class JSONRenderer(AnyJSONRenderer):
    """The rows of a list go out as they came from the database."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if not isinstance(data, Page):
            rendered: bytes = super().render(data, accepted_media_type, renderer_context)
            return rendered
        about = {"demonstration": data.demonstration, "next": data.following}
        return f'{json.dumps(about)[:-1]}, "results": [{",".join(data.rows)}]}}'.encode()


class TableRenderer(BaseRenderer):
    """The rows of a list, or the one row of a detail; every row says whether its data are generated."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        table = (renderer_context or {})["view"].table
        if isinstance(data, Page):
            columns, rows = data.columns, data.read()
        else:
            columns, rows = [column for column in table.columns if column.name in data], [data]
        demonstration = data.demonstration if isinstance(data, Page) else data["demonstration"]
        if "demonstration" not in table.names:
            columns = [*columns, DEMONSTRATION]
            rows = [{**row, "demonstration": demonstration} for row in rows]
        return self.written(table.name, columns, rows)

    def written(self, name: str, columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
        raise NotImplementedError


class CSVRenderer(TableRenderer):
    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def written(self, name: str, columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([column.name for column in columns])
        writer.writerows([cell(row[column.name]) for column in columns] for row in rows)
        return out.getvalue().encode()


class XLSXRenderer(TableRenderer):
    """Text stays text, whatever it begins with; numbers, days and moments are ones."""

    media_type = XLSX
    format = "xlsx"
    charset = None
    render_style = "binary"

    def written(self, name: str, columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
        return rows_as_xlsx(name, columns, [[row[column.name] for column in columns] for row in rows])
