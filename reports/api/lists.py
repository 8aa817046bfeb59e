"""The lists of the API: tables of released figures, and names with the coverage that a release has of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from institutions.api.problems import BadParameters, Fault
from reports import tables
from reports.api.base import PublicView
from reports.api.filters import NOT_A_CODE, is_code
from reports.api.pagination import address, after, page_size, read_cursor, write_cursor
from reports.models import Coverage
from reports.tables import Table

Row = dict[str, Any]


class TableView(PublicView):
    """A list: filtered, ordered, a page at a time. `steady` are lookups that make a row unique, in a fixed order."""

    table: Table
    filter_backends = (filters.DjangoFilterBackend,)
    filterset_class: type[filters.FilterSet]
    pagination_class = None
    orderings: dict[str, str] = {}
    steady: Sequence[str] = ()
    beside: Sequence[str] = ()  # lookups that `finished` needs and takes out again
    is_of_one_release = False  # whether `release` can't be `all`
    is_of_release = True  # whether `release` chooses what the rows are of
    release_unless_told: str | None = None
    is_generated = True  # whether the rows are made up where a release is for demonstration

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        several = {name for name, one in self.filterset_class.base_filters.items() if is_multiple(one)}
        own = ["format", "cursor", "page_size", *(["ordering"] if self.orderings else [])]
        own += ["release"] if self.is_of_release else []
        self.several = tuple(several)
        self.parameters = (*own, *(set(self.filterset_class.base_filters) - several))

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response | HttpResponse:
        unchanged = self.unchanged(request)
        if unchanged is not None:
            return unchanged
        assert self.shelf is not None  # noqa: S101
        self.chosen = self.shelf.choose(request.query_params.get("release", self.release_unless_told))
        rows, following = self.page(request)
        is_demonstration = self.is_generated and any(
            release["snapshot__demonstration"] for release in self.chosen
        )
        response = Response(
            {
                "demonstration": is_demonstration,
                "next": following,
                "results": [{name: row[name] for name in self.table.names} for row in self.finished(rows)],
            }
        )
        if following:
            response["Link"] = f'<{following}>; rel="next"'
        if is_demonstration:
            response["Qamtu-Data"] = "demonstration"
        return response

    def rows_of(self, snapshots: list[int]) -> QuerySet[Any]:
        """The rows to filter; those of the chosen snapshots, where they belong to one."""
        raise NotImplementedError

    def finished(self, rows: list[Row]) -> list[Row]:
        """The rows as they go out."""
        return rows

    def page(self, request: Request) -> tuple[list[Row], str | None]:
        """One page of rows by column, and the address of the next; one query."""
        order = self.order(request)
        lookups = [lookup for lookup, _descends in order]
        scope = f"{self.table.name}:{request.query_params.get('ordering', '')}"
        size = page_size(request.query_params.get("page_size"))
        queryset = self.filtered(request).order_by(
            *(f"-{lookup}" if descends else lookup for lookup, descends in order)
        )
        if cursor := request.query_params.get("cursor"):
            queryset = after(queryset, order, read_cursor(cursor, scope, len(order)))
        names = [*self.table.lookups(), *self.beside]
        found = list(self.table.select(queryset, [*self.beside, *lookups])[: size + 1])
        rows = [dict(zip(names, values, strict=False)) for values in found[:size]]
        if len(found) <= size:
            return rows, None
        return rows, self.following(request, write_cursor(found[size - 1][len(names) :], scope))

    def following(self, request: Request, cursor: str) -> str:
        """The address of the page that begins at the cursor."""
        changed = {"cursor": cursor}
        is_newest = self.release_unless_told is None and "release" not in request.query_params
        if self.is_of_release and is_newest and self.chosen:
            # A release that comes out meanwhile must not be mixed into the pages that are left.
            changed["release"] = str(self.chosen[0]["number"])
        given = [(name, value) for name, values in request.query_params.lists() for value in values]
        return address(request.build_absolute_uri(request.path), given, **changed)

    def check_parameters(self, request: Request) -> None:
        super().check_parameters(request)
        if self.is_of_one_release and request.query_params.get("release") == "all":
            raise BadParameters(Fault("release", _("release: write the number of one release.")))

    def order(self, request: Request) -> list[tuple[str, bool]]:
        asked = request.query_params.get("ordering")
        if asked is None:
            return [(lookup, False) for lookup in self.steady]
        name = asked.removeprefix("-")
        if name not in self.orderings:
            known = [sign + one for one in self.orderings for sign in ("", "-")]
            raise BadParameters(
                Fault("ordering", _("ordering: write one of %(known)s.") % {"known": ", ".join(known)}, known)
            )
        return [(self.orderings[name], asked.startswith("-")), *((lookup, False) for lookup in self.steady)]

    def filtered(self, request: Request) -> QuerySet[Any]:
        queryset = self.rows_of([release["snapshot_id"] for release in self.chosen])
        narrowed = self.filterset_class(request.query_params, queryset=queryset, request=request)
        if not narrowed.is_valid():
            raise BadParameters(*faults(narrowed))
        return narrowed.qs


class CoveredView(TableView):
    """Names, each with the coverage of its code in one dimension of a release; one query more."""

    is_of_one_release = True
    dimension = ""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parameters = (*self.parameters, "requirement")

    def finished(self, rows: list[Row]) -> list[Row]:
        snapshots = [release["snapshot_id"] for release in self.chosen]
        counts = covered(
            snapshots,
            self.dimension,
            [row["code"] for row in rows],
            self.request.query_params.get("requirement"),
        )
        return [{**row, **counts.get(row["code"], NOT_COVERED)} for row in rows]

    def check_parameters(self, request: Request) -> None:
        super().check_parameters(request)
        if not is_code(request.query_params.get("requirement", "-")):
            raise BadParameters(Fault("requirement", f"requirement: {NOT_A_CODE}"))


NOT_COVERED: Row = {column.name: None for column in tables.COVERED}


def covered(
    snapshots: list[int], dimension: str, keys: Iterable[str], requirement: str | None
) -> dict[str, Row]:
    """Release, requirement and counts by key: of the requirement named, else of the release's leading one."""
    if not snapshots:
        return {}
    rows = Coverage.objects.filter(snapshot__in=snapshots, dimension=dimension, key__in=list(keys))
    if requirement is None:
        leading = Coverage.objects.filter(snapshot__in=snapshots, dimension="nation")
        leading = leading.order_by("requirement__code", "requirement__number")
        rows = rows.filter(requirement=Subquery(leading.values("requirement")[:1]))
    else:
        rows = rows.filter(requirement__code=requirement)
    names = list(tables.COVERAGE.lookups())
    found = (dict(zip(names, values, strict=True)) for values in tables.COVERAGE.select(rows))
    return {row["key"]: {name: row[name] for name in NOT_COVERED} for row in found}


def is_multiple(one: Any) -> bool:
    return isinstance(one, filters.MultipleChoiceFilter)


def faults(filterset: filters.FilterSet) -> list[Fault]:
    """What the filters refuse, each with its name and with what may stand there."""
    found = []
    for name, errors in filterset.form.errors.items():
        allowed = [str(value) for value, _label in getattr(filterset.form.fields[name], "choices", ())]
        text = " ".join(str(error) for error in errors)
        found.append(Fault(name, f"{name}: {text}", allowed))
    return found


def with_share(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Coverage with its share to filter and order by; what has none stands below all that have."""
    return queryset.annotate(share_value=Coalesce(tables.SHARE, -1, output_field=tables.PLACES))
