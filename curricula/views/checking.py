"""The page of all that the checks say of a period's drafts, on which the warnings are answered."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from curricula.checking import RULES, Finding, findings
from curricula.checking.reasons import Saved, save_reasons
from curricula.forms.reasons import ReasonsForm
from curricula.models import CurriculumVersion, Programme
from curricula.submitting import ready
from curricula.views.places import Place, place_of
from institutions.access import EDITOR, require_role


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def checks(request: HttpRequest, code: str, period: int) -> HttpResponse:
    """Every member may read it; whoever edits says why."""
    place = place_of(request, code, period)
    if request.method != "POST":
        return _page(request, place, ReasonsForm(*_found(place)))
    require_role(request.user, place.institution, EDITOR)
    form = ReasonsForm(*_found(place), data=request.POST.dict())
    if not form.is_valid():
        return _page(request, place, form, status=422)
    saved = save_reasons(
        institution=place.institution, period=place.period, given=form.given(), by=place.user
    )
    form.show_stale(saved.stale)
    _tell(request, saved, form.gone)
    if saved.stale:
        return _page(request, place, form, status=409)
    return redirect("checks", code, period)


def _found(place: Place) -> tuple[dict[int, list[Finding]], dict[int, Programme]]:
    """The findings by draft, and the programmes of the drafts in the order of their codes."""
    drafts = ready(place.institution, place.period)
    programmes = {
        version.pk: version.programme
        for version in drafts.select_related("programme").order_by("programme__code")
    }
    return findings(CurriculumVersion.objects.filter(pk__in=list(programmes))), programmes


def _page(request: HttpRequest, place: Place, form: ReasonsForm, status: int = 200) -> HttpResponse:
    codes = {one.code for group in form.groups for one in (*group.faults, *group.notes)}
    codes |= {item.finding.code for item in form.items}
    context = {
        "place": place,
        "form": form,
        "stale": status == 409,
        "rules": [rule for rule in RULES.values() if rule.code in codes],
    }
    return render(request, "curricula/checks.html", context, status=status)


def _tell(request: HttpRequest, saved: Saved, gone: int) -> None:
    if saved.changed:
        text = ngettext("%(count)d reason is saved.", "%(count)d reasons are saved.", saved.changed)
        messages.success(request, text % {"count": saved.changed})
    elif not saved.stale and not gone and not saved.gone:
        messages.info(request, _("Nothing was changed, so there was nothing to save."))
    if gone := gone + saved.gone:
        text = ngettext(
            "%(count)d reason was not saved: its warning is gone, or the curriculum is a draft no more.",
            "%(count)d reasons were not saved: their warnings are gone, or the curricula are drafts no more.",
            gone,
        )
        messages.warning(request, text % {"count": gone})
