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

from institutions.models import Institution, Merger, Region
from reports import explaining, figures, pictures
from reports.cells import Cell
from reports.models import Release
from reports.outlook import nearest, needed, next_target, outlook
from reports.searching import institutions_called
from reports.views.released import page, released

SORTS = {"": _("furthest ahead first"), "behind": _("furthest behind first"), "name": _("by name")}
NEAREST_SHOWN = 5


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
    chosen = InstitutionFilter(request.GET, Institution.objects.select_related("region"))
    cells = edition.by("institution")
    rows = [(institution, cells.get(institution.code, figures.Counts())) for institution in chosen.qs]
    order = request.GET.get("sort", "")
    if order != "name":
        sign = 1 if order == "behind" else -1
        rows.sort(key=lambda row: (row[1].share is None, sign * (row[1].share or 0)))
    pages = Paginator(rows, 50)
    context = {
        "edition": edition,
        "counts": edition.nation,
        "filter": chosen,
        "sorts": SORTS.items(),
        "sort": order,
        "page_obj": pages.get_page(request.GET.get("page")),
    }
    return page(request, "reports/institution_list.html", release, context)


@released
def detail(request: HttpRequest, release: Release, code: str) -> HttpResponse:
    institution = get_object_or_404(Institution.objects.select_related("region"), code=code)
    edition = figures.edition(release, ("institution",))
    cells = edition.by("institution")
    programmes = list(figures.programmes(edition, institution.pk))
    counts = cells.get(code, figures.Counts())
    points = figures.series(edition, "institution", code)
    plan = figures.targets(edition.requirement)
    target = next_target(plan, timezone.localtime(figures.as_at(release)).date())
    rule, period = edition.requirement, release.snapshot.period.name
    context: dict[str, Any] = {
        "institution": institution,
        "former_names": list(institution.former_names.all()),
        "merger": Merger.objects.filter(institution=institution).select_related("successor").first(),
        "taken_over": list(institution.taken_over.select_related("institution")),
        "edition": edition,
        "counts": counts,
        "cell": Cell("institution", code),
        "release_before": points[-2].release if len(points) > 1 else None,
        "nation": edition.nation,
        "measures": figures.measures(release, dimension="institution", key=code),
        "programmes": [(row, explaining.of(row, rule, period)) for row in programmes if rule],
        "target": target,
        "ahead": outlook(points, target),
        "needed": needed(counts, Fraction(target.share)) if target else 0,
        "nearest": [
            (row, explaining.of(row, rule, period)) for row in nearest(programmes, rule, NEAREST_SHOWN)
        ]
        if rule
        else [],
        "history": figures.history(programmes),
        "disciplines": figures.disciplines_of(edition, institution.pk),
        "charts": [
            pictures.distribution(cells, chosen=code),
            pictures.over_time(points, plan),
        ],
    }
    return page(request, "reports/institution.html", release, context)
