"""Writing down what a programme teaches: the form, the page of a conflict, and discarding."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from curricula import drafting
from curricula.differences import compare
from curricula.drafting import Conflict, DraftLine
from curricula.errors import Refused
from curricula.forms.lines import SPARE_ROWS, CurriculumForm, Problem
from curricula.models import CurriculumVersion, Discipline, Line, Programme
from curricula.views.places import Place, place_of, programme_of
from curricula.warnings import warnings
from institutions.access import EDITOR

SUGGESTED = 1000
NOT_TYPED = {"action", "csrfmiddlewaretoken"}
State = CurriculumVersion.State


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, code: str, period: int, programme: str) -> HttpResponse:
    """The form; a draft is begun by the first save, so that looking changes nothing."""
    place = place_of(request, code, period, role=EDITOR)
    taught = programme_of(request, place, programme)
    newest = drafting.latest_version(taught, place.period)
    if request.method == "POST":
        return _posted(request, place, taught, newest)
    if newest is None or newest.state != State.DRAFT:
        if newest and newest.state == State.SUBMITTED:
            messages.warning(request, _("This curriculum has been handed in and awaits review."))
            return redirect("programme-history", code, period, programme)
        if not place.period.is_collecting:
            messages.warning(request, _("This period is closed, so nothing can be changed in it."))
            return redirect("programme-history", code, period, programme)
    edit_number = newest.edit_number if newest and newest.state == State.DRAFT else 0
    lines = drafting.content(newest) if newest else []
    return _page(request, place, taught, CurriculumForm.of(newest, lines, edit_number))


def _posted(
    request: HttpRequest, place: Place, taught: Programme, newest: CurriculumVersion | None
) -> HttpResponse:
    action = request.POST.get("action", "save")
    if action == "add":
        return _page(request, place, taught, CurriculumForm.unchecked(request.POST, more=SPARE_ROWS))
    if action == "merge":
        return _page(request, place, taught, CurriculumForm.unchecked(request.POST, seen=_edit_of(newest)))
    form = CurriculumForm.typed(request.POST)
    if not form.is_valid(_disciplines(request, place)):
        return _page(request, place, taught, form)
    try:
        saved = _save(place, taught, newest, form)
    except Conflict as conflict:
        return _conflict_page(request, place, taught, form, conflict)
    except Refused as refusal:
        form.problems.append(Problem("", str(refusal)))
        return _page(request, place, taught, form)
    messages.success(
        request,
        _("%(programme)s is saved, version %(number)d.") % {"programme": taught.code, "number": saved.number},
    )
    if action == "save-and-leave":
        return redirect(_tasks(place))
    return redirect("draft-edit", place.institution.code, place.period.code, taught.code)


def _save(
    place: Place,
    taught: Programme,
    newest: CurriculumVersion | None,
    form: CurriculumForm,
) -> CurriculumVersion:
    """One transaction: of a draft that can't be saved, the beginning is undone too."""
    if (form.edit_number or form.draft) and (newest is None or newest.state != State.DRAFT):
        raise Conflict(newest)  # the draft that was on the screen is none any more
    by = place.user
    with transaction.atomic():
        draft = drafting.start_draft(programme=taught, period=place.period, by=by)
        if form.draft and draft.pk != form.draft:
            raise Conflict(draft)  # it was discarded, and another one begun
        return drafting.save_draft(
            version=draft, lines=form.lines(), students=form.students, edit_number=form.edit_number, by=by
        )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def discard(request: HttpRequest, code: str, period: int, programme: str) -> HttpResponse:
    place = place_of(request, code, period, role=EDITOR)
    taught = programme_of(request, place, programme)
    draft = drafting.latest_version(taught, place.period)
    if draft is None or draft.state != State.DRAFT:
        messages.warning(request, _("There is no draft to discard."))
        return redirect("programme-history", code, period, programme)
    context = {
        "place": place,
        "programme": taught,
        "draft": draft,
        "line_count": draft.lines.count(),
        "others": CurriculumVersion.objects.filter(
            programme=taught, period=place.period, number__lt=draft.number
        ),
    }
    if request.method == "POST":
        seen = (request.POST.get("edit_number", ""), request.POST.get("draft", ""))
        same = seen == (str(draft.edit_number), str(draft.pk))
        try:
            drafting.discard_draft(
                version=draft, by=place.user, edit_number=draft.edit_number if same else -1
            )
        except Conflict:
            context["faults"] = [
                _("The draft was saved again while you were reading. Look at it before you discard it.")
            ]
            return render(request, "curricula/discard.html", context, status=409)
        messages.success(request, _("The draft of %(programme)s is discarded.") % {"programme": taught.code})
        return redirect(_tasks(place))
    return render(request, "curricula/discard.html", context)


