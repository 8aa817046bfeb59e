"""What the schema says of each list: rows from the tables, parameters, examples, and the shape of errors."""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from institutions.api.listing import LARGEST_SIZE
from reports import tables
from reports.api import filters
from reports.api.examples import EXAMPLES
from reports.files import XLSX
from reports.tables import Column, Table

PROBLEM_MEDIA = "application/problem+json"


class FaultSerializer(serializers.Serializer[Any]):
    parameter = serializers.CharField(help_text="The parameter at fault.")
    message = serializers.CharField(
        help_text="What is wrong with it, and the remedy, in the caller's language."
    )
    allowed = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="What may stand there, where that is a list."
    )


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details (RFC 9457), in the language of `Accept-Language`: kk, ru or en."""

    type = serializers.CharField(help_text="`about:blank`: the status says it all.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong and what to do about it.")
    errors = FaultSerializer(many=True, required=False)  # type: ignore[assignment]


class FileSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="Name of the file.")
    language = serializers.CharField(
        allow_blank=True, help_text="Language of a chart; empty where it is the same in all."
    )
    media_type = serializers.CharField(help_text="Its media type.")
    bytes = serializers.IntegerField(min_value=0, help_text="Its size.")
    sha256 = serializers.RegexField("^[0-9a-f]{64}$", help_text="SHA-256 of its content.")
    address = serializers.CharField(help_text="Where it is, on this site.")


class FormerNameSerializer(serializers.Serializer[Any]):
    name_kk = serializers.CharField(allow_blank=True)
    name_ru = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    until = serializers.DateField(allow_null=True, help_text="The day from which it bore another name.")


SHARE_SCHEMA = {"type": "string", "pattern": r"^[01]\.[0-9]{6}$"}
DECIMAL_SCHEMA = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}


def field(column: Column, **about: Any) -> serializers.Field[Any, Any, Any, Any]:
    """How a column looks in JSON."""
    about |= {"help_text": column.description, "allow_null": column.nullable}
    match column.type:
        case "integer":
            return serializers.IntegerField(min_value=0, **about)
        case "date":
            return serializers.DateField(**about)
        case "moment":
            return serializers.DateTimeField(**about)
        case "flag":
            return serializers.BooleanField(**about)
        case "codes" if column.choices:
            return serializers.ListField(child=serializers.ChoiceField(choices=column.choices), **about)
        case "codes":
            return serializers.ListField(child=serializers.CharField(), **about)
        case "share":
            return serializers.RegexField(SHARE_SCHEMA["pattern"], **about)
        case "credits":
            return serializers.RegexField(DECIMAL_SCHEMA["pattern"], **about)
        case _ if column.choices:
            return serializers.ChoiceField(choices=column.choices, **about)
        case _:
            return serializers.CharField(allow_blank=True, **about)


@cache
def row_class(table: Table) -> type[serializers.Serializer[Any]]:
    """Any column may be left out: `fields` says which are told."""
    columns = {column.name: field(column, required=False) for column in table.columns}
    return type(inline_serializer(f"{title(table)}Row", columns))


def row(table: Table) -> serializers.Serializer[Any]:
    """The serializer of a table's rows; one class a table, so that the schema names it once."""
    return row_class(table)()


def detail(table: Table, **further: Any) -> serializers.Serializer[Any]:
    """The serializer of a row with the `further` members that only a detail has; `fields` leaves out any but one."""
    members = {
        column.name: field(column, required=column.name == "demonstration") for column in table.columns
    }
    return inline_serializer(f"{title(table)}Detail", {**members, **further})


def title(table: Table) -> str:
    return "".join(part.capitalize() for part in table.name.split("-"))


def page(table: Table) -> serializers.Serializer[Any]:
    return inline_serializer(
        f"{title(table)}Page",
        {
            "demonstration": serializers.BooleanField(
                help_text="Whether the data are generated for demonstration."
            ),
            "next": serializers.URLField(
                allow_null=True,
                help_text="The page after this one; null on the last. It stays with the release.",
            ),
            "results": serializers.ListField(child=row(table)),
        },
    )


