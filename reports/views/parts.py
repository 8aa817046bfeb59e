"""Regions and fields of education: the national page, scaled down, and the tables of them all."""

from fractions import Fraction
from statistics import median
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.models import Field
from institutions.models import Institution, Region
from reports import catalogue, comparing, exposure, figures, history, peers, pictures, placing
from reports.cells import Cell
from reports.models import Release
from reports.outlook import needed, next_target, outlook
from reports.views.nation import levels
from reports.views.released import page, released

DISCIPLINES_SHOWN = 10
UNIVERSITIES_SHOWN = 50


@released
def regions(request: HttpRequest, release: Release) -> HttpResponse:
    edition = figures.edition(release, ("region",))
    picture = pictures.regions(edition.by("region"), pictures.by_code(Region.objects.all()))
    context = {"edition": edition, "picture": picture, "title": _("Regions")}
    return page(request, "reports/part_list.html", release, context)


@released
def fields(request: HttpRequest, release: Release) -> HttpResponse:
    edition = figures.edition(release, ("field",))
    named = pictures.by_code(Field.objects.filter(kind=Field.Kind.FIELD))
    rows = pictures.rows(edition.by("field"), named, "field", short=True)
    picture = pictures.bars("field", _("Field of education"), rows, edition.nation)
    context = {"edition": edition, "picture": picture, "title": _("Fields of education")}
    return page(request, "reports/part_list.html", release, context)


@released
def region(request: HttpRequest, release: Release, code: str) -> HttpResponse:
    place = get_object_or_404(Region, code=code)
    edition = figures.edition(release, ("region", "region,level"))
    fields = pictures.by_code(Field.objects.filter(kind=Field.Kind.FIELD))
    by_field = figures.split(edition, "field_code", region_code=code)
    cell = Cell("region", code)
    context = {
        **_part(request, edition, cell),
        "title": place.name,
        "index": "region-list",
        "measures": figures.measures(release, dimension="region", key=code),
        "picture": pictures.bars(
            "field",
            _("Field of education"),
            pictures.rows(by_field, fields, "field", short=True, within=cell),
            edition.nation,
        ),
    }
    return page(request, "reports/part.html", release, context)


@released
def field(request: HttpRequest, release: Release, code: str) -> HttpResponse:
    subject = get_object_or_404(Field, code=code, kind=Field.Kind.FIELD)
    edition = figures.edition(release, ("field", "field,level"))
    regions = pictures.by_code(Region.objects.all())
    by_region = figures.split(edition, "region_code", field_code=code)
    exposed = exposure.exposures().get(code)
    cell = Cell("field", code)
    context = {
        **_part(request, edition, cell),
        "title": subject.name,
        "index": "field-list",
        "isced": subject.isced_f,
        "work": comparing.sentence(exposed) if exposed else "",
        "gradients": comparing.gradients(exposed) if exposed else [],
        "picture": pictures.regions(by_region, regions, within=cell),
    }
    return page(request, "reports/part.html", release, context)


def _part(request: HttpRequest, edition: figures.Edition, cell: Cell) -> dict[str, Any]:
    """What both pages show: the figure, its place, its series, levels, universities, disciplines, who reported."""
    counts = edition.by(cell.dimension).get(cell.key, figures.Counts())
    points = figures.series(edition, cell.dimension, cell.key)
    plan = figures.targets(edition.requirement)
    target = next_target(plan, timezone.localtime(figures.as_at(edition.release)).date())
    by_level = {
        key.split(",")[1]: level
        for key, level in edition.by(f"{cell.dimension},level").items()
        if key.split(",")[0] == cell.key
    }
    lines = catalogue.lines(edition.assessments.filter(**cell.lookups))
    group = peers.among(f"{cell.dimension}s", "", counts, edition.by(cell.dimension).values())
    return {
        "edition": edition,
        "counts": counts,
        "nation": edition.nation,
        "cell": cell,
        "release_before": points[-2].release if len(points) > 1 else None,
        "target": target,
        "ahead": outlook(points, target),
        "needed": needed(counts, Fraction(target.share)) if target else 0,
        "series": pictures.over_time(points, plan),
        "peers": [(placing.peer_group(one, own=counts), one) for one in group],
        "levels": levels(edition, by_level, cell),
        **_universities(request, edition, cell),
        "disciplines": catalogue.shown(catalogue.entries(lines)[:DISCIPLINES_SHOWN], lines),
        "reported": history.of_part(edition, **cell.lookups),
    }


def _universities(request: HttpRequest, edition: figures.Edition, cell: Cell) -> dict[str, Any]:
    """The finding, the spread and the table, furthest ahead first; two queries."""
    named = pictures.by_code(Institution.objects.only("code", "name_kk", "name_ru", "name_en"))
    counted = figures.split(edition, "institution__code", **cell.lookups)
    shares = sorted(counts.share for counts in counted.values() if counts.share is not None)
    rows = Paginator(pictures.rows(counted, named, "institution", within=cell), UNIVERSITIES_SHOWN)
    return {
        "spread": pictures.spread(shares, median(shares) if shares else None),
        "universities": peers.Peers("nation", "", None, tuple(shares)),
        "page_obj": rows.get_page(request.GET.get("page")),
    }
