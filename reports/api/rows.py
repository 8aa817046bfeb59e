"""A page of a list: its rows are the texts of JSON objects, which the database makes where it can."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import F, Func, TextField, Value
from django.db.models.expressions import Combinable

from reports.tables import Column

Row = dict[str, Any]
Known = Mapping[str, Combinable]  # what stands for a lookup that need not be made

# What is the same for all rows of a release is known from the shelf: each table that a query need not join spares as
# much time as half of all rows take.
OF_RELEASE = {"snapshot__release__number": "number", "snapshot__period__code": "snapshot__period__code"}


@dataclass(frozen=True)
class Page:
    """Each row is the text of a JSON object with the `columns` as members; `following` is the address of the next."""

    rows: Sequence[str]
    columns: Sequence[Column]
    following: str | None
    demonstration: bool

    def read(self) -> list[Row]:
        return [json.loads(row) for row in self.rows]


def known_of(chosen: Sequence[Row]) -> Known:
    """What the shelf knows of all rows of these releases: nothing, unless they are of one."""
    if len(chosen) != 1:
        return {}
    return {lookup: Value(chosen[0][name]) for lookup, name in OF_RELEASE.items()}


def as_object(columns: Sequence[Column], known: Known) -> "AsObject":
    """An expression: these columns of a row as the text of a JSON object; those without a source are left out."""
    return AsObject({column.name: value(column, known) for column in columns if column.source is not None})


def value(column: Column, known: Known) -> Combinable:
    """What stands in JSON: as the source has it, but moments as Python writes them."""
    source = known.get(column.source, F(column.source)) if isinstance(column.source, str) else column.source
    assert source is not None  # noqa: S101
    return Moment(source) if column.type == "moment" else source


class Moment(Func):
    """A moment as text, in UTC: 2026-10-01T00:00:00Z."""

    template = "((to_json(%(expressions)s AT TIME ZONE 'UTC') #>> '{}') || 'Z')"
    arity = 1
    output_field = TextField()


class AsObject(Func):
    """One row as the text of a JSON object, with its members in the order given. Its SQL is kept: the query of a whole
    list, of which it is the longest part, is compiled with each thing that narrows it."""

    output_field = TextField()
    compiled: tuple[str, tuple[Any, ...]] | None = None

    def __init__(self, members: dict[str, Combinable], **extra: Any) -> None:
        self.names = list(members)
        super().__init__(*members.values(), **extra)

    def as_sql(
        self, compiler: Any, connection: Any, *_given: Any, **_extra: Any
    ) -> tuple[str, tuple[Any, ...]]:
        if self.compiled is None:
            self.compiled = self.composed(compiler, connection)
        return self.compiled

    def copy(self) -> Self:
        """Of other columns, perhaps."""
        copied = super().copy()
        copied.compiled = None
        return copied

    def composed(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        parts, given = [], []
        for name, expression in zip(self.names, self.get_source_expressions(), strict=True):
            sql, parameters = compiler.compile(expression)
            parts.append(f"{sql} AS {connection.ops.quote_name(name)}")
            given.extend(parameters)
        columns = ", ".join(parts)
        return f"(SELECT row_to_json(one)::text FROM (SELECT {columns}) AS one)", tuple(given)  # noqa: S608


def joined(text: str, further: str) -> str:
    """Two objects as one, the members of the second last."""
    if "{}" in (text, further):
        return text if further == "{}" else further
    return f"{text[:-1]},{further[1:]}"
