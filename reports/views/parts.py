"""Regions and fields of education: the national page, scaled down."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from curricula.models import Field
from institutions.models import Institution, Region
from reports import comparing, exposure, figures, pictures
from reports.cells import Cell
from reports.models import Release
from reports.views.nation import levels
from reports.views.released import page, released


@released
def region(request: HttpRequest, release: Release, code: str) -> HttpResponse:
    place = get_object_or_404(Region, code=code)
    edition = figures.edition(release, ("region", "region,level"))
    fields = pictures.by_code(Field.objects.filter(kind=Field.Kind.FIELD))
    by_field = figures.split(edition, "field_code", region_code=code)
    context = {
        **_part(edition, "region", code, region_code=code),
        "title": place.name,
        "measures": figures.measures(release, dimension="region", key=code),
    }
    context["charts"].append(
        pictures.bars(
            "field",
            _("Field of education"),
            pictures.rows(by_field, fields, "field", short=True, within=Cell("region", code)),
            edition.nation,
        )
    )
    return page(request, "reports/part.html", release, context)


@released
def field(request: HttpRequest, release: Release, code: str) -> HttpResponse:
    subject = get_object_or_404(Field, code=code, kind=Field.Kind.FIELD)
    edition = figures.edition(release, ("field", "field,level"))
    regions = pictures.by_code(Region.objects.all())
    by_region = figures.split(edition, "region_code", field_code=code)
    exposed = exposure.exposures().get(code)
    context = {
        **_part(edition, "field", code, field_code=code),
        "title": subject.name,
        "isced": subject.isced_f,
        "work": comparing.sentence(exposed) if exposed else "",
        "gradients": comparing.gradients(exposed) if exposed else [],
    }
    context["charts"].append(pictures.regions(by_region, regions, within=Cell("field", code)))
    return page(request, "reports/part.html", release, context)


def _part(edition: figures.Edition, dimension: str, code: str, **within: str) -> dict[str, Any]:
    """What both pages show: the figure, its series, levels, and the universities, furthest behind last."""
    cell = Cell(dimension, code)
    points = figures.series(edition, dimension, code)
    institutions = pictures.by_code(Institution.objects.only("code", "name_kk", "name_ru", "name_en"))
    by_level = {
        key.split(",")[1]: counts
        for key, counts in edition.by(f"{dimension},level").items()
        if key.split(",")[0] == code
    }
    return {
        "edition": edition,
        "counts": edition.by(dimension).get(code, figures.Counts()),
        "nation": edition.nation,
        "cell": cell,
        "release_before": points[-2].release if len(points) > 1 else None,
        "institutions": pictures.rows(
            figures.split(edition, "institution__code", **within), institutions, "institution", within=cell
        ),
        "charts": [
            pictures.over_time(points, figures.targets(edition.requirement)),
            pictures.bars("level", _("Level"), levels(edition, by_level, cell), edition.nation),
        ],
    }
