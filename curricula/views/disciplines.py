"""The disciplines of a university: the list, the form of one, and the PDFs that prove them."""

from typing import Any

import django_filters
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from curricula import undoing
from curricula.disciplines import Changed, disciplines_of, is_signed, save_discipline, with_evidence
from curricula.errors import Refused
from curricula.forms.disciplines import DisciplineForm
from curricula.models import AICategory, Discipline, EvidenceFile
from curricula.suggesting import suggest
from curricula.views.places import Place, place_of
from institutions.access import EDITOR
from institutions.names import LANGUAGES, matching

PAGE = 50


class DisciplineFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Code or title"), method="named")
    category = django_filters.ChoiceFilter(
        label=gettext_lazy("AI category"),
        field_name="ai_category",
        choices=AICategory.choices,
        empty_label=gettext_lazy("all"),
    )
    evidence = django_filters.ChoiceFilter(
        label=gettext_lazy("Evidence"),
        choices=[("with", gettext_lazy("with evidence")), ("without", gettext_lazy("without evidence"))],
        method="proven",
        empty_label=gettext_lazy("all"),
    )

    class Meta:
        model = Discipline
        fields = ("q", "category", "evidence")

    def named(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(matching(value))

    def proven(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(with_evidence() if value == "with" else ~with_evidence())


@never_cache
@require_safe
@login_required
def listing(request: HttpRequest, code: str, period: int) -> HttpResponse:
    """What the university teaches; AI disciplines are looked for by their category."""
    place = place_of(request, code, period)
    chosen = DisciplineFilter(request.GET, disciplines_of(place.institution, place.period))
    shown = Paginator(chosen.qs, PAGE).get_page(request.GET.get("page"))
    context = {
        "place": place,
        "filter": chosen,
        "page_obj": shown,
        "is_filtered": any(request.GET.get(name) for name in chosen.filters),
        "batch": undoing.latest(place.institution, place.period) if place.may_edit else None,
    }
    return render(request, "curricula/discipline_list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest, code: str, period: int) -> HttpResponse:
    place = place_of(request, code, period, role=EDITOR)
    return _form(request, place, Discipline(institution=place.institution))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, code: str, period: int, number: int) -> HttpResponse:
    place = place_of(request, code, period, role=EDITOR)
    return _form(request, place, discipline_of(request, place, number))


def discipline_of(request: HttpRequest, place: Place, number: int) -> Discipline:
    mine = Discipline.objects.for_user(request.user).filter(institution=place.institution)
    return get_object_or_404(mine.select_related("evidence_file"), pk=number)


def _form(request: HttpRequest, place: Place, discipline: Discipline) -> HttpResponse:
    is_new = discipline.pk is None
    code = discipline.code  # a form that is filled in writes its own to the row
    status = 200
    if request.POST.get("action") == "suggest":
        form = _suggested(request, discipline, place)
    else:
        form = DisciplineForm(request.POST or None, request.FILES or None, instance=discipline, by=place.user)
    if form.is_bound and form.is_valid():
        try:
            saved = save_discipline(discipline=form.instance, seen=form.cleaned_data["seen"], by=place.user)
        except Changed as changed:
            form.show_changed(changed.current)
            status = 409
        except Refused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return _saved(request, place, saved)
    context = {
        "place": place,
        "form": form,
        "is_new": is_new,
        "code": code,
        "evidence": form.evidence if form.is_bound else discipline.evidence_file,
        "is_signed": not is_new and is_signed(discipline),
    }
    if form.errors and status == 200:
        status = 422
    return render(request, "curricula/discipline.html", context, status=status)


def _suggested(request: HttpRequest, discipline: Discipline, place: Place) -> DisciplineForm:
    """All as it was typed, with what the taxonomy says of it; nothing is saved or found fault with."""
    typed = request.POST.dict()
    titles = [str(typed.get(f"title_{language}", "")) for language in LANGUAGES]
    said = suggest(titles, str(typed.get("description", "")))
    for name, value in said.as_columns().items():
        setattr(discipline, name, value)
    return DisciplineForm(initial=typed, instance=discipline, by=place.user)


def _saved(request: HttpRequest, place: Place, saved: Discipline) -> HttpResponse:
    messages.success(request, _("%(discipline)s is saved.") % {"discipline": saved})
    if saved.suggested_category not in ("", saved.ai_category):
        messages.warning(request, _doubt(saved))
    where = (place.institution.code, place.period.code)
    if request.POST.get("action") == "apply":
        return redirect("discipline-apply", *where, saved.pk)
    return redirect("workspace-disciplines", *where)


def _doubt(saved: Discipline) -> str:
    facts = {
        "suggested": saved.get_suggested_category_display(),
        "chosen": saved.get_ai_category_display(),
        "words": ", ".join(saved.suggested_terms),
    }
    if not saved.suggested_terms:
        return _("You chose “%(chosen)s”, but title and description hold no word that speaks of AI.") % facts
    return (
        _("You chose “%(chosen)s”; by the words “%(words)s” it looks like “%(suggested)s”. You decide.")
        % facts
    )


@never_cache
@require_safe
@login_required
def evidence(request: HttpRequest, number: int) -> HttpResponse | FileResponse:
    """The PDF as an attachment, for the university's own people and the ministry."""
    kept = get_object_or_404(EvidenceFile.objects.for_user(request.user), pk=number)
    stored: FieldFile = kept.file
    if not stored.storage.exists(stored.name or ""):
        raise Http404(_("The file is not there any more."))
    return FileResponse(
        stored.open("rb"), as_attachment=True, filename=kept.file_name, content_type="application/pdf"
    )
