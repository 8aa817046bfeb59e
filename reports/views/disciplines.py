"""The AI disciplines that are taught, as released."""

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import django_filters
from django.core.paginator import Paginator
from django.db.models import Count, Max, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from curricula.models import AICategory, Field, Programme, SignedDiscipline
from institutions.models import Institution
from institutions.names import LANGUAGES, casefolded, localized
from reports import figures
from reports.models import Release
from reports.views.released import page, released

# A list this short also names who teaches each discipline; a longer one leads there.
NAMED_UP_TO = 5

CATEGORIES = [(value, label) for value, label in AICategory.choices if value != AICategory.NONE]


class DisciplineFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("Title"), method="titled")
    category = django_filters.ChoiceFilter(
        label=_("AI category"), field_name="ai_category", choices=CATEGORIES, empty_label=_("all")
    )
    field = django_filters.ModelChoiceFilter(
        label=_("Field of education"),
        field_name="version__programme__direction__parent",
        queryset=Field.objects.filter(kind=Field.Kind.FIELD),
        to_field_name="code",
        empty_label=_("all"),
    )
    level = django_filters.ChoiceFilter(
        label=_("Level"),
        field_name="version__programme__level",
        choices=Programme.Level,
        empty_label=_("all"),
    )

    class Meta:
        model = SignedDiscipline
        fields = ("q", "category", "field", "level")

    def titled(
        self, queryset: QuerySet[SignedDiscipline], name: str, value: str
    ) -> QuerySet[SignedDiscipline]:
        return queryset.filter(search__contains=casefolded(value))


@released
def listing(request: HttpRequest, release: Release) -> HttpResponse:
    """A title a row, whoever teaches it; at most nine queries, however many there are."""
    edition = figures.edition(release, ())
    chosen = DisciplineFilter(request.GET, figures.ai_disciplines(edition))
    titles = [f"title_{code}" for code in LANGUAGES]
    own = f"title_{(get_language() or 'kk')[:2]}"
    rows = (
        chosen.qs.values(*titles, "ai_category")
        .annotate(
            programmes=Count("version__programme", distinct=True),
            universities=Count("institution", distinct=True),
            least=Min("credits"),
            most=Max("credits"),
        )
        .order_by(own, *titles, "ai_category")
    )
    shown = Paginator(rows, 25).get_page(request.GET.get("page"))
    few = len(shown) <= NAMED_UP_TO
    teachers = _teachers(chosen.qs.filter(**{f"{own}__in": [row[own] for row in shown]}), own) if few else {}
    context = {
        "edition": edition,
        "filter": chosen,
        "page_obj": shown,
        "rows": [_row(row, teachers.get((row[own], row["ai_category"]), [])) for row in shown],
    }
    return page(request, "reports/discipline_list.html", release, context)


def _teachers(taught: QuerySet[SignedDiscipline], own: str) -> dict[tuple[str, str], list[Institution]]:
    """Which universities teach the disciplines of a title and category; two queries."""
    pairs = taught.values_list(own, "ai_category", "institution").distinct().order_by()
    known = Institution.objects.only("code", "name_kk", "name_ru", "name_en", "order_kk").in_bulk(
        {institution for _title, _category, institution in pairs}
    )
    found: dict[tuple[str, str], list[Institution]] = defaultdict(list)
    for title, category, institution in pairs:
        found[title, category].append(known[institution])
    for institutions in found.values():
        institutions.sort(key=lambda institution: institution.order_kk)
    return found


def _row(row: dict[str, Any], teachers: list[Institution]) -> dict[str, Any]:
    """A row as it reads: the title in the reader's language, one figure or a range of credits."""
    least, most = (number_format(row[name].normalize()) for name in ("least", "most"))
    return {
        **row,
        "title": localized(SimpleNamespace(**row), "title"),
        "category": AICategory(row["ai_category"]).label,
        "credits": least if least == most else f"{least}–{most}",
        "teachers": teachers,
    }
