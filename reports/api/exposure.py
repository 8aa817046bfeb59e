"""Exposure of work to AI against coverage, over the API: computed when asked for, from the links as they stand."""

from typing import Any

from drf_spectacular.utils import extend_schema_view
from rest_framework.request import Request

from curricula.models import Field
from institutions.api.problems import BadParameters
from reports import exposure, figures, tables
from reports.api import filters, schema
from reports.api.lists import TableView, faults
from reports.api.pagination import page_size, read_cursor, write_cursor
from reports.api.rows import Row
from reports.figures import Counts
from reports.models import Release


class Exposures(TableView):
    """Fields of education, with the counts of the leading requirement of a release."""

    table = tables.EXPOSURE
    queryset = Field.objects.all()
    filterset_class = filters.ExposureFilter
    is_of_one_release = True

    def page(self, request: Request) -> tuple[list[str], str | None]:
        """One page of rows, and the address of the next; five queries, whatever the page."""
        asked = self.filterset_class(
            request.query_params,
            queryset=Field.objects.filter(kind=Field.Kind.FIELD).order_by("code"),
            request=request,
        )
        if not asked.is_valid():
            raise BadParameters(*faults(asked))
        size = page_size(request.query_params.get("page_size"))
        cursor = request.query_params.get("cursor")
        start = str(read_cursor(cursor, self.table.name, 1)[0]) if cursor else ""
        rows = [
            row for row in self.rows(list(asked.qs.values_list("code", flat=True))) if row["field"] > start
        ]
        if len(rows) <= size:
            return self.as_texts(rows), None
        return self.as_texts(rows[:size]), self.following(
            request, write_cursor((rows[size - 1]["field"],), self.table.name)
        )

    def rows(self, codes: list[str]) -> list[Row]:
        exposed = exposure.exposures()
        edition = None
        if self.chosen:
            release = Release.objects.select_related("snapshot__period").get(pk=self.chosen[0]["pk"])
            edition = figures.edition(release, ("field",))
        cells = edition.by("field") if edition else {}
        code = edition.requirement.code if edition and edition.requirement else None
        number = edition.release.number if edition else None
        return [
            {
                "release": number,
                "requirement": code,
                "field": field,
                **of(exposed.get(field)),
                **covered(cells.get(field, Counts())),
            }
            for field in codes
        ]


def of(found: exposure.Exposure | None) -> dict[str, Any]:
    if found is None:
        return {"exposure": None, "occupations": 0, "occupations_exposed": 0}
    return {
        "exposure": str(found.mean),
        "occupations": found.occupations,
        "occupations_exposed": found.exposed,
    }


def covered(counts: Counts) -> dict[str, Any]:
    return {
        "in_scope": counts.in_scope,
        "met": counts.met,
        "exempt": counts.exempt,
        "share": None if counts.share is None else str(exposure.rounded(counts.share)),
    }


extend_schema_view(get=schema.described_list(Exposures))(Exposures)