def _edit_of(newest: CurriculumVersion | None) -> tuple[int, int | None]:
    """Number and draft of the edit that a save would be made from now."""
    return (newest.edit_number, newest.pk) if newest and newest.state == State.DRAFT else (0, None)


def _tasks(place: Place) -> str:
    return reverse("workspace-institution", args=[place.institution.code]) + f"?period={place.period.code}"


def _disciplines(request: HttpRequest, place: Place) -> list[Discipline]:
    """What the list beside the codes suggests; a code beyond these may be typed all the same."""
    return list(
        Discipline.objects.for_user(request.user).filter(institution=place.institution).order_by("code")
    )


def _page(request: HttpRequest, place: Place, taught: Programme, form: CurriculumForm) -> HttpResponse:
    newest = drafting.latest_version(taught, place.period)
    draft = newest if newest and newest.state == State.DRAFT else None
    before = CurriculumVersion.objects.filter(programme=taught, period=place.period).select_related(
        "decided_by"
    )
    if draft:
        before = before.filter(number__lt=draft.number)
    last = before.order_by("-number").first()
    context = {
        "place": place,
        "programme": taught,
        "form": form,
        "draft": draft,
        "returned": last if last and last.state == State.RETURNED else None,
        "source": last if draft is None else None,
        "disciplines": _disciplines(request, place)[:SUGGESTED],
        "warnings": warnings(draft) if draft and draft.edit_number and not form.problems else [],
    }
    return render(request, "curricula/edit.html", context, status=422 if form.problems else 200)


def _conflict_page(
    request: HttpRequest, place: Place, taught: Programme, form: CurriculumForm, conflict: Conflict
) -> HttpResponse:
    current = conflict.current
    theirs = list(current.lines.select_related("discipline")) if current else []
    number, draft = _edit_of(current)
    typed = {**request.POST.dict(), "edit_number": str(number), "draft": str(draft or "")}
    context = {
        "place": place,
        "programme": taught,
        "current": current,
        "is_draft": current is not None and current.state == State.DRAFT,
        "awaits_review": current is not None and current.state == State.SUBMITTED,
        "differences": compare(theirs, _lines(place, taught, form.lines())),
        "students_differ": (current.students if current else None) != form.students,
        "mine": form,
        "typed": [(name, value) for name, value in typed.items() if name not in NOT_TYPED],
    }
    return render(request, "curricula/conflict.html", context, status=409)


def _lines(place: Place, taught: Programme, typed: list[DraftLine]) -> list[Line]:
    """What was typed as rows that can be compared; disciplines that are new get keys that none has."""
    known = {one.code: one for one in Discipline.objects.filter(institution=place.institution)}
    for number, line in enumerate(typed, start=1):
        if line.discipline_code not in known:
            title = line.discipline_title
            known[line.discipline_code] = Discipline(pk=-number, code=line.discipline_code, title_ru=title)
    version = CurriculumVersion(institution=place.institution, programme=taught, period=place.period)
    return drafting.unsaved_lines(version, typed, known)
