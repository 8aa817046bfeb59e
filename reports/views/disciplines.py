"""The AI disciplines that are taught, as released."""

from types import SimpleNamespace
from typing import Any

import django_filters
from django.core.paginator import Paginator
from django.db.models import Count, F, Max, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from curricula.models import Field, Line, Programme
from curricula.models.versions import AICategory
from institutions.names import casefolded, localized
from reports import figures
from reports.models import Release
from reports.views.released import page, released

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
        model = Line
        fields = ("q", "category", "field", "level")

    def titled(self, queryset: QuerySet[Line], name: str, value: str) -> QuerySet[Line]:
        return queryset.filter(discipline__search__contains=casefolded(value))


@released
def listing(request: HttpRequest, release: Release) -> HttpResponse:
    """A discipline a row, with the number of programmes that teach it; three queries and one a filter."""
    edition = figures.edition(release, ())
    chosen = DisciplineFilter(request.GET, figures.ai_disciplines(edition))
    title = f"discipline__title_{(get_language() or 'kk')[:2]}"
    rows = (
        chosen.qs.values("discipline_id", "ai_category")
        .annotate(
            programmes=Count("version__programme", distinct=True),
            least=Min("credits"),
            most=Max("credits"),
            **{name: F(f"discipline__{name}") for name in ("title_kk", "title_ru", "title_en", "code")},
            institution_code=F("discipline__institution__code"),
            **{f"name_{code}": F(f"discipline__institution__name_{code}") for code in ("kk", "ru", "en")},
        )
        .order_by(title, "discipline_id", "ai_category")
    )
    shown = Paginator(rows, 50).get_page(request.GET.get("page"))
    context = {"edition": edition, "filter": chosen, "page_obj": shown, "rows": [_row(row) for row in shown]}
    return page(request, "reports/discipline_list.html", release, context)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """A row as it reads: names in the reader's language, one figure or a range of credits."""
    least, most = (number_format(row[name].normalize()) for name in ("least", "most"))
    return {
        **row,
        "title": localized(SimpleNamespace(**row), "title"),
        "institution": localized(SimpleNamespace(**row), "name"),
        "category": AICategory(row["ai_category"]).label,
        "credits": least if least == most else f"{least}–{most}",
    }
