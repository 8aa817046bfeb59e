"""The programmes behind a figure: those of any cell by outcome, and those that moved a figure by cause."""

from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import DecimalField, F, QuerySet, Value
from django.db.models.functions import Greatest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.models import Programme
from institutions.names import matching
from reports import explaining, figures, movements
from reports.cells import Cell
from reports.models import Assessment, Outcome, Release, Requirement
from reports.views.released import page, released

PER_PAGE = 50
CREDITS: Any = DecimalField(max_digits=7, decimal_places=1)
SORTS = {"": gettext_lazy("by university"), "nearest": gettext_lazy("nearest to the mandate first")}


@released
def behind(request: HttpRequest, newest: Release, number: int) -> HttpResponse:
    """Every programme of a cell, with its outcome and why; the same number of queries for one and for many."""
    release, cell = numbered(number), cell_of(request)
    edition = figures.edition(release, ())
    rows = edition.assessments.filter(**cell.lookups)
    counts = figures.Counts(**rows.aggregate(**figures.COUNTED))
    outcome = request.GET.get("outcome", "")
    if outcome in Outcome.values:
        rows = rows.filter(outcome=outcome)
    wanted = request.GET.get("q", "").strip()[:100]
    rows = rows.filter(matching(wanted, "programme__search"))
    sort = request.GET.get("sort", "")
    rows = ordered(rows, edition.requirement if sort == "nearest" else None)
    shown = Paginator(rows.select_related("programme", "institution"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    rule, period = edition.requirement, release.snapshot.period.name
    context = {
        "edition": edition,
        "cell": cell,
        "title": cell.label(),
        "counts": counts,
        "outcomes": [(value, label, getattr(counts, value)) for value, label in Outcome.choices],
        "outcome": outcome,
        "q": wanted,
        "sorts": SORTS.items(),
        "sort": sort,
        "page_obj": shown,
        "rows": [(row, explaining.of(row, rule, period)) for row in shown if rule],
    }
    return page(request, "reports/programme_list.html", release, context)


def ordered(rows: QuerySet[Assessment], nearest_to: Requirement | None) -> QuerySet[Assessment]:
    """By university and code; or those first that lack least, the silent after those with data."""
    by_name = ("institution__order_kk", "institution__code", "programme__code")
    if nearest_to is None:
        return rows.order_by(*by_name)
    return rows.annotate(
        disciplines_lacking=Greatest(Value(nearest_to.min_disciplines) - F("ai_disciplines"), Value(0)),
        credits_lacking=Greatest(
            Value(nearest_to.min_credits) - F("ai_credits"), Value(Decimal(0)), output_field=CREDITS
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
