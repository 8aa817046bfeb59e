"""Exposure of work to AI against coverage, over the API: computed when asked for, from the links as they stand."""

from typing import Any

from drf_spectacular.utils import extend_schema_view

from curricula.models import Field
from reports import exposure, figures, tables
from reports.api import filters, schema
from reports.api.counted import CountedView
from reports.api.rows import Row
from reports.figures import Counts
from reports.models import Release


class Exposures(CountedView):
    """Fields of education, with the counts of the leading requirement of a release; five queries, whatever the page."""

    table = tables.EXPOSURE
    queryset = Field.objects.all()
    filterset_class = filters.ExposureFilter
    # All but the release and the requirement, which are the same in every row.
    orderings = {column.name: column.name for column in tables.EXPOSURE.columns[2:]}
    steady = ("field",)
    keeps_names = True

    def counted(self, asked: dict[str, Any]) -> list[Row]:
        fields = Field.objects.filter(kind=Field.Kind.FIELD)
        if asked["field"]:
            fields = fields.filter(code__in=asked["field"])
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
            for field in fields.values_list("code", flat=True)
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
