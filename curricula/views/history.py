"""All versions of a programme's curriculum, and what changed from each to the next."""

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from curricula.differences import differences
from curricula.models import CurriculumVersion, Line
from curricula.views.places import place_of, programme_of


@never_cache
@require_safe
@login_required
def programme(request: HttpRequest, code: str, period: int, programme: str) -> HttpResponse:
    """Every period's, the newest first. Whoever may not edit reads the curriculum here."""
    place = place_of(request, code, period)
    taught = programme_of(request, place, programme)
    lines = Line.objects.select_related("discipline").order_by("position", "pk")
    versions = list(
        CurriculumVersion.objects.for_user(request.user)
        .filter(programme=taught)
        .select_related("period", "submission", "submitted_by", "decided_by", "edited_by")
        .prefetch_related(Prefetch("lines", lines))
        .order_by("-period__code", "-number")
    )
    older = [*versions[1:], None][: len(versions)]
    entries = [
        {"version": version, "before": before, "differences": differences(before, version)}
        for version, before in zip(versions, older, strict=True)
    ]
    here = next((one for one in versions if one.period_id == place.period.pk), None)
    may_edit = place.may_edit and place.days.is_open and (here is None or here.state != "submitted")
    context = {"place": place, "programme": taught, "entries": entries, "may_edit": may_edit}
    return render(request, "curricula/history.html", context)
