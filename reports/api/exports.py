"""Whole tables, streamed: every row that a list has of what is asked, straight from PostgreSQL's COPY.

However long a table is, a piece of it is in memory at a time. Rows are of releases, so that what takes an hour to read
is as consistent as what takes a second.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_view
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from institutions.api.problems import BadParameters, Fault
from institutions.api.throttles import ByAddress
from institutions.formulas import harmless_rows
from reports import explaining
from reports.api import schema, views
from reports.api.lists import TableView, wanted
from reports.api.renderers import CSVRenderer, XLSXRenderer
from reports.api.rows import known_of, value
from reports.files import streaming
from reports.files.filling import DEMONSTRATION
from reports.tables import Column

PIECE = 1_000  # rows that are sent at once
LONGEST = "30min"
# COPY's binary format is the only one in which a text goes out as it is, behind so many bytes: what begins the whole,
# which comes with the first row, and before each row the number and the length of its cells. The end is shorter.
AS_IT_IS = "FORMAT binary"
BEFORE_ALL, BEFORE_EACH = 19, 6


def described(view: type["Whole"]) -> type["Whole"]:
    return extend_schema_view(get=schema.described_export(view))(view)


class NDJSONRenderer(BaseRenderer):
    """A line a row, each a JSON object. Only named here: the rows are written by the database."""

    media_type = "application/x-ndjson"
    format = "ndjson"
    charset = "utf-8"


class ByAddressRarely(ByAddress):
    """A whole table is as much as hundreds of pages."""

    scope = "exports"

    def parse_rate(self, rate: str | None) -> Any:
        number, seconds = super().parse_rate(rate)
        return (number and max(1, number // 60)), seconds


class Whole(TableView):
    """All rows of a list at once, in any order: to put half a million in order takes as long as to read them."""

    renderer_classes = (NDJSONRenderer, CSVRenderer, XLSXRenderer)
    throttle_classes = (ByAddressRarely,)
    orderings: dict[str, str] = {}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parameters = tuple(
            name for name in self.parameters if name not in ("cursor", "page_size", "ordering")
        )

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        unchanged = self.unchanged(request)
        if unchanged is not None:
            return unchanged
        assert self.shelf is not None  # noqa: S101
        self.chosen = self.shelf.choose(request.query_params.get("release"))
        self.columns = wanted(self.table, request.query_params.get("fields"))
        form = request.accepted_renderer.format
        pieces = {"csv": self.as_csv, "ndjson": self.as_ndjson, "xlsx": self.as_xlsx}[form](request)
        kind = request.accepted_renderer.media_type
        response = StreamingHttpResponse(
            () if request.method == "HEAD" else pieces,
            content_type=kind if form == "xlsx" else f"{kind}; charset=utf-8",
        )
        response["Content-Disposition"] = f'attachment; filename="{self.named()}.{form}"'
        if self.is_demonstration():
            response["Qamtu-Data"] = "demonstration"
        return response

    def named(self) -> str:
        numbers = [str(release["number"]) for release in self.chosen]
        return f"qamtu-{'all' if len(numbers) > 1 else numbers[0] if numbers else 0}-{self.table.name}"

    def as_ndjson(self, request: Request) -> Iterator[bytes]:
        read = self.whole(request)
        parts, said = [], "{"
        for cell, column in self.cells():
            quote, value = as_json(column, cell)
            parts += [f"""'{said}"{column.name}":{quote}'""", value]
            said = f"{quote},"
        written = f"SELECT concat({', '.join(parts)}, E'{said[:-1]}}}\\n') FROM ({{rows}}) AS cells"  # noqa: S608
        return copied(read, written, AS_IT_IS)

    def as_csv(self, request: Request) -> Iterator[bytes]:
        read = self.whole(request)
        heading = ",".join([*(column.name for column in self.columns), "demonstration"]) + "\n"
        free = {place for place, column in enumerate(self.columns) if is_free(column)}
        return copied(read, self.texts(), "FORMAT csv", heading.encode(), partial(harmless_rows, texts=free))

    def as_xlsx(self, request: Request) -> Iterator[bytes]:
        """One query more, as a sheet has an end."""
        read = self.whole(request)
        count = read.count()
        if count > streaming.MOST_ROWS:
            told = _(
                "format: a workbook holds %(most)d rows, and these are %(count)d. Ask for fewer by a filter, or "
                "write format=csv."
            )
            raise BadParameters(Fault("format", told % {"most": streaming.MOST_ROWS, "count": count}))
        pattern = streaming.pattern(self.table.name, (*self.columns, DEMONSTRATION), count)
        as_markup = partial(streaming.as_markup, row=pattern.row)
        return streaming.as_workbook(pattern, copied(read, self.texts(), streaming.COPIED, joined=as_markup))

    def texts(self) -> str:
        """The statement that makes a row of cells of a row, for whatever format has nothing but text."""
        texts = ", ".join(as_text(column, cell) for cell, column in self.cells())
        flag = "true" if self.is_demonstration() else "false"
        return f"SELECT {texts}, '{flag}' FROM ({{rows}}) AS cells"  # noqa: S608

    def cells(self) -> list[tuple[str, Column]]:
        """The columns as the statement calls them: their own names may be those of the model's."""
        return [(f"cell_{place}", column) for place, column in enumerate(self.columns)]

    def whole(self, request: Request) -> QuerySet[Any, Any]:
        rows = self.filtered(request, self.rows_of(self.snapshots)).order_by()
        self.columns = self.sourced(rows)
        cells = {cell: value(column, known_of(self.chosen)) for cell, column in self.cells()}
        return rows.annotate(**cells).values_list(*cells)

    def sourced(self, rows: QuerySet[Any]) -> tuple[Column, ...]:
        """The wanted columns, each with what the database can fill it with."""
        return self.columns


