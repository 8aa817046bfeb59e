"""Universities: the list, and a page for each."""

from fractions import Fraction
from typing import Any

import django_filters
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curricula.models import Field
from institutions.models import Institution, Region
from reports import catalogue, figures, history, peers, pictures, placing
from reports.cells import Cell
from reports.models import Assessment, Release
from reports.outlook import nearest, needed, next_target, outlook
from reports.searching import institutions_called
from reports.views.embedded import codes
from reports.views.nation import levels
from reports.views.programmes import SORTS as PROGRAMME_SORTS
from reports.views.programmes import listed, reasons
from reports.views.released import page, released

SORTS = {
    "": _("furthest ahead first"),
    "behind": _("furthest behind first"),
    "silent": _("most without data first"),
    "name": _("by name"),
}
NEAREST_SHOWN = 5
PROGRAMMES_SHOWN = 150  # of more, a page in Kazakh would weigh over 150 kB
DISCIPLINES_SHOWN = 10


class InstitutionFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("Name"), method="named")
    region = django_filters.ModelChoiceFilter(
        label=_("Region"), queryset=Region.objects.all(), to_field_name="code", empty_label=_("all")
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Institution.Kind, empty_label=_("all"))

    class Meta:
        model = Institution
        fields = ("q", "region", "kind")

    def named(self, queryset: QuerySet[Institution], name: str, value: str) -> QuerySet[Institution]:
        """By any name in any script, a former or short one, too; if none is called so, those with the nearest names."""
        return queryset.filter(code__in=institutions_called(value))


@released
def listing(request: HttpRequest, release: Release) -> HttpResponse:
    edition = figures.edition(release, ("institution",))
    known = Institution.objects.known_at(figures.as_at(release)).select_related("region")
    chosen = InstitutionFilter(request.GET, known)
    cells = edition.by("institution")
    rows = [(institution, cells.get(institution.code, figures.Counts())) for institution in chosen.qs]
    sort = request.GET.get("sort", "")
    context = {
        "edition": edition,
        "counts": edition.nation,
        "filter": chosen,
        "sorts": SORTS.items(),
        "sort": sort,
        "found": len(rows),
        "without": sum(not counts.counted for _institution, counts in rows),
        "page_obj": Paginator(arranged(rows, sort), 50).get_page(request.GET.get("page")),
    }
    return page(request, "reports/institution_list.html", release, context)


def arranged(
    rows: list[tuple[Institution, figures.Counts]], sort: str
) -> list[tuple[Institution, figures.Counts]]:
    """They come by name; those without a share are last in every other order."""
    if sort == "name":
        return rows
    if sort == "silent":
        return sorted(rows, key=lambda row: -row[1].no_data)
    sign = 1 if sort == "behind" else -1
    return sorted(rows, key=lambda row: (row[1].share is None, sign * (row[1].share or 0)))


@released
def detail(request: HttpRequest, release: Release, code: str) -> HttpResponse:
    """The national page, scaled down; the number of queries does not depend on how much there is."""
    institution = get_object_or_404(
        Institution.objects.select_related("region", "merger__successor"), code=code
    )
    edition = figures.edition(release, ("institution",))
    programmes = list(figures.programmes(edition, institution.pk))
    points = figures.series(edition, "institution", code)
    plan = figures.targets(edition.requirement)
    target = next_target(plan, timezone.localtime(figures.as_at(release)).date())
    counts = edition.by("institution").get(code, figures.Counts())
    context: dict[str, Any] = {
        "institution": institution,
        **names_of(institution),
        "edition": edition,
        "counts": counts,
        "cell": Cell("institution", code),
        "release_before": points[-2].release if len(points) > 1 else None,
        "nation": edition.nation,
        "measures": figures.measures(release, dimension="institution", key=code),
        "peers": [
            (placing.peer_group(one, own=counts, region=region_of(one, institution)), one)
            for one in peers.groups(edition, code)
        ],
        "target": target,
        "ahead": outlook(points, target),
        "needed": needed(counts, Fraction(target.share)) if target else 0,
        "series": pictures.over_time(points, plan),
        "history": history.of_institution(release, institution.pk),
        "embed": codes(institution),
        **disciplines_of(edition, institution),
        **programmes_of(request, edition, institution, counts, programmes),
    }
    return page(request, "reports/institution.html", release, context)


def disciplines_of(edition: figures.Edition, institution: Institution) -> dict[str, Any]:
    """The entries of the catalogue that it teaches most, and how many it teaches in all; two queries."""
    lines = catalogue.lines(edition.assessments.filter(institution=institution.pk))
    groups = list(catalogue.entries(lines))
    return {"disciplines": catalogue.shown(groups[:DISCIPLINES_SHOWN], lines), "taught": len(groups)}


def names_of(institution: Institution) -> dict[str, Any]:
    """What it was called, and which it went up in or took over; two queries."""
    return {
        "former_names": list(institution.former_names.all()),
        "merger": getattr(institution, "merger", None),
        "taken_over": list(institution.taken_over.select_related("institution")),
    }


def programmes_of(
    request: HttpRequest,
    edition: figures.Edition,
    institution: Institution,
    counts: figures.Counts,
    programmes: list[Assessment],
) -> dict[str, Any]:
    """Its programmes: by level and by field, those that lack least, and those that were chosen; three queries."""
    by_field = figures.tally(programmes, "field_code")
    fields = [field for field in Field.objects.filter(kind=Field.Kind.FIELD) if field.code in by_field]
    cell = Cell("institution", institution.code)
    lacking = nearest(programmes, edition.requirement, NEAREST_SHOWN) if edition.requirement else []
    return {
        "levels": levels(edition, figures.tally(programmes, "level"), cell),
        "fields": pictures.rows(by_field, pictures.by_code(fields), "field", short=True, within=cell),
        "nearest": reasons(edition, lacking),
        **listed(
            request,
            edition,
            edition.assessments.filter(institution=institution.pk),
            counts,
            fields=fields,
            per_page=PROGRAMMES_SHOWN,
        ),
        "sorts": {**PROGRAMME_SORTS, "": _("by code")}.items(),
    }


def region_of(group: peers.Peers, institution: Institution) -> str:
    """The region that the group is of: where it was at the moment of the release, nearly always where it is now."""
    if group.group != "region":
        return ""
    own = institution.region
    return own.name if group.key == own.code else Cell("region", group.key).label()
