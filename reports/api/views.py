"""The addresses of the API; what a row consists of stands in `reports.tables`."""

from collections.abc import Iterable
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from curricula.models import Field, Period
from institutions.api.problems import NotPublished
from institutions.models import FormerName, Institution, Region
from reports import catalogue, tables
from reports.api import filters, schema
from reports.api.base import PublicView
from reports.api.lists import CoveredView, TableView, covered, leading, named_by, with_share
from reports.api.pagination import Order
from reports.api.renderers import JSONRenderer
from reports.api.rows import Row
from reports.explaining import reason
from reports.files.formats import json_text
from reports.models import (
    Assessment,
    Coverage,
    Indicator,
    ReferenceValue,
    Release,
    ReleaseFile,
    Requirement,
)
from reports.tables import Table


def described(view: type[TableView]) -> type[TableView]:
    """A list with its operation in the schema."""
    return extend_schema_view(get=schema.described_list(view))(view)


@described
class Releases(TableView):
    table = tables.RELEASES
    queryset = Release.objects.all()
    filterset_class = filters.ReleaseFilter
    orderings = {"number": "number"}
    steady = ("number",)
    keeps_names = False
    is_of_release = False
    beside = ("number",)

    def order(self, request: Request) -> Order:
        return super().order(request) if "ordering" in request.query_params else [("number", True)]

    def rows_of(self, snapshots: list[int]) -> QuerySet[Any]:
        return Release.objects.published()

    def further(self, told: list[tuple[Any, ...]]) -> Iterable[str]:
        return self.gaps(corrected({"number": number}, self) for (number,) in told)


def corrected(row: Row, view: PublicView) -> Row:
    """A release with what it corrects and what corrects it, as far as that is published."""
    assert view.shelf is not None  # noqa: S101
    newer = view.shelf.corrections()
    older = {by: number for number, by in newer.items()}
    return {**row, "corrects": older.get(row["number"]), "corrected_by": newer.get(row["number"])}


@described
class CoverageList(TableView):
    table = tables.COVERAGE
    queryset = Coverage.objects.all()
    filterset_class = filters.CoverageFilter
    orderings = {
        name: name for name in ("dimension", "key", "in_scope", "met", "not_met", "no_data", "exempt")
    } | {"share": "share_value", "release": "snapshot__release__number"}
    steady = ("snapshot_id", "requirement_id", "dimension", "key")
    keeps_names = False

    def rows_of(self, snapshots: list[int]) -> QuerySet[Any]:
        return with_share(Coverage.objects.filter(snapshot__in=snapshots))


@described
class Indicators(TableView):
    table = tables.INDICATORS
    queryset = Indicator.objects.all()
    filterset_class = filters.IndicatorFilter
    orderings = {name: name for name in ("indicator", "key", "numerator", "denominator", "missing")}
    steady = ("snapshot_id", "indicator", "dimension", "key")
    keeps_names = False

    def rows_of(self, snapshots: list[int]) -> QuerySet[Any]:
        return Indicator.objects.filter(snapshot__in=snapshots)


@described
class Programmes(TableView):
    table = tables.PROGRAMMES
    queryset = Assessment.objects.all()
    filterset_class = filters.ProgrammeFilter
    orderings = {
        "institution": "institution__code",
        "code": "programme__code",
        "ai_disciplines": "ai_disciplines",
        "ai_credits": "ai_credits",
    }
    steady = ("snapshot_id", "institution_id", "programme_id", "requirement_id")
    beside = (
        "outcome",
        "ai_disciplines",
        "ai_credits",
        "requirement__min_disciplines",
        "requirement__min_credits",
        "snapshot__period__code",
    )

    def rows_of(self, snapshots: list[int]) -> QuerySet[Any]:
        return Assessment.objects.filter(snapshot__in=snapshots)

    def further(self, told: list[tuple[Any, ...]]) -> Iterable[str]:
        language = translation.get_language()
        return [worded(language, alike) for alike in told]


