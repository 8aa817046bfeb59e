"""Lists whose rows are counted when asked for instead of read from a table: filtered first, then ordered and paged."""

from typing import Any

from rest_framework.request import Request

from institutions.api.problems import BadParameters
from reports.api.lists import TableView, faults
from reports.api.pagination import page_size, read_cursor, write_cursor
from reports.api.rows import Row
from reports.models import Assessment


class CountedView(TableView):
    """`steady` makes a row unique and gives the rows their order."""

    queryset = Assessment.objects.all()
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
        size = page_size(request.query_params.get("page_size"))
        cursor = request.query_params.get("cursor")
        start = tuple(read_cursor(cursor, self.table.name, len(self.steady))) if cursor else ()
        counted = sorted(self.counted(asked.form.cleaned_data), key=self.place)
        rows = [row for row in counted if self.place(row) > start]
        if len(rows) <= size:
            return self.as_texts(rows), None
        return self.as_texts(rows[:size]), self.following(
            request, write_cursor(self.place(rows[size - 1]), self.table.name)
        )

    def place(self, row: Row) -> tuple[str, ...]:
        return tuple(row[name] for name in self.steady)
