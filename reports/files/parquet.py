"""A table with its rows as Parquet. Imported where one is made: its library is large, and most processes make none."""

import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from arro3.core import Array, DataType, RecordBatch, RecordBatchReader, Schema
from arro3.core import Field as ArrowField
from arro3.io import write_parquet

from reports.files.formats import Filled, json_text, plain
from reports.tables import Column

ROWS_AT_ONCE = 5_000
ARROW = {
    "integer": DataType.int64(),
    "share": DataType.decimal128(7, 6),
    "credits": DataType.decimal128(12, 2),
    "date": DataType.date32(),
    "moment": DataType.timestamp("us", tz="UTC"),
    "flag": DataType.bool(),
}


def as_parquet(filled: Filled, about: Mapping[str, Any]) -> bytes:
    """Typed: whole numbers, decimals, days, moments in UTC; text as it is, for no program takes it for a formula."""
    schema = Schema([_field(column) for column in filled.columns])
    out = io.BytesIO()
    write_parquet(
        RecordBatchReader.from_batches(schema, _batches(filled, schema)),
        out,
        compression="snappy",
        created_by="Qamtu",
        # One entry: several would stand in another order each time.
        key_value_metadata={"about": json_text(about).decode()},
    )
    return out.getvalue()


def _field(column: Column) -> ArrowField:
    kind = ARROW.get(column.type, DataType.string())
    return ArrowField(column.name, kind, metadata={"description": column.description})


def _batches(filled: Filled, schema: Schema) -> Iterator[RecordBatch]:
    rows = iter(filled.read())
    while piece := list(islice(rows, ROWS_AT_ONCE)):
        columns = zip(filled.columns, zip(*piece, strict=True), strict=True)
        yield RecordBatch.from_arrays(
            [_array(column.type, values) for column, values in columns], schema=schema
        )


def _array(kind: str, values: Sequence[Any]) -> Array:
    if kind in ("integer", "flag"):
        return Array(list(values), ARROW[kind])
    texts = Array([None if value is None else plain(value) for value in values], DataType.string())
    return texts.cast(ARROW[kind]) if kind in ARROW else texts