@lru_cache(maxsize=4096)  # alike programmes have the same words
def worded(language: str, told: tuple[Any, ...]) -> str:
    """The reason in words, as an object in text; `language` is the active one."""
    outcome, disciplines, credit_sum, min_disciplines, min_credits, period = told
    words = reason(
        outcome,
        disciplines=disciplines,
        credit_sum=credit_sum,
        min_disciplines=min_disciplines,
        min_credits=min_credits,
        period=Period(code=period).name,
    )
    return json_text({"reason": words}).decode()


@described
class Disciplines(TableView):
    """Of programmes by the leading requirement of each release, as the pages of the catalogue have them."""

    table = catalogue.TABLE
    queryset = Assessment.objects.all()
    filterset_class = filters.DisciplineFilter
    orderings = {
        "institution": "institution__code",
        "title": "title_key",
        "credits": "credits",
        "semester": "semester",
    }
    steady = ("snapshot_id", "institution_id", "programme_id", "line")

    def rows_of(self, snapshots: list[int]) -> QuerySet[Any]:
        of_each = [Q(snapshot=snapshot, requirement=leading([snapshot])) for snapshot in snapshots]
        found = Assessment.objects.filter(reduce(or_, of_each, Q(pk__in=[])))
        return catalogue.lines(found).annotate(line=F("version__signed_disciplines__pk"))


@described
class Institutions(CoveredView):
    table = tables.INSTITUTIONS
    queryset = Institution.objects.all()
    filterset_class = filters.InstitutionFilter
    orderings = {"name": "order_kk", "code": "code", "region": "region__code", "kind": "kind"}
    steady = ("order_kk", "code")
    dimension = "institution"

    def rows_of(self, snapshots: list[int]) -> QuerySet[Any]:
        return Institution.objects.all()


@described
class Regions(CoveredView):
    table = tables.REGIONS
    queryset = Region.objects.all()
    filterset_class = filters.RegionFilter
    orderings = {"name": "order_kk", "code": "code"}
    steady = ("order_kk", "code")
    dimension = "region"

    def rows_of(self, snapshots: list[int]) -> QuerySet[Any]:
        return Region.objects.all()


@described
class Fields(CoveredView):
    table = tables.FIELDS
    queryset = Field.objects.all()
    filterset_class = filters.FieldFilter
    orderings = {"code": "code"}
    steady = ("code",)
    dimension = "field"

    def rows_of(self, snapshots: list[int]) -> QuerySet[Any]:
        return Field.objects.all()


@described
class Requirements(TableView):
    table = tables.REQUIREMENTS
    queryset = Requirement.objects.all()
    filterset_class = filters.RequirementFilter
    orderings = {"code": "code", "effective_from": "effective_from"}
    steady = ("code", "number")
    is_generated = False
    release_unless_told = "all"

    def rows_of(self, snapshots: list[int]) -> QuerySet[Any]:
        return Requirement.objects.filter(
            Exists(Coverage.objects.filter(snapshot__in=snapshots, requirement=OuterRef("pk")))
        )


@described
class ReferenceValues(TableView):
    table = tables.REFERENCE_VALUES
    queryset = ReferenceValue.objects.all()
    filterset_class = filters.ReferenceValueFilter
    orderings = {"code": "code", "stated_on": "stated_on"}
    steady = ("code",)
    is_of_release = False
    is_generated = False

    def rows_of(self, snapshots: list[int]) -> QuerySet[Any]:
        return ReferenceValue.objects.all()


class Detail(PublicView):
    """One thing, with what belongs to it. Whether its data are generated is told whatever `fields` asks for."""

    table: Table
    parameters: tuple[str, ...] = ("fields", "format", "release")
    is_of_one_release = True

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response | HttpResponse:
        unchanged = self.unchanged(request)
        if unchanged is not None:
            return unchanged
        body = self.body(**kwargs)
        named = {*named_by(request.query_params.get("fields"), list(body)), "demonstration"}
        response = Response({name: value for name, value in body.items() if name in named})
        if body["demonstration"]:
            response["Qamtu-Data"] = "demonstration"
        return response

    def body(self, **kwargs: Any) -> Row:
        raise NotImplementedError


