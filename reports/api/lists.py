"""The lists of the API: tables of released figures, and names with the coverage that a release has of them."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from rest_framework.request import Request

from institutions.api.listing import page_size
from institutions.api.problems import BadParameters, Fault, refusals_of
from reports import copies, tables
from reports.api.base import PublicView
from reports.api.filters import NOT_A_CODE, is_code
from reports.api.pagination import Order, address, after, read_cursor, write_cursor
from reports.api.rows import Page, Row, as_object, joined, known_of
from reports.api.shelf import Shelf
from reports.copies import Copy
from reports.files.formats import json_text
from reports.models import Coverage
from reports.tables import Column, Table

MOST_WHOLE_LISTS = 200
WHOLE_LISTS: dict[tuple[Any, ...], QuerySet[Any, Any]] = {}  # in each process


class TableView(PublicView):
    """A list: filtered, ordered, a page at a time. `steady` are lookups that make a row unique, in a fixed order."""

    table: Table
    filter_backends = (filters.DjangoFilterBackend,)
    filterset_class: type[filters.FilterSet]
    pagination_class = None
    orderings: dict[str, str] = {}
    steady: Sequence[str] = ()
    beside: Sequence[str] = ()  # lookups that `further` is told of each row
    is_of_release = True  # whether `release` chooses what the rows are of
    release_unless_told: str | None = None
    choosing: Sequence[str] = ("release",)  # parameters without which the rows are of the newest release
    is_generated = True  # whether the rows are made up where a release is for demonstration

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        several = {name for name, one in self.filterset_class.base_filters.items() if is_multiple(one)}
        own = ["fields", "format", "cursor", "page_size", *(["ordering"] if self.orderings else [])]
        own += ["release"] if self.is_of_release else []
        self.several = tuple(several)
        self.parameters = (*own, *(set(self.filterset_class.base_filters) - several))

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        unchanged = self.unchanged(request)
        if unchanged is not None:
            return unchanged
        assert self.shelf is not None  # noqa: S101
        copy = copies.LISTS.find(self.tag) if self.tag else None
        if copy is None or not copy.is_of(self.shelf):
            copy = self.made(request, self.shelf)
            if self.tag:
                copies.LISTS.keep(self.tag, copy)
        return copy.answer(request, self.shelf)

    def made(self, request: Request, shelf: Shelf) -> Copy:
        """The answer, for whoever asks the same as long as the shelf is in this state."""
        self.chosen = shelf.choose(request.query_params.get("release", self.release_unless_told))
        self.columns = wanted(self.table, request.query_params.get("fields"))
        rows, following = self.page(request)
        is_demonstration = self.is_demonstration()
        renderer = request.accepted_renderer
        page = Page(rows, self.columns, following, is_demonstration)
        body = renderer.render(page, renderer_context={"view": self})
        assert isinstance(body, bytes)  # noqa: S101
        headers = {"Content-Type": "; charset=".join(filter(None, (renderer.media_type, renderer.charset)))}
        if following:
            headers["Link"] = f'<{following}>; rel="next"'
        if is_demonstration:
            headers["Qamtu-Data"] = "demonstration"
        return Copy(
            shelf.whole, time.monotonic(), self.tag or "", body, len(body), False, tuple(headers.items())
        )

    def is_demonstration(self) -> bool:
        return self.is_generated and any(release["snapshot__demonstration"] for release in self.chosen)

    def rows_of(self, snapshots: list[int]) -> QuerySet[Any]:
        """The rows to filter; those of the chosen snapshots, where they belong to one."""
        raise NotImplementedError

    def further(self, told: list[tuple[Any, ...]]) -> Iterable[str]:
        """What the database can't say of each row, as objects in text, by the values `beside` it."""
        raise NotImplementedError

    def page(self, request: Request) -> tuple[list[str], str | None]:
        """One page of rows, and the address of the next; one query, and no value of a row is looked at here."""
        size, order = page_size(request.query_params.get("page_size")), self.order(request)
        found = self.found(request, order, size + 1)
        following = None
        if len(found) > size:
            _row, *last = found[size - 1]
            following = self.following(request, write_cursor(last[: len(order)], self.scope(request)))
        rows = [row for row, *_beside in found[:size]]
        if self.told:
            further = self.further([tuple(beside[len(order) :]) for _row, *beside in found[:size]])
            rows = [joined(row, more) for row, more in zip(rows, further, strict=True)]
        return rows, following

    def found(self, request: Request, order: Order, most: int) -> list[tuple[Any, ...]]:
        """Of each row its object as text, where it stands in the order, and what `further` is told of it."""
        try:
            statement = self.read(request, order)[:most].query.sql_with_params()
        except EmptyResultSet:
            return []
        with connection.cursor() as cursor:
            cursor.execute(*statement)
            return cursor.fetchall()

    def read(self, request: Request, order: Order) -> QuerySet[Any, Any]:
        queryset = self.filtered(request, self.all_rows(order))
        if cursor := request.query_params.get("cursor"):
            queryset = after(queryset, order, read_cursor(cursor, self.scope(request), len(order)))
        return queryset

    def all_rows(self, order: Order) -> QuerySet[Any, Any]:
        """What every page of the list is cut out of. To put it together takes Django as long as the rest, so it is
        kept: it depends on what is published, and on no name."""
        asked = (type(self), self.columns, *order, *self.snapshots)
        found = WHOLE_LISTS.get(asked)
        if found is None:
            known = known_of(self.chosen) if self.is_of_release else {}
            lookups = [*(lookup for lookup, _descends in order), *self.told]
            beside = {f"beside_{place}": known.get(lookup, F(lookup)) for place, lookup in enumerate(lookups)}
            found = (
                self.rows_of(self.snapshots)
                .annotate(as_object=as_object(self.columns, known), **beside)
                .order_by(
                    *(
                        ("-" if descends else "") + name
                        for name, (_lookup, descends) in zip(beside, order, strict=False)
                    )
                )
                .values_list("as_object", *beside)
            )
            if len(WHOLE_LISTS) >= MOST_WHOLE_LISTS:
                WHOLE_LISTS.clear()
            WHOLE_LISTS[asked] = found
        return found

    @property
    def snapshots(self) -> list[int]:
        return [release["snapshot_id"] for release in self.chosen]

    def scope(self, request: Request) -> str:
        """What a cursor is good for."""
        return f"{self.table.name}:{request.query_params.get('ordering', '')}"

    @property
    def told(self) -> Sequence[str]:
        return self.beside if any(column.source is None for column in self.columns) else ()

    def as_texts(self, rows: Iterable[Row]) -> list[str]:
        """Rows that were counted here, as objects in text, of the columns that are wanted."""
        return [
            json_text({column.name: row[column.name] for column in self.columns}).decode() for row in rows
        ]

    def gaps(self, rows: Iterable[Row]) -> list[str]:
        """The wanted columns that the database doesn't fill, as objects in text."""
        names = [column.name for column in self.columns if column.source is None]
        return [json_text({name: row[name] for name in names}).decode() for row in rows]

    def following(self, request: Request, cursor: str) -> str:
        """The address of the page that begins at the cursor."""
        changed = {"cursor": cursor}
        is_told = self.release_unless_told or any(name in request.query_params for name in self.choosing)
        if self.is_of_release and self.chosen and not is_told:
            # A release that comes out meanwhile must not be mixed into the pages that are left.
            changed["release"] = str(self.chosen[0]["number"])
        given = [(name, value) for name, values in request.query_params.lists() for value in values]
        return address(request.build_absolute_uri(request.path), given, **changed)

    def order(self, request: Request) -> Order:
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

    def filtered(self, request: Request, queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        if not self.filterset_class.base_filters.keys() & request.query_params.keys():
            return queryset
        narrowed = self.filterset_class(request.query_params, queryset=queryset, request=request)
        if not narrowed.is_valid():
            raise BadParameters(*faults(narrowed))
        return narrowed.qs


class CoveredView(TableView):
    """Names, each with the coverage of its code in one dimension of a release; one query more."""

    is_of_one_release = True
    dimension = ""
    beside = ("code",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parameters = (*self.parameters, "requirement")

    def further(self, told: list[tuple[Any, ...]]) -> Iterable[str]:
        snapshots = self.snapshots
        codes = [code for (code,) in told]
        counts = covered(snapshots, self.dimension, codes, self.request.query_params.get("requirement"))
        return self.gaps(counts.get(code, NOT_COVERED) for code in codes)

    def check_parameters(self, request: Request) -> None:
        super().check_parameters(request)
        if not is_code(request.query_params.get("requirement", "-")):
            raise BadParameters(Fault("requirement", f"requirement: {NOT_A_CODE}"))


def wanted(table: Table, asked: str | None) -> tuple[Column, ...]:
    """The columns named by `fields`, in the order of the table; all unless told."""
    named = named_by(asked, table.names)
    return tuple(column for column in table.columns if column.name in named)


def named_by(asked: str | None, known: Sequence[str]) -> Sequence[str]:
    """What `fields` names; all that is known unless told."""
    if asked is None:
        return known
    named = asked.split(",")
    if unknown := [name for name in named if name not in known]:
        told = _("fields: there is no column %(name)s; known are %(known)s.")
        raise BadParameters(
            Fault("fields", told % {"name": ", ".join(unknown), "known": ", ".join(known)}, known)
        )
    return named


NOT_COVERED: Row = {column.name: None for column in tables.COVERED}


def covered(
    snapshots: list[int], dimension: str, keys: Iterable[str], requirement: str | None
) -> dict[str, Row]:
    """Release, requirement and counts by key: of the requirement named, else of the release's leading one."""
    if not snapshots:
        return {}
    rows = Coverage.objects.filter(snapshot__in=snapshots, dimension=dimension, key__in=list(keys))
    if requirement is None:
        rows = rows.filter(requirement=leading(snapshots))
    else:
        rows = rows.filter(requirement__code=requirement)
    names = list(tables.COVERAGE.lookups())
    found = (dict(zip(names, values, strict=True)) for values in tables.COVERAGE.select(rows))
    return {row["key"]: {name: row[name] for name in NOT_COVERED} for row in found}


def leading(snapshots: list[int]) -> Subquery:
    """The requirement that pages show of these snapshots unless told: the first by code."""
    found = Coverage.objects.filter(snapshot__in=snapshots, dimension="nation")
    return Subquery(found.order_by("requirement__code", "requirement__number").values("requirement")[:1])


def is_multiple(one: Any) -> bool:
    return isinstance(one, filters.MultipleChoiceFilter)


def faults(filterset: filters.FilterSet) -> list[Fault]:
    """What the filters refuse, each with its name and with what may stand there."""
    found: dict[str, Fault] = {}
    for name, sentence, allowed in refusals_of(filterset.form):
        found.setdefault(name, Fault(name, f"{name}: {sentence}", allowed))
    return list(found.values())


def with_share(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Coverage with its share to filter and order by; what has none stands below all that have."""
    return queryset.annotate(share_value=Coalesce(tables.SHARE, -1, output_field=tables.PLACES))
