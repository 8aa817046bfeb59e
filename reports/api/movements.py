"""What moved the figures, over the API: computed when asked for, from the assessments of two releases."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_view
from rest_framework.request import Request

from reports import figures, movements, tables
from reports.api import filters, schema
from reports.api.lists import Row, TableView, faults
from reports.api.pagination import page_size, read_cursor, write_cursor
from reports.api.problems import BadParameters
from reports.assessing import DIMENSIONS
from reports.models import Assessment, Release

STEADY = ("requirement", "dimension", "key", "cause")


class Movements(TableView):
    """The release before is the one that its page is compared with: the last before it that stands."""

    table = tables.MOVEMENTS
    queryset = Assessment.objects.all()
    filterset_class = filters.MovementFilter
    is_of_one_release = True
    keeps_names = False

    def page(self, request: Request) -> tuple[list[Row], str | None]:
        """One page of rows, and the address of the next; three queries, whatever the page."""
        asked = self.filterset_class(
            request.query_params, queryset=Assessment.objects.none(), request=request
        )
        if not asked.is_valid():
            raise BadParameters(*faults(asked))
        size = page_size(request.query_params.get("page_size"))
        cursor = request.query_params.get("cursor")
        start = tuple(read_cursor(cursor, self.table.name, len(STEADY))) if cursor else ()
        rows = [row for row in self.rows(asked.form.cleaned_data) if place(row) > start]
        if len(rows) <= size:
            return rows, None
        return rows[:size], self.following(request, write_cursor(place(rows[size - 1]), self.table.name))

    def rows(self, asked: dict[str, Any]) -> list[Row]:
        if not self.chosen:
            return []
        release = Release.objects.select_related("snapshot__period").get(pk=self.chosen[0]["pk"])
        before = figures.before(release)
        if before is None:
            return []
        moved = movements.between(
            before.snapshot,
            release.snapshot,
            dimensions=asked["dimension"] or DIMENSIONS,
            key=asked["key"] or None,
            requirement=asked["requirement"] or None,
            causes=asked["cause"] or None,
        )
        rows = [{**asdict(one), "release": release.number, "since": before.number} for one in moved]
        return sorted(rows, key=place)


def place(row: Row) -> tuple[str, ...]:
    """What makes a row unique, in the order of rows."""
    return tuple(row[name] for name in STEADY)


extend_schema_view(get=schema.described_list(Movements))(Movements)