@extend_schema_view(get=schema.described_release())
class ReleaseDetail(Detail):
    table = tables.RELEASES
    queryset = Release.objects.all()
    parameters = ("fields", "format")
    keeps_names = False

    def body(self, **kwargs: Any) -> Row:
        assert self.shelf is not None  # noqa: S101
        number: int = kwargs["number"]
        chosen = self.shelf.numbered(number)
        row = only(tables.RELEASES, Release.objects.published().filter(number=number))
        return {**corrected(row, self), "files": [file(number, *found) for found in stored(chosen["pk"])]}


def stored(release: int) -> QuerySet[Any, tuple[Any, ...]]:
    files = ReleaseFile.objects.filter(release=release).annotate(size=Length("content"))
    return files.order_by("name", "language").values_list("name", "language", "media_type", "size", "sha256")


def file(number: int, name: str, language: str, media_type: str, size: int, sha256: str) -> Row:
    with translation.override(language or translation.get_language()):
        address = reverse("release-file", args=[number, name])
    return {
        "name": name,
        "language": language,
        "media_type": media_type,
        "bytes": size,
        "sha256": sha256,
        "address": address,
    }


@extend_schema_view(get=schema.described_institution())
class InstitutionDetail(Detail):
    table = tables.INSTITUTIONS
    queryset = Institution.objects.all()

    def body(self, **kwargs: Any) -> Row:
        assert self.shelf is not None  # noqa: S101
        code: str = kwargs["code"]
        chosen = self.shelf.choose(self.request.query_params.get("release"))[:1]
        snapshots = [release["snapshot_id"] for release in chosen]
        row = only(tables.INSTITUTIONS, Institution.objects.filter(code=code))
        counts = covered(snapshots, "institution", [code], None)
        former = FormerName.objects.filter(institution__code=code).order_by("-until")
        return {
            **row,
            **counts.get(code, dict.fromkeys(column.name for column in tables.COVERED)),
            "demonstration": any(release["snapshot__demonstration"] for release in chosen),
            "former_names": list(former.values("name_kk", "name_ru", "name_en", "until")),
            "coverage": of_key(tables.COVERAGE, Coverage, snapshots, code),
            "indicators": of_key(tables.INDICATORS, Indicator, snapshots, code),
        }


def of_key(table: Table, model: Any, snapshots: list[int], code: str) -> list[Row]:
    """The rows of one institution, at most one of each requirement or indicator."""
    rows = model.objects.filter(snapshot__in=snapshots, dimension="institution", key=code).order_by("pk")
    return [dict(zip(table.lookups(), values, strict=True)) for values in table.select(rows)]


def only(table: Table, queryset: QuerySet[Any]) -> Row:
    found = table.select(queryset).first()
    if found is None:
        raise NotPublished(_("There is nothing of this name. /api/v1/ lists where to look."))
    return dict(zip(table.lookups(), found, strict=True))


@extend_schema_view(get=schema.described_index())
class Index(PublicView):
    """Where everything is."""

    renderer_classes = (JSONRenderer,)

    def get(self, request: Request) -> Response:
        lists = (
            *("releases", "coverage", "crossings", "indicators", "metadata", "programmes", "disciplines"),
            *(
                "movements",
                "exposure",
                "institutions",
                "regions",
                "fields",
                "requirements",
                "reference-values",
            ),
            *("export-coverage", "export-indicators", "export-programmes", "export-disciplines"),
            *("own", "schema", "docs"),
        )
        return Response({name: request.build_absolute_uri(reverse(f"api-{name}")) for name in lists})