PROBLEMS = {
    400: "A parameter can't be read: `errors` names each, with the remedy.",
    404: "There is no such thing, or it is not published.",
    406: "None of the formats that there are was asked for.",
    429: "Too many requests from one address; `Retry-After` says when to ask again.",
    503: "The database does not answer.",
}
UNCHANGED = "Nothing has changed since the `ETag` that was sent."
FORMAT = OpenApiParameter(
    "format",
    str,
    enum=["json", "csv", "xlsx"],
    description="JSON, CSV or a workbook; goes before the header `Accept`.",
)
RELEASES = OpenApiParameter(
    "release",
    {"type": "string", "pattern": "^([0-9]{1,9}|all)$"},
    description="Number of a published release, or `all` of them; the newest unless told.",
)
ONE_RELEASE = OpenApiParameter(
    "release",
    {"type": "string", "pattern": "^[0-9]{1,9}$"},
    description="Number of a published release; the newest unless told.",
)
REQUIREMENT = OpenApiParameter(
    "requirement",
    {"type": "string", "pattern": filters.CODE},
    description="Of which requirement the counts are; the first by code unless told.",
)
NUMBER = OpenApiParameter("number", int, OpenApiParameter.PATH, description="Number of the release.")
CODE = OpenApiParameter(
    "code",
    {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    OpenApiParameter.PATH,
    description="Code of the institution.",
)


def problems(codes: Iterable[int]) -> dict[tuple[int, str], OpenApiResponse]:
    return {
        (code, PROBLEM_MEDIA): OpenApiResponse(ProblemSerializer, description=PROBLEMS[code])
        for code in codes
    }


def csv_of(table: Table) -> str:
    own = "demonstration" in table.names
    return ",".join([*table.names, *([] if own else ["demonstration"])])


PROBLEM_EXAMPLE = OpenApiExample(
    "A parameter that can't be read",
    value={
        "type": "about:blank",
        "title": "A parameter can't be read",
        "status": 400,
        "detail": "level: “9X” is not among the values here. Write one of: 6B, 7M, 8D.",
        "errors": [
            {
                "parameter": "level",
                "message": "level: “9X” is not among the values here. Write one of: 6B, 7M, 8D.",
                "allowed": ["6B", "7M", "8D"],
            }
        ],
    },
    response_only=True,
    status_codes=["400"],
    media_type=PROBLEM_MEDIA,
)


def answers(body: Any, table: Table | None, codes: Iterable[int] = PROBLEMS) -> dict[Any, Any]:
    """All that an address may answer."""
    found: dict[Any, Any] = {(200, "application/json"): OpenApiResponse(body, description="JSON.")}
    if table is not None:
        found[200, "text/csv"] = OpenApiResponse(
            {"type": "string"},
            description="The same as CSV (RFC 4180, UTF-8); `Link` leads to the next page.",
        )
        found[200, XLSX] = OpenApiResponse(
            {"type": "string", "format": "binary"}, description="The same as a workbook of one sheet."
        )
    found[304] = OpenApiResponse(description=UNCHANGED)
    return found | problems(codes)


def shown(name: str, value: Any, media_type: str = "application/json") -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=["200"], media_type=media_type)


def fields(table: Table, *further: str) -> OpenApiParameter:
    return OpenApiParameter(
        "fields",
        {"type": "array", "items": {"type": "string", "enum": [*table.names, *further]}, "minItems": 1},
        style="form",
        explode=False,
        description="Columns to be told, with commas between; all unless told.",
    )


def described_export(view: Any) -> Any:
    """The operation of a whole table, in full."""
    table: Table = view.table
    example = {name: value for name, value in EXAMPLES[table.name].items() if name in table.names}
    return extend_schema(
        operation_id=f"export_{table.name.replace('-', '_')}",
        summary=f"All of {table.name}",
        description=f"{table.description} Every row at once, in any order, streamed. If the connection "
        "ends before the answer does, it is incomplete; ask again.",
        tags=["exports"],
        filters=True,
        parameters=[
            fields(table),
            OpenApiParameter(
                "format",
                str,
                enum=["ndjson", "csv", "xlsx"],
                description="A JSON object a line, CSV or a workbook; goes before the header `Accept`.",
            ),
            RELEASES,
        ],
        responses={
            (200, "application/x-ndjson"): OpenApiResponse(
                {"type": "string"}, description="A JSON object a line."
            ),
            (200, "text/csv"): OpenApiResponse(
                {"type": "string"}, description="CSV in UTF-8; lines end in LF."
            ),
            (200, XLSX): OpenApiResponse(
                {"type": "string", "format": "binary"},
                description="A workbook of one sheet; 400 where it would be longer than a sheet can be.",
            ),
            304: OpenApiResponse(description=UNCHANGED),
            **problems(PROBLEMS),
        },
        examples=[
            shown("A line a row", json.dumps(example, ensure_ascii=False), "application/x-ndjson"),
            shown("Columns", csv_of(table), "text/csv"),
            PROBLEM_EXAMPLE,
        ],
    )


