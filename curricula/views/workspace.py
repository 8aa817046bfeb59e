"""The first page after signing in: what the period asks of the institution, and what to do next."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

import django_filters
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from curricula.models import Field, Period, Programme, Submission
from curricula.next_steps import Step, next_step
from curricula.progress import LACKING, STATUSES, Progress, programmes_of, progress, returned_in
from curricula.views.places import Place, place_of
from institutions.access import SIGNATORY, institutions_of, members, role_names, roles_by_institution
from institutions.names import matching

PAGE, ALL = 50, 1000
SORTS = {
    "": (gettext_lazy("most urgent first"), ("urgency", "code")),
    "code": (gettext_lazy("by code"), ("code",)),
    "saved": (gettext_lazy("saved last first"), (F("saved_at").desc(nulls_last=True), "code")),
    "ai": (gettext_lazy("fewest AI disciplines first"), ("ai_count", "code")),
}
LACKS = {
    "lines": gettext_lazy("a curriculum"),
    "students": gettext_lazy("the number of students"),
    "answers": gettext_lazy("answers to the checks"),
}


class ProgrammeFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Code or title"), method="named")
    status = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=list(STATUSES.items()), empty_label=gettext_lazy("all")
    )
    lacks = django_filters.ChoiceFilter(
        label=gettext_lazy("Lacks"),
        choices=list(LACKS.items()),
        method="lacking",
        empty_label=gettext_lazy("all"),
    )
    level = django_filters.ChoiceFilter(
        label=gettext_lazy("Level"), choices=Programme.Level, empty_label=gettext_lazy("all")
    )
    field = django_filters.ChoiceFilter(
        label=gettext_lazy("Field of education"),
        field_name="direction__parent__code",
        empty_label=gettext_lazy("all"),
    )

    class Meta:
        model = Programme
        fields = ("q", "status", "lacks", "level", "field")

    def __init__(self, *args: Any, place: Place, unsettled: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unsettled = unsettled
        taught = Field.objects.filter(directions__programmes__institution=place.institution).distinct()
        self.filters["field"].extra["choices"] = [(field.code, field.name) for field in taught]

    def named(self, queryset: QuerySet[Programme], name: str, value: str) -> QuerySet[Programme]:
        return queryset.filter(matching(value))

    def lacking(self, queryset: QuerySet[Programme], name: str, value: str) -> QuerySet[Programme]:
        if value == "answers":
            return queryset.filter(versions__in=self.unsettled)
        return queryset.filter(LACKING[value])


@never_cache
@require_safe
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Straight to the one institution of most people; a choice for those who serve several."""
    mine: list[Any] = list(institutions_of(request.user))
    if len(mine) == 1:
        return redirect("workspace-institution", mine[0].code)
    if not mine and request.user.is_staff:
        return redirect("admin:index")
    roles = roles_by_institution(request.user)
    for institution in mine:
        institution.role_names = role_names(roles[institution.pk])
    # Whoever comes from one university's pages goes on with the same period at the other.
    period = Period.objects.filter(code=request.GET.get("period", "")[:4]).first()
    return render(request, "curricula/choose.html", {"institutions": mine, "period": period})


@never_cache
@require_safe
@login_required
def tasks(request: HttpRequest, code: str) -> HttpResponse:
    """A fixed number of queries, whatever the number of programmes."""
    place = place_of(request, code)
    now = progress(place.institution, place.period)
    signatories = members(place.institution, SIGNATORY)
    step = next_step(now, may_edit=place.may_edit, may_sign=place.may_sign, signatories=signatories)
    submissions = list(
        Submission.objects.for_user(request.user)
        .filter(institution=place.institution, period=place.period)
        .select_related("period", "signed_by", "decided_by")
        .order_by("-number")
    )
    context = {
        "place": place,
        "now": now,
        "step": step,
        "step_url": _leads_to(request, place, step),
        "signatories": signatories,
        "states": _states(now),
        "returned": returned_in(place.institution, place.period),
        "submissions": submissions,
        "staff_returned": submissions[0] if now.staff_returned else None,
        "periods": Period.objects.filter(opens_on__lte=timezone.localdate()),
        **_programmes(request, place, now),
    }
    return render(request, "curricula/tasks.html", context)


def _states(now: Progress) -> list[tuple[str, str, int]]:
    """Each state that occurs, its name, and how many programmes are in it."""
    return [(state, str(STATUSES[state]), count) for state, count in now.counts.items() if count]


def _programmes(request: HttpRequest, place: Place, now: Progress) -> dict[str, Any]:
    taught = programmes_of(place.institution, place.period)
    chosen = ProgrammeFilter(request.GET, taught, place=place, unsettled=now.unsettled)
    sort = request.GET.get("sort", "")
    order = SORTS.get(sort, SORTS[""])[1]
    found = chosen.qs.order_by(*order)
    pages = Paginator(found, ALL if request.GET.get("page") == "all" else PAGE)
    return {
        "filter": chosen,
        "is_filtered": any(request.GET.get(name) for name in chosen.filters),
        "sorts": [(key, label) for key, (label, _order) in SORTS.items()],
        "sort": sort,
        "page_obj": pages.get_page(request.GET.get("page")),
    }


def _leads_to(request: HttpRequest, place: Place, step: Step) -> str:
    code, period = place.institution.code, place.period.code
    if step.kind == "edit" and step.programme:
        return reverse("draft-edit", args=[code, period, step.programme.code])
    if step.kind == "ask" and step.person:
        return _letter(request, place, step)
    addresses = {
        "imports": ("import-list", [code]),
        "disciplines": ("workspace-disciplines", [code, period]),
        "carry": ("carry", [code, period]),
        "enrolment": ("enrolment", [code, period]),
        "checks": ("checks", [code, period]),
        "sign": ("sign", [code, period]),
    }
    if step.kind not in addresses:
        return ""
    name, args = addresses[step.kind]
    address = reverse(name, args=args)
    return address if period in args else f"{address}?period={period}"


def _letter(request: HttpRequest, place: Place, step: Step) -> str:
    """A letter to the signatory, to be sent by the reader's own mail program."""
    page = request.build_absolute_uri(reverse("sign", args=[place.institution.code, place.period.code]))
    about = {
        "subject": gettext("To sign: curricula of %(period)s") % {"period": place.period.name},
        "body": f"{step.sentence}\n\n{page}",
    }
    return f"mailto:{step.person.email}?{urlencode(about, quote_via=quote)}"  # type: ignore[union-attr]
