"""Undoing an action on many drafts with one click."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from curricula import undoing
from curricula.errors import Refused
from curricula.models import Batch
from curricula.views.places import place_of
from institutions.access import EDITOR


@require_POST
@login_required
def undo(request: HttpRequest, code: str, period: int, number: int) -> HttpResponse:
    """Back to the page of `next`, else to the tasks, with what was restored and what was left as it is."""
    place = place_of(request, code, period, role=EDITOR)
    mine = Batch.objects.for_user(request.user).filter(institution=place.institution, period=place.period)
    batch = get_object_or_404(mine, pk=number)
    try:
        _tell(request, undoing.undo(batch=batch, by=place.user))
    except Refused as refused:
        messages.warning(request, str(refused))
    return redirect(_back(request, code, period))


def _tell(request: HttpRequest, result: undoing.UndoResult) -> None:
    if result.restored:
        messages.success(
            request,
            ngettext(
                "Undone: %(count)d curriculum is as it was before.",
                "Undone: %(count)d curricula are as they were before.",
                result.restored,
            )
            % {"count": result.restored},
        )
    elif not result.kept:
        messages.success(request, _("Undone: the disciplines have their words back."))
    if result.kept:
        messages.warning(
            request,
            _("Left as they are, because somebody has worked on them since: %(programmes)s.")
            % {"programmes": ", ".join(programme.code for programme in result.kept)},
        )


def _back(request: HttpRequest, code: str, period: int) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return f"{reverse('workspace-institution', args=[code])}?period={period}"
