"""What became of a submission, and its receipt, as a page and as a file."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from curricula import receipts
from curricula.following import stages, versions_of
from curricula.models import Submission
from curricula.views.places import Place, place_of


@never_cache
@require_safe
@login_required
def submission(request: HttpRequest, code: str, period: int, number: int) -> HttpResponse:
    """Where it stands, what the reviewer asked, and the receipt. A fixed number of queries."""
    place = place_of(request, code, period)
    found = _submission(request, place, number)
    versions = versions_of(found)
    context = {
        "place": place,
        "submission": found,
        "stages": stages(found, versions),
        "versions": versions,
        "returned": [version for version in versions if version.state == "returned"],
        "papers": _papers(code, period, number),
    }
    return render(request, "curricula/submission.html", context)


@never_cache
@require_safe
@login_required
def receipt(request: HttpRequest, code: str, period: int, number: int) -> HttpResponse:
    """The receipt as a PDF in the language of the address."""
    found = _submission(request, place_of(request, code, period), number)
    answer = HttpResponse(receipts.pdf(found), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{found.receipt_number}.pdf"'
    return answer


def _submission(request: HttpRequest, place: Place, number: int) -> Submission:
    found: Submission | None = (
        Submission.objects.for_user(request.user)
        .filter(institution=place.institution, period=place.period, number=number)
        .select_related("institution", "period", "signed_by", "decided_by")
        .first()
    )
    if found is None:
        raise Http404(_("There is no such submission."))
    return found


def _papers(code: str, period: int, number: int) -> list[tuple[str, str, str]]:
    """Code and own name of each language, and where the receipt in it is."""
    found = []
    for language, name in settings.LANGUAGES:
        with override(language):
            address = reverse("receipt", args=[code, period, number])
        found.append((language, name, address))
    return found
