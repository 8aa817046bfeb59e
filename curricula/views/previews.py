"""What a spreadsheet would do: shown programme by programme before it is saved, and confirmed or not."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from curricula import importing, undoing
from curricula.errors import Refused
from curricula.importing.previews import is_outdated, retitled, untouched, with_differences
from curricula.models import Batch, Discipline, Import, ImportChange
from curricula.views.places import Place, place_of
from institutions.access import EDITOR

PAGE = 50
# So many lines that differ are shown on the page at once; more are asked for programme by programme.
LINES_SHOWN = 150
RETITLED_SHOWN = 200


def import_of(request: HttpRequest, place: Place, number: int) -> Import:
    found = (
        Import.objects.for_user(request.user)
        .filter(institution=place.institution, pk=number)
        .select_related("period", "uploaded_by", "confirmed_by", "key")
        .first()
    )
    if found is None:
        raise Http404(_("There is no such import."))
    return found


def previewed(request: HttpRequest, found: Import) -> dict[str, Any]:
    """What the page of an import shows of its changes, in as many queries for one programme as for all."""
    show = next((kind for kind in ImportChange.Kind.values if kind == request.GET.get("show")), "")
    all_of_them = found.changes.select_related("programme").order_by("programme__code")
    changes = all_of_them.filter(kind=show) if show else all_of_them.exclude(kind=ImportChange.Kind.UNCHANGED)
    page = Paginator(changes, PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    if sum(len(change.lines_before) + len(change.lines_after) for change in shown) <= LINES_SHOWN:
        with_differences(found, shown)
    page.object_list = shown
    texts = retitled(found)
    ready = found.state == Import.State.READY
    batch = Batch.objects.filter(imported=found).select_related("period", "undone_by").first()
    return {
        "batch": batch,
        "undoable": undoing.undoable_among([batch]) if batch else set(),
        "page_obj": page,
        "show": show,
        "untouched": untouched(found) if ready else [],
        "outdated": ready and is_outdated(found),
        "retitled": [
            (code, [(_label(name), was, now) for name, was, now in changed])
            for code, changed in texts[:RETITLED_SHOWN]
        ],
        "retitled_more": max(len(texts) - RETITLED_SHOWN, 0),
    }


def _label(name: str) -> str:
    return str(Discipline._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


@never_cache
@require_safe
@login_required
def programme(request: HttpRequest, code: str, number: int, programme: str) -> HttpResponse:
    """The differences of one programme: as a page, or alone for a script that opens them in place."""
    place = place_of(request, code)
    found = import_of(request, place, number)
    changes = found.changes.select_related("programme")
    change = get_object_or_404(changes, programme__code=programme)
    with_differences(found, [change])
    name = "_import_change" if request.headers.get("HX-Request") else "import_change"
    context = {"place": place, "import": found, "change": change}
    return render(request, f"curricula/{name}.html", context)


@never_cache
@require_POST
@login_required
def confirm(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Yes: save it as shown. Or compare it again, where the drafts have changed meanwhile."""
    place = place_of(request, code, role=EDITOR)
    found = import_of(request, place, number)
    try:
        if "again" in request.POST:
            importing.compare_again(ready=found, by=place.user)
        else:
            importing.confirm_import(
                ready=found, fingerprint=request.POST.get("fingerprint", ""), by=place.user
            )
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect("import-detail", code, number)
