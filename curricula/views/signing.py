"""Signing: check what will be handed in, and sign it once."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from curricula.checking import Finding
from curricula.differences import with_last_approved
from curricula.errors import Refused
from curricula.forms.signing import SigningForm
from curricula.models import AICategory, Line, Submission
from curricula.since_last_year import since_last_year
from curricula.submitting import fingerprint, problems, ready, submit
from curricula.views.places import Place, place_of
from institutions.access import SIGNATORY


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def sign(request: HttpRequest, code: str, period: int) -> HttpResponse:
    place = place_of(request, code, period, role=SIGNATORY)
    last = (
        Submission.objects.filter(institution=place.institution)
        .select_related("period")
        .order_by("-signed_at")
        .first()
    )
    if request.method == "POST":
        form = SigningForm(request.POST)
        if form.is_valid() and (signed := _signed(place, form)):
            messages.success(
                request, _("Handed in. This page is your receipt; you can also take it away as a PDF.")
            )
            return redirect("submission", code, period, signed.number)
    else:
        form = SigningForm(initial=_figures_of(last, place))
    checklist = problems(place.institution, place.period)
    context = {
        "place": place,
        "form": form,
        "last": last,
        "seen": fingerprint(place.institution, place.period),
        "checklist": checklist,
        "year": since_last_year(place.institution, place.period),
        **_summary(place, checklist.findings),
    }
    return render(request, "curricula/sign.html", context, status=422 if form.errors else 200)


def _signed(place: Place, form: SigningForm) -> Submission | None:
    """None, and the reason in the form, if it was refused."""
    said = form.cleaned_data
    try:
        return submit(
            institution=place.institution,
            period=place.period,
            by=place.user,
            faculty_total=said["faculty_total"],
            faculty_trained=said["faculty_trained"],
            note=said["note"],
            seen=said["seen"],
        )
    except Refused as refusal:
        if refusal.code == "nothing_to_submit" and (done := _just_signed(place)):
            return done
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return None


def _just_signed(place: Place) -> Submission | None:
    """What the same person has signed a moment ago: a second press of the button leads to the one receipt."""
    return (
        Submission.objects.filter(
            institution=place.institution,
            period=place.period,
            signed_by=place.user,
            signed_at__gte=timezone.now() - timedelta(minutes=10),
        )
        .order_by("-number")
        .first()
    )


def _figures_of(last: Submission | None, place: Place) -> dict[str, int]:
    """Figures of the same period stand there already; older ones are only shown beside."""
    if last is None or last.period_id != place.period.pk:
        return {}
    return {"faculty_total": last.faculty_total, "faculty_trained": last.faculty_trained}


def _summary(place: Place, odd: dict[int, list[Finding]]) -> dict[str, Any]:
    """What would be handed in: the drafts with their sums, and which of them differ from what was approved last."""
    drafts: list[Any] = list(
        with_last_approved(ready(place.institution, place.period))
        .select_related("programme", "edited_by")
        .annotate(
            line_count=Count("lines"),
            credits=Sum("lines__credits"),
            ai_count=Count("lines", filter=~Q(lines__ai_category=AICategory.NONE)),
            ai_credits=Sum("lines__credits", filter=~Q(lines__ai_category=AICategory.NONE)),
        )
        .order_by("programme__code")
    )
    new = sum(draft.last_id is None for draft in drafts)
    changed = _changed(drafts)
    return {
        "drafts": drafts,
        "odd": [(draft, told) for draft in drafts if (told := _told(odd.get(draft.pk, [])))],
        "new": new,
        "changed": changed,
        "same": len(drafts) - new - changed,
        "line_count": sum(draft.line_count for draft in drafts),
        "ai_count": sum(draft.ai_count for draft in drafts),
        "with_ai": sum(draft.ai_count > 0 for draft in drafts),
        "students": sum(draft.students or 0 for draft in drafts),
        "uncounted": sum(draft.students is None for draft in drafts),
    }


def _told(found: list[Finding]) -> list[Finding]:
    """What does not forbid to sign; the rest stands at the top of the page."""
    return [one for one in found if not one.is_fault and (one.reason or not one.asks_for_reason)]


def _changed(drafts: list[Any]) -> int:
    """How many of the drafts say something else than what was approved last."""
    pairs = {draft.pk: draft.last_id for draft in drafts if draft.last_id}
    contents: dict[int, list[tuple[Any, ...]]] = {}
    for version, *line in (
        Line.objects.filter(version__in=[*pairs, *pairs.values()])
        .order_by("position", "pk")
        .values_list("version", "discipline", "credits", "cycle", "component", "semester", "ai_category",
                     "evidence_url")
    ):  # fmt: skip
        contents.setdefault(version, []).append(tuple(line))
    return sum(contents.get(draft) != contents.get(last) for draft, last in pairs.items())
