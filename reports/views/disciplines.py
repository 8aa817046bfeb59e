"""The catalogue of AI disciplines: the list, an entry with all who teach it, and the list to take away."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from curricula.models import AICategory, ContentArea, Field, Programme
from institutions.models import Region
from institutions.names import LANGUAGES, in_kazakh_order, localized, matching
from reports import catalogue, figures, files, teaching
from reports.catalogue import Lines
from reports.models import Assessment, Release
from reports.searching import institutions_called
from reports.views.released import page, released

PER_PAGE, TEACHERS_PER_PAGE = 25, 10
SEEN_FIRST = {"q", "field", "category", "page", "release"}  # the other filters are folded where none is set
CATEGORIES = [(value, label) for value, label in AICategory.choices if value != AICategory.NONE]
SORTS = {"": _("most taught first"), "title": _("by title")}
LARGEST = 60


class DisciplineFilter(django_filters.FilterSet):
    """Of AI lines (`catalogue.lines`): by what was signed of the discipline and what is released of its programme."""

    q = django_filters.CharFilter(label=_("Title"), method="titled", max_length=200)
    category = django_filters.ChoiceFilter(
        label=_("AI category"), field_name="ai_category", choices=CATEGORIES, empty_label=_("all")
    )
    area = django_filters.ChoiceFilter(
        label=_("Content area"), method="about", choices=ContentArea, empty_label=_("all")
    )
    field = django_filters.ModelChoiceFilter(
        label=_("Field of education"),
        method="of",
        queryset=Field.objects.filter(kind=Field.Kind.FIELD),
        to_field_name="code",
        empty_label=_("all"),
    )
    level = django_filters.ChoiceFilter(label=_("Level"), choices=Programme.Level, empty_label=_("all"))
    language = django_filters.ChoiceFilter(
        label=_("Language of instruction"),
        field_name="taught_in",
        choices=Programme.Language,
        empty_label=_("all"),
    )
    credits_min = django_filters.NumberFilter(
        label=_("Credits, from"), field_name="credits", lookup_expr="gte", min_value=0, max_value=LARGEST
    )
    credits_max = django_filters.NumberFilter(
        label=_("Credits, up to"), field_name="credits", lookup_expr="lte", min_value=0, max_value=LARGEST
    )
    region = django_filters.ModelChoiceFilter(
        label=_("Region"),
        method="of",
        queryset=Region.objects.all(),
        to_field_name="code",
        empty_label=_("all"),
    )
    institution = django_filters.CharFilter(label=_("University"), method="at", max_length=200)

    class Meta:
        model = Assessment
        fields = ("level",)

    def titled(self, queryset: Lines, name: str, value: str) -> Lines:
        return queryset.filter(matching(value))

    def about(self, queryset: Lines, name: str, value: str) -> Lines:
        return queryset.filter(areas__contains=[value])

    def of(self, queryset: Lines, name: str, value: Any) -> Lines:
        return queryset.filter(**{f"{name}_code": value.code})

    def at(self, queryset: Lines, name: str, value: str) -> Lines:
        """By its code, as links have it, or by any of its names, as people type it."""
        # COPY takes no query that Django knows to be empty: what nothing is called stands for itself.
        return queryset.filter(institution__code__in=institutions_called(value) or [value])


@released
def listing(request: HttpRequest, release: Release) -> HttpResponse:
    """A title a row, whoever teaches it; the same number of queries, however many there are."""
    edition = figures.edition(release, ())
    lines = catalogue.lines(edition.assessments)
    chosen = DisciplineFilter(request.GET, lines)
    groups = catalogue.entries(chosen.qs)
    sort = request.GET.get("sort", "")
    if sort == "title":
        groups = groups.order_by(in_kazakh_order(f"shown_title_{(get_language() or 'kk')[:2]}"), "title_key")
    shown = Paginator(groups, PER_PAGE).get_page(request.GET.get("page"))
    wanted = request.GET.get("q", "")
    context = {
        "edition": edition,
        "filter": chosen,
        "sorts": SORTS.items(),
        "sort": sort,
        "page_obj": shown,
        "entries": catalogue.shown(shown, chosen.qs),
        "nearest": catalogue.nearest(edition, wanted) if wanted and not shown else [],
        "narrowed": [name for name, value in request.GET.items() if value and name not in SEEN_FIRST],
        "kept": kept(request),
    }
    return page(request, "reports/discipline_list.html", release, context)


@released
def detail(request: HttpRequest, release: Release, key: str) -> HttpResponse:
    """An entry of the catalogue, narrowed as the list was that led here."""
    edition = figures.edition(release, ())
    lines = catalogue.of_key(catalogue.lines(edition.assessments), key)
    titles = teaching.titles(lines)
    if not any(titles.values()):
        raise Http404(_("No curriculum of this release teaches a discipline of this title."))
    parameters = request.GET.copy()
    parameters.pop("q", None)
    chosen = DisciplineFilter(parameters, lines)
    shown = Paginator(teaching.teachers(chosen.qs), TEACHERS_PER_PAGE).get_page(request.GET.get("page"))
    alone = len(shown) == 1
    title = localized(SimpleNamespace(**titles), "title")
    context = {
        "edition": edition,
        "title": title,
        "other_titles": [
            (code, titles[f"title_{code}"])
            for code in LANGUAGES
            if titles[f"title_{code}"] not in ("", title)
        ],
        "facts": teaching.facts(chosen.qs),
        "page_obj": shown,
        "taught": teaching.taught_at(chosen.qs, list(shown), None if alone else teaching.NAMED),
        "like": [entry for entry in catalogue.nearest(edition, title) if entry.key != key],
        "narrowed": narrowed(chosen),
        "kept": kept(request),
        "key": key,
    }
    return page(request, "reports/discipline.html", release, context)


@released
def table(request: HttpRequest, release: Release) -> HttpResponse:
    """The lines of the list as CSV, as they are filtered there."""
    edition = figures.edition(release, ())
    chosen = DisciplineFilter(request.GET, catalogue.lines(edition.assessments))
    rows = chosen.qs.order_by("institution__code", "programme__code", "semester", "title_key")
    response = HttpResponse(files.csv_file(catalogue.TABLE, rows), content_type=files.CSV)
    response["Content-Disposition"] = f'attachment; filename="qamtu-{release.number}-disciplines.csv"'
    return response


def narrowed(filters: DisciplineFilter) -> list[tuple[str, str]]:
    """What is chosen besides a title, in words: the label of each filter and what it is set to."""
    chosen = []
    for name, value in filters.form.cleaned_data.items():
        if name == "q" or value in (None, ""):
            continue
        field = filters.form.fields[name]
        words = getattr(value, "name", None) or dict(getattr(field, "choices", ())).get(value, value)
        chosen.append((str(field.label), str(words)))
    return chosen


def kept(request: HttpRequest) -> str:
    """The filters of an address, to be handed on to that of an entry or of the table; not the page or the order."""
    pairs = [(name, value) for name, values in request.GET.lists() for value in values if value]
    return urlencode([pair for pair in pairs if pair[0] not in ("page", "sort")])
