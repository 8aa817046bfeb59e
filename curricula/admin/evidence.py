"""An uploaded evidence file opened in the place where it is to be judged, rather than downloaded."""

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from curricula.models import EvidenceFile

if TYPE_CHECKING:
    from curricula.admin.review import ReviewPages as Base
else:
    Base = object

# The viewers that browsers have built in bring scripts and styles of their own; a PDF has none of ours to keep out.
SHOWN_WITHIN = {"frame-ancestors": ["'self'"]}

# Evidence is shown in frames of its page: uploaded files from here, linked pages from where they are.
SHOWS_EVIDENCE = {"frame-src": ["'self'", "https:"]}


def with_evidence_in_frames(answer: HttpResponse) -> HttpResponse:
    """The answer, allowed to show evidence in place. (The decorators of django-csp take methods untyped only.)"""
    answer._csp_update = SHOWS_EVIDENCE  # type: ignore[attr-defined]
    return answer


class EvidencePages(Base):
    def evidence_urls(self) -> list[URLPattern]:
        show = require_safe(never_cache(xframe_options_sameorigin(self.evidence)))
        wrapped = self.admin_site.admin_view(show)
        return [path("<int:pk>/evidence/<int:number>/", wrapped, name="curricula_submission_evidence")]

    def evidence(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        submission = self.found(request, pk)
        mine = EvidenceFile.objects.for_user(request.user).filter(institution=submission.institution_id)
        kept = get_object_or_404(mine, pk=number)
        if not kept.file.storage.exists(kept.file.name or ""):
            raise Http404
        with kept.file.open("rb") as stored:  # at most `evidence.SIZE_LIMIT`
            shown = HttpResponse(stored.read(), content_type="application/pdf")
        shown["Content-Disposition"] = content_disposition_header(False, kept.file_name) or "inline"
        shown._csp_config = SHOWN_WITHIN  # type: ignore[attr-defined]
        return shown
