"""The programmes behind a figure: those of any cell by outcome, and those that moved a figure by cause."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import django_filters
from django.core.paginator import Paginator
from django.db.models import DecimalField, F, QuerySet, Value
from django.db.models.functions import Greatest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.models import Field, Programme
from institutions.names import matching
from reports import explaining, figures, movements
from reports.cells import Cell
from reports.models import Assessment, Outcome, Release, Requirement
from reports.views.released import page, released

PER_PAGE = 50
CREDITS: Any = DecimalField(max_digits=7, decimal_places=1)
SORTS = {
    "": gettext_lazy("by university and code"),
    "field": gettext_lazy("by field of education"),
    "nearest": gettext_lazy("nearest to the mandate first"),
}


class ProgrammeFilter(django_filters.FilterSet):
    """Programmes of a part of the figures."""

    q = django_filters.CharFilter(label=gettext_lazy("Programme"), method="titled")
    outcome = django_filters.ChoiceFilter(
        label=gettext_lazy("Outcome"), choices=Outcome, empty_label=gettext_lazy("all")
    )
    level = django_filters.ChoiceFilter(
        label=gettext_lazy("Level"), choices=Programme.Level, empty_label=gettext_lazy("all")
    )
    field = django_filters.ChoiceFilter(
        label=gettext_lazy("Field of education"),
        field_name="field_code",
        choices=(),
        empty_label=gettext_lazy("all"),
    )

    class Meta:
        model = Assessment
        fields = ("q", "outcome", "level", "field")

    def __init__(self, *args: Any, fields: Iterable[Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["field"].extra["choices"] = [(field.code, field.short_name) for field in fields]

    def titled(self, queryset: QuerySet[Assessment], name: str, value: str) -> QuerySet[Assessment]:
        return queryset.filter(matching(value[:100], "programme__search"))

    def rows(self, requirement: Requirement | None) -> QuerySet[Assessment]:
        """What was chosen, in the order that was chosen."""
        return ordered(self.qs.select_related("programme"), requirement, self.data.get("sort", ""))


@released
def behind(request: HttpRequest, newest: Release, number: int) -> HttpResponse:
    """Every programme of a cell, with its outcome and why; the same number of queries for one and for many."""
    release, cell = numbered(number), cell_of(request)
    edition = figures.edition(release, ())
    rows = edition.assessments.filter(**cell.lookups)
    counts = figures.Counts(**rows.aggregate(**figures.COUNTED))
    context = {
        "edition": edition,
        "cell": cell,
        "title": cell.label(),
        "counts": counts,
        **listed(
            request,
            edition,
            rows.select_related("institution"),
            counts,
            fields=list(Field.objects.filter(kind=Field.Kind.FIELD)),
            per_page=PER_PAGE,
        ),
    }
    return page(request, "reports/programme_list.html", release, context)


def listed(
    request: HttpRequest,
    edition: figures.Edition,
    rows: QuerySet[Assessment],
    counts: figures.Counts,
    *,
    fields: list[Field],
    per_page: int,
) -> dict[str, Any]:
    """What `_programmes.html` shows: the programmes that were chosen of these, with field and reason. Two queries."""
    chosen = ProgrammeFilter(request.GET, rows, fields=fields)
    shown = Paginator(chosen.rows(edition.requirement), per_page).get_page(request.GET.get("page"))
    names = {field.code: field.short_name for field in fields}
    return {
        "filter": chosen,
        "outcomes": [(value, label, getattr(counts, value)) for value, label in Outcome.choices],
        "outcome": request.GET.get("outcome", ""),
        "sorts": SORTS.items(),
        "sort": request.GET.get("sort", ""),
        "page_obj": shown,
        "rows": [
            (row, names.get(row.field_code, row.field_code), reason)
            for row, reason in reasons(edition, shown)
        ],
    }


def reasons(edition: figures.Edition, rows: Iterable[Assessment]) -> list[tuple[Assessment, str]]:
    rule, period = edition.requirement, edition.release.snapshot.period.name
    return [(row, explaining.of(row, rule, period)) for row in rows] if rule else []


def ordered(rows: QuerySet[Assessment], rule: Requirement | None, sort: str) -> QuerySet[Assessment]:
    """By university and code, by field, or those first that lack least, the silent after those with data."""
    by_name = ("institution__order_kk", "institution__code", "programme__code")
    if sort == "field":
        return rows.order_by("field_code", *by_name)
    if sort != "nearest" or rule is None:
        return rows.order_by(*by_name)
    return rows.annotate(
        disciplines_lacking=Greatest(Value(rule.min_disciplines) - F("ai_disciplines"), Value(0)),
        credits_lacking=Greatest(
            Value(rule.min_credits) - F("ai_credits"), Value(Decimal(0)), output_field=CREDITS
        ),
    ).order_by(
        # "exempt" and "met" lack nothing that matters; "not_met" comes before "no_data" when read backwards.
        "-outcome",
        "disciplines_lacking",
        "credits_lacking",
        "-ai_credits",
        *by_name,
    )


@released
def changes(request: HttpRequest, newest: Release, number: int) -> HttpResponse:
    """The programmes that moved a figure since the release before, by cause, with their outcomes before and after."""
    release, cell = numbered(number), cell_of(request)
    before = compared_with(request, release)
    if before is None:
        raise Http404(_("There is no earlier release to compare with."))
    edition = figures.edition(release, ())
    code = edition.requirement.code if edition.requirement else ""
    moved = movements.between(
        before.snapshot, release.snapshot, dimensions=[cell.dimension], key=cell.key, requirement=code
    )
    cause = request.GET.get("cause", "")
    chosen = [one for one in moved if cause in ("", one.cause)]
    found = movements.Behind(
        before.snapshot,
        release.snapshot,
        code,
        cell.dimension,
        cell.key,
        [one.cause for one in chosen],
        sum(one.programmes for one in chosen),
    )
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "edition": edition,
        "release_before": before,
        "earlier": Release.objects.published().filter(number__lt=release.number).select_related("snapshot"),
        "since": request.GET.get("since", ""),
        "cell": cell,
        "title": cell.label(),
        "changes": moved,
        "sums": movements.together(moved),
        "cause": cause,
        "page_obj": shown,
        "rows": told(list(shown.object_list), before, release, code),
    }
    return page(request, "reports/changes.html", release, context)


def compared_with(request: HttpRequest, release: Release) -> Release | None:
    """The release before, or an earlier one that `since` names: that which this one corrects, or any."""
    since = request.GET.get("since", "")
    if not since:
        return figures.before(release)
    if not since.isdecimal() or len(since) > 9 or int(since) >= release.number:
        raise Http404(_("No such release."))
    return numbered(int(since))


def told(moved: list[movements.Moved], before: Release, release: Release, code: str) -> list[dict[str, Any]]:
    """What moved, with the programme and the reasons of both outcomes; four queries."""
    keys = {one.programme_id for one in moved}
    programmes = Programme.objects.select_related("institution").in_bulk(keys)
    reasons = [_reasons(of, keys, code) for of in (before, release)]
    absent = _("not in scope")
    return [
        {
            "programme": programmes[one.programme_id],
            "cause": movements.Cause(one.cause).label,
            "was": one.was,
            "was_label": Outcome(one.was).label if one.was else absent,
            "was_reason": reasons[0].get(one.programme_id, "") if one.was else "",
            "now": one.now,
            "now_label": Outcome(one.now).label if one.now else absent,
            "now_reason": reasons[1].get(one.programme_id, "") if one.now else "",
        }
        for one in moved
    ]


def _reasons(release: Release, programmes: set[int], code: str) -> dict[int, str]:
    rows = (
        Assessment.objects.filter(
            snapshot=release.snapshot_id, programme__in=programmes, requirement__code=code
        )
        .select_related("requirement")
        .order_by("-requirement__number")
    )
    period = release.snapshot.period.name
    return {row.programme_id: explaining.of(row, row.requirement, period) for row in rows}


def numbered(number: int) -> Release:
    if number > 2**31 - 1:
        raise Http404(_("No such release."))
    related = ("snapshot__period", "corrects__snapshot__period")
    return get_object_or_404(Release.objects.published().select_related(*related), number=number)


def cell_of(request: HttpRequest) -> Cell:
    cell = Cell.read(request.GET)
    if cell is None:
        raise Http404(_("No such part of the figures."))
    return cell
