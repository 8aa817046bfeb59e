"""The page on which the students of all curricula are entered."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from curricula.enrolment import Saved, drafts_of, save_students
from curricula.forms.enrolment import EnrolmentForm
from curricula.views.places import place_of
from institutions.access import EDITOR


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enrolment(request: HttpRequest, code: str, period: int) -> HttpResponse:
    """All drafts of the period on one form; what is wrong or was changed by others comes back as typed."""
    place = place_of(request, code, period, role=EDITOR)
    drafts = drafts_of(place.institution, place.period)
    if request.method != "POST":
        return render(request, "curricula/enrolment.html", {"place": place, "form": EnrolmentForm(drafts)})
    form = EnrolmentForm(drafts, request.POST)
    status = 422
    if form.is_valid():
        saved = save_students(
            institution=place.institution, period=place.period, numbers=form.numbers(), by=place.user
        )
        form.show_stale(saved.stale)
        _tell(request, saved, form.gone)
        if not form.problems:
            if request.POST.get("action") == "stay":
                return redirect("enrolment", code, period)
            return redirect(f"{reverse('workspace-institution', args=[code])}?period={period}")
        status = 409
    context = {"place": place, "form": form, "stale": status == 409}
    return render(request, "curricula/enrolment.html", context, status=status)


def _tell(request: HttpRequest, saved: Saved, gone: int) -> None:
    if saved.changed:
        text = ngettext(
            "The number of students of %(count)d curriculum is saved.",
            "The numbers of students of %(count)d curricula are saved.",
            saved.changed,
        )
        messages.success(request, text % {"count": saved.changed})
    elif not saved.stale and not gone:
        messages.info(request, _("Nothing was changed, so there was nothing to save."))
    if gone := gone + sum(version is None for version in saved.stale.values()):
        text = ngettext(
            "%(count)d curriculum is a draft no more: it was handed in or discarded meanwhile.",
            "%(count)d curricula are drafts no more: they were handed in or discarded meanwhile.",
            gone,
        )
        messages.warning(request, text % {"count": gone})