def described_list(view: Any) -> Any:
    """The operation of a list, in full."""
    table: Table = view.table
    parameters = [
        fields(table),
        OpenApiParameter("cursor", str, description="Where the page begins, as `next` gives it."),
        OpenApiParameter(
            "page_size",
            {"type": "integer", "minimum": 1},
            description=f"Rows on a page: {LARGEST_SIZE} unless told, {LARGEST_SIZE} at most.",
        ),
        FORMAT,
    ]
    if view.orderings:
        names = [sign + name for name in view.orderings for sign in ("", "-")]
        parameters.append(
            OpenApiParameter(
                "ordering", str, enum=names, description="What to order by; with `-` descending."
            )
        )
    if view.is_of_release:
        parameters.append(ONE_RELEASE if view.is_of_one_release else RELEASES)
    if hasattr(view, "dimension"):
        parameters.append(REQUIREMENT)
    rows = {
        "demonstration": view.is_generated,
        "next": None,
        "results": [EXAMPLES[table.name]],
    }
    return extend_schema(
        operation_id=f"list_{table.name.replace('-', '_')}",
        summary=table.name.replace("-", " ").capitalize(),
        description=table.description,
        tags=["lists"],
        filters=True,
        parameters=parameters,
        responses=answers(page(table), table),
        examples=[
            shown("Rows", rows),
            shown("Columns", csv_of(table), "text/csv"),
            PROBLEM_EXAMPLE,
        ],
    )


def described_release() -> Any:
    """The operation of one release, in full."""
    file = {
        "name": "coverage.csv",
        "language": "",
        "media_type": "text/csv; charset=utf-8",
        "bytes": 48211,
        "sha256": EXAMPLES["releases"]["fingerprint"],
        "address": "/kk/releases/8/files/coverage.csv",
    }
    return extend_schema(
        operation_id="get_release",
        summary="One release",
        description="A release with its files: whole tables as CSV and JSON, and charts as SVG.",
        tags=["details"],
        filters=False,
        parameters=[NUMBER, fields(tables.RELEASES, "files"), FORMAT],
        responses=answers(
            detail(tables.RELEASES, files=FileSerializer(many=True, required=False)), tables.RELEASES
        ),
        examples=[shown("A release", {**EXAMPLES["releases"], "files": [file]}), PROBLEM_EXAMPLE],
    )


def described_institution() -> Any:
    """The operation of one institution, in full."""
    former = {"name_kk": "КазГУ", "name_ru": "КазГУ", "name_en": "KazSU", "until": "1993-01-09"}
    shared = {"dimension": "institution", "key": "kaznu"}
    example = {
        **EXAMPLES["institutions"],
        "demonstration": True,
        "former_names": [former],
        "coverage": [EXAMPLES["coverage"] | shared],
        "indicators": [EXAMPLES["indicators"] | shared | {"numerator": 1, "denominator": 1, "missing": 0}],
    }
    return extend_schema(
        operation_id="get_institution",
        summary="One institution",
        description="An institution with its former names, and its coverage and indicators in a release.",
        tags=["details"],
        filters=False,
        parameters=[
            CODE,
            fields(tables.INSTITUTIONS, "demonstration", "former_names", "coverage", "indicators"),
            FORMAT,
            ONE_RELEASE,
        ],
        responses=answers(
            detail(
                tables.INSTITUTIONS,
                demonstration=serializers.BooleanField(help_text="Whether the data are generated."),
                former_names=FormerNameSerializer(many=True, required=False),
                coverage=serializers.ListField(child=row(tables.COVERAGE), required=False),
                indicators=serializers.ListField(child=row(tables.INDICATORS), required=False),
            ),
            tables.INSTITUTIONS,
        ),
        examples=[shown("An institution", example), PROBLEM_EXAMPLE],
    )


def described_index() -> Any:
    """The operation of the list of lists."""
    return extend_schema(
        operation_id="index",
        summary="Where everything is",
        description="The addresses of all lists, of the schema and of its pages.",
        tags=["lists"],
        filters=False,
        parameters=[],
        responses=answers(
            {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}, None
        ),
        examples=[
            shown("Addresses", {"releases": "https://qamtu.example/api/v1/releases/"}),
            PROBLEM_EXAMPLE,
        ],
    )
