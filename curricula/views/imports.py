"""Spreadsheets in the workspace: hand one in, watch it being read, see its faults, and look at earlier ones."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from curricula import importing, telling, undoing
from curricula.days import collecting_from
from curricula.errors import Refused
from curricula.forms.imports import UploadForm
from curricula.importing.filled import filled_template
from curricula.importing.recording import faults_of
from curricula.models import Import
from curricula.views.places import Place, place_of
from curricula.views.previews import import_of, previewed
from institutions.access import EDITOR

PAGE = 50
RUNNING = {Import.State.QUEUED, Import.State.RUNNING}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PHASES = {
    "": gettext_lazy("Waiting for its turn"),
    "reading": gettext_lazy("Reading the file"),
    "checking": gettext_lazy("Checking the rows"),
    "marking": gettext_lazy("Marking the faults in a copy"),
    "saving": gettext_lazy("Saving the lines"),
}


@never_cache
@require_safe
@login_required
def index(request: HttpRequest, code: str) -> HttpResponse:
    """All imports of the institution, newest first."""
    place = place_of(request, code)
    found = (
        Import.objects.for_user(request.user)
        .filter(institution=place.institution)
        .select_related("period", "uploaded_by", "batch__undone_by", "batch__period")
        .defer("faults", "discipline_texts")
        .order_by("-uploaded_at")
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    batches = [imported.batch for imported in page.object_list if hasattr(imported, "batch")]
    context = {"place": place, "page_obj": page, "undoable": undoing.undoable_among(batches)}
    return render(request, "curricula/import_list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest, code: str) -> HttpResponse:
    place = place_of(request, code, role=EDITOR)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, institution=place.institution)
        if form.is_valid() and (started := _started(request, place, form)):
            return redirect("import-detail", code, started.pk)
    else:
        form = UploadForm(initial={"period": place.period}, institution=place.institution)
    context = {"place": place, "form": form, "periods": collecting_from(place.institution)}
    return render(request, "curricula/import_new.html", context, status=422 if form.errors else 200)


def _started(request: HttpRequest, place: Place, form: UploadForm) -> Import | None:
    """None, and the reason in the form, if the file is refused at the door."""
    try:
        return importing.start_import(
            institution=place.institution,
            period=form.cleaned_data["period"],
            file=form.cleaned_data["file"],
            by=place.user,
        )
    except Refused as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return None


@never_cache
@require_safe
@login_required
def detail(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The bar while it runs, what would happen once it is compared, the result afterwards.

    A script asks for the bar alone, once a second.
    """
    place = place_of(request, code)
    found = import_of(request, place, number)
    running = found.state in RUNNING
    context: dict[str, Any] = {"place": place, "import": found, "running": running}
    if running:
        context["label"] = PHASES.get(found.phase, PHASES[""])
    if request.headers.get("HX-Request"):
        answer = render(request, "curricula/_import_progress.html", context)
        if not running:
            answer["HX-Refresh"] = "true"
        return answer
    if not running:
        telling.saw(ended=found, by=place.user)
    if found.state in {Import.State.READY, Import.State.DONE, Import.State.TRIED}:
        context |= previewed(request, found)
    elif not running:
        context |= _ended(request, found)
    return render(request, "curricula/import_detail.html", context)


def _ended(request: HttpRequest, found: Import) -> dict[str, Any]:
    faults = faults_of(found)
    return {
        "failure": _(found.failure) if found.failure else "",
        "page_obj": Paginator(faults, PAGE).get_page(request.GET.get("page")),
        "fault_count": len(faults),
        "of_cells": [fault for fault in faults if fault.row is not None],
    }


@never_cache
@require_POST
@login_required
def cancel(request: HttpRequest, code: str, number: int) -> HttpResponse:
    place = place_of(request, code, role=EDITOR)
    try:
        importing.cancel_import(running=import_of(request, place, number), by=place.user)
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("import-detail", code, number)


@never_cache
@require_safe
@login_required
def original(request: HttpRequest, code: str, number: int) -> FileResponse:
    """The file as it was handed in; as an attachment of no kind, so that no browser opens what others wrote."""
    found = import_of(request, place_of(request, code), number)
    return FileResponse(
        _opened(found.file),
        as_attachment=True,
        filename=found.file_name,
        content_type="application/octet-stream",
    )


@never_cache
@require_safe
@login_required
def marked(request: HttpRequest, code: str, number: int) -> FileResponse:
    """The copy of a refused file with its faults marked, as the worker made it."""
    found = import_of(request, place_of(request, code), number)
    if not found.marked:
        raise Http404(_("There are no faults to mark."))
    name = _("faults in %(file)s") % {"file": found.file_name.rpartition(".")[0]}
    return FileResponse(_opened(found.marked), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)


@never_cache
@require_safe
@login_required
def template(request: HttpRequest, code: str) -> HttpResponse:
    """The workbook to fill in: with the institution's programmes, and its lines of the period as they are now."""
    place = place_of(request, code)
    language = get_language() or "kk"
    content = filled_template(institution=place.institution, period=place.period, language=language)
    return _workbook(content, f"{place.institution.code}-{place.period.code}")


def _workbook(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{name}.xlsx")
    return answer


def _opened(file: FieldFile) -> Any:
    try:
        return file.open("rb")
    except (OSError, ValueError) as error:
        raise Http404(_("The file of this import is no longer kept.")) from error