@described
class Coverage(Whole, views.CoverageList):
    pass


@described
class Indicators(Whole, views.Indicators):
    pass


@described
class Programmes(Whole, views.Programmes):
    def sourced(self, rows: QuerySet[Any]) -> tuple[Column, ...]:
        """The reasons, which the list finds words for itself, as an expression; three queries more."""
        if all(column.source is not None for column in self.columns):
            return self.columns
        words = explaining.in_words(rows, get_language())
        return tuple(replace(one, source=words) if one.name == "reason" else one for one in self.columns)


@described
class Disciplines(Whole, views.Disciplines):
    pass


def as_json(column: Column, cell: str) -> tuple[str, str]:
    """What stands on either side of a value, and the value as `row_to_json` writes it, which takes longer: it looks up
    the type of each cell anew in every row."""
    plain = not is_free(column) and column.type in ("text", "share", "credits")
    if plain and not column.nullable:
        return '"', cell
    if column.type in ("integer", "flag"):
        text = f"{cell}::text"
    elif plain:
        text = f"""'"' || {cell} || '"'"""
    elif column.type != "codes" and connection.pg_version >= 170000:  # type: ignore[attr-defined]  # PostgreSQL's have
        text = f"JSON_SCALAR({cell})"
    else:
        text = f"to_json({cell})"
    return "", f"coalesce({text}, 'null')" if column.nullable else text


def as_text(column: Column, cell: str) -> str:
    """A value as the text of its cell, as `files.formats.cell` writes it, but for formulas."""
    if column.type == "codes":
        return f"array_to_string({cell}, '|')"
    return f"{cell}::text" if column.type == "flag" else cell


def is_free(column: Column) -> bool:
    """Whether a text may be anything, a formula too."""
    return column.type in ("text", "address", "codes") and not column.choices


def copied(
    read: QuerySet[Any, Any],
    written: str,
    options: str,
    heading: bytes = b"",
    joined: Callable[[list[bytes]], bytes] = b"".join,
) -> Iterator[bytes]:
    """What COPY writes of `written`, which names the {rows}, in pieces. Whoever stops reading ends it, too."""
    if heading:
        yield heading
    try:
        statement = connection.ops.compose_sql(  # type: ignore[attr-defined]  # PostgreSQL's have
            *read.query.sql_with_params()
        )
    except EmptyResultSet:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST}'")
        if options == AS_IT_IS:
            # To make JSON of a row takes twice as long as to read it, which the planner does not know: where
            # there is a processor to spare, several make it. Of CSV there is less to make than to hand on.
            cursor.execute("SET LOCAL parallel_tuple_cost = 0; SET LOCAL parallel_setup_cost = 0")
        with cursor.copy(f"COPY ({written.replace('{rows}', statement)}) TO STDOUT ({options})") as copy:
            # Copies: what psycopg gives are views, of which the garbage collector looks through thousands anew.
            rows: Iterator[bytes] = map(bytes, copy)
            if options == AS_IT_IS:
                rows = chain([next(rows)[BEFORE_ALL:]], rows)
                rows = map(itemgetter(slice(BEFORE_EACH, None)), rows)
            while piece := list(islice(rows, PIECE)):
                yield joined(piece)
