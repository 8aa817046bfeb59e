"""Lists whose rows are counted when asked for instead of read from a table: filtered first, then ordered and paged."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request

from institutions.api.listing import page_size
from institutions.api.problems import BadParameters
from reports.api.lists import TableView, faults
from reports.api.pagination import Order, read_cursor, write_cursor
from reports.api.rows import Row
from reports.models import Assessment

Place = tuple[str, ...]  # where a row stands: its columns of the order, as `sortable`


class CountedView(TableView):
    """`steady` makes a row unique and gives the rows their order; it and `orderings` name columns."""

    queryset: QuerySet[Any, Any] = Assessment.objects.all()
    is_of_one_release = True
    keeps_names = False

    def counted(self, asked: dict[str, Any]) -> list[Row]:
        """All rows of what was asked, in any order."""
        raise NotImplementedError

    def page(self, request: Request) -> tuple[list[str], str | None]:
        """One page of rows, and the address of the next; as many queries whatever the page."""
        asked = self.filterset_class(
            request.query_params, queryset=Assessment.objects.none(), request=request
        )
        if not asked.is_valid():
            raise BadParameters(*faults(asked))
        size, order = page_size(request.query_params.get("page_size")), self.order(request)
        cursor = request.query_params.get("cursor")
        last = tuple(read_cursor(cursor, self.scope(request), len(order))) if cursor else None
        rows = in_order(self.counted(asked.form.cleaned_data), order, last)
        if len(rows) <= size:
            return self.as_texts(rows), None
        following = write_cursor(place(rows[size - 1], order), self.scope(request))
        return self.as_texts(rows[:size]), self.following(request, following)


def in_order(rows: list[Row], order: Order, last: Place | None) -> list[Row]:
    """The rows that follow the one whose place was `last`; only the first column of an order may descend."""
    (name, descends), *steady = order
    rows = sorted(rows, key=lambda row: place(row, steady))
    rows.sort(key=lambda row: sortable(row[name]), reverse=descends)  # which leaves equal ones as they stand
    return rows if last is None else [row for row in rows if follows(place(row, order), last, descends)]


def follows(one: Place, other: Place, descends: bool) -> bool:
    if one[0] == other[0]:
        return one[1:] > other[1:]
    return one[0] < other[0] if descends else one[0] > other[0]


def place(row: Row, order: Order) -> Place:
    return tuple(sortable(row[name]) for name, _descends in order)


def sortable(value: Any) -> str:
    """Text that sorts as the value does: numbers by what they are, below all what has none. Shares are texts of one
    length already."""
    return f"{value:020}" if isinstance(value, int) else value or ""
