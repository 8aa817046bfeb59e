"""The first page after signing in: what the period asks of the institution, and what to do next."""

from typing import Any

import django_filters
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from curricula.models import Period, Programme, Submission
from curricula.progress import STATUSES, Step, next_step, programmes_of, progress, returned_in
from curricula.views.places import Place, place_of
from institutions.access import SIGNATORY, institutions_of, members
from institutions.names import casefolded

PAGE = 50
SORTS = {
    "": (_("most urgent first"), ("urgency", "code")),
    "code": (_("by code"), ("code",)),
    "saved": (_("saved last first"), ("-saved_at", "code")),
}


class ProgrammeFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("Code or title"), method="named")
    status = django_filters.ChoiceFilter(
        label=_("State"), choices=list(STATUSES.items()), empty_label=_("all")
    )
    level = django_filters.ChoiceFilter(label=_("Level"), choices=Programme.Level, empty_label=_("all"))

    class Meta:
        model = Programme
        fields = ("q", "status", "level")

    def named(self, queryset: QuerySet[Programme], name: str, value: str) -> QuerySet[Programme]:
        return queryset.filter(search__contains=casefolded(value))


@never_cache
@require_safe
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Straight to the one institution of most people; a choice for those who serve several."""
    mine = list(institutions_of(request.user))
    if len(mine) == 1:
        return redirect("workspace-institution", mine[0].code)
    if not mine and request.user.is_staff:
        return redirect("admin:index")
    return render(request, "curricula/choose.html", {"institutions": mine})


@never_cache
@require_safe
@login_required
def tasks(request: HttpRequest, code: str) -> HttpResponse:
    """A fixed number of queries, whatever the number of programmes."""
    place = place_of(request, code)
    now = progress(place.institution, place.period)
    step = next_step(now, may_edit=place.may_edit, may_sign=place.may_sign)
    context = {
        "place": place,
        "now": now,
        "step": step,
        "step_url": _leads_to(place, step),
        "signatories": [] if place.may_sign else members(place.institution, SIGNATORY),
        "returned": returned_in(place.institution, place.period),
        "submissions": Submission.objects.for_user(request.user)
        .filter(institution=place.institution, period=place.period)
        .select_related("signed_by")
        .order_by("-number"),
        "periods": Period.objects.filter(opens_on__lte=timezone.localdate()),
        **_programmes(request, place),
    }
    return render(request, "curricula/tasks.html", context)


def _programmes(request: HttpRequest, place: Place) -> dict[str, Any]:
    chosen = ProgrammeFilter(request.GET, programmes_of(place.institution, place.period))
    sort = request.GET.get("sort", "")
    order = SORTS.get(sort, SORTS[""])[1]
    pages = Paginator(chosen.qs.order_by(*order), PAGE)
    return {
        "filter": chosen,
        "sorts": [(key, label) for key, (label, _order) in SORTS.items()],
        "sort": sort,
        "page_obj": pages.get_page(request.GET.get("page")),
    }


def _leads_to(place: Place, step: Step) -> str:
    code, period = place.institution.code, place.period.code
    match step.kind:
        case "edit" if step.programme:
            return reverse("draft-edit", args=[code, period, step.programme.code])
        case "import":
            return reverse("import-new", args=[code])
        case "imports":
            return reverse("import-list", args=[code])
        case "sign":
            return reverse("sign", args=[code, period])
    return ""
