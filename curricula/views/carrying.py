"""Carrying last period's curricula forward: what would be carried, one button, and what has become of them since."""

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from curricula import carrying, undoing
from curricula.errors import Refused
from curricula.models import Batch
from curricula.since_last_year import since_last_year
from curricula.views.places import place_of
from institutions.access import EDITOR


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def carry(request: HttpRequest, code: str, period: int) -> HttpResponse:
    place = place_of(request, code, period, role=EDITOR)
    if request.method == "POST":
        try:
            batch = carrying.carry(institution=place.institution, period=place.period, by=place.user)
        except Refused as refused:
            messages.warning(request, str(refused))
        else:
            count = batch.drafts.count()
            messages.success(
                request,
                ngettext(
                    "%(count)d curriculum is carried forward as a draft.",
                    "%(count)d curricula are carried forward as drafts.",
                    count,
                )
                % {"count": count},
            )
        return redirect("carry", code, period)
    batches = Batch.objects.filter(
        institution=place.institution, period=place.period, action=Batch.Action.CARRY, undone_at=None
    )
    last = batches.select_related("done_by").first()
    preview = carrying.preview(place.institution, place.period)
    year = since_last_year(place.institution, place.period)
    waiting = {source.pk for source in preview.sources}
    context = {
        "place": place,
        "preview": preview,
        # What can still be carried is not dropped yet.
        "year": replace(year, dropped=[one for one in year.dropped if one.pk not in waiting]),
        "batch": last,
        "undoable": last is not None and undoing.undoable(last),
    }
    return render(request, "curricula/carry.html", context)
