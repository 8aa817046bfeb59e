"""One screen to decide on a submission, and the decisions on one thing that are sent from it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from curricula import reviewing
from curricula.admin.evidence import with_evidence_in_frames
from curricula.admin.wording import ReadyReasons, begun_with, ready_reasons
from curricula.errors import Refused
from curricula.models import CurriculumVersion, Submission
from curricula.sheets import Sheet, sheet
from institutions.admin.base import actor

if TYPE_CHECKING:
    from institutions.admin.base import ReadOnlyAdmin as Base
else:
    Base = object

STAFF = "staff"
MAY_DECIDE = "curricula.change_submission"


@dataclass(frozen=True)
class Begun:
    """A return that was not sent: of what, the reason so far, and what is wrong; "" if a text was filled in."""

    subject: str
    typed: str
    message: str = ""


class ReviewPages(Base):
    """The pages of one submission: the sheet, and the decision on one thing."""

    def review_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [path("<int:pk>/decide/", wrap(self.decide), name="curricula_submission_decide")]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        return self.render_sheet(request, self.found(request, object_id))

    def found(self, request: HttpRequest, key: str | int) -> Submission:
        found: Submission = self.row_to_see(
            request, key, "institution__region", "period", "signed_by", "decided_by"
        )
        return found

    def may_decide(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY_DECIDE)

    def render_sheet(
        self, request: HttpRequest, submission: Submission, begun: Begun | None = None
    ) -> HttpResponse:
        page = sheet(submission)
        own = submission.signed_by_id == request.user.pk
        # After a decision one goes on to the next, so each form knows which that is.
        following = [*(case.version.pk for case in page.waiting[1:]), ""][: len(page.waiting)]
        context = {
            **self.context(request, submission, page),
            "cases": list(zip(page.waiting, following, strict=True)),
            "begun": begun,
            "fault": begun if begun and begun.message else None,
            "own": own,
            "may_decide": self.may_decide(request)
            and not own
            and not held_by_another(submission, request.user),
        }
        status = 422 if context["fault"] else 200
        return with_evidence_in_frames(
            TemplateResponse(request, "admin/curricula/submission/review.html", context, status=status)
        )

    def context(self, request: HttpRequest, submission: Submission, page: Sheet) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": submission.institution,
            "submission": submission,
            "sheet": page,
            "ready": self.ready_reasons(submission),
        }

    def ready_reasons(self, submission: Submission) -> ReadyReasons:
        """In the language of whoever signed, for they will read it."""
        return ready_reasons(submission.signed_by.language)

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve or return one curriculum, or the staff figures; then on to the next that waits."""
        submission = self.asked_to_decide(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(self.review_url(pk))
        subject, reason = request.POST.get("subject", ""), request.POST.get("reason", "")
        version = None if subject == STAFF else self.version_of(submission, subject)
        decision = request.POST.get("decision")
        if decision != "approve" and (filled := begun_with(request, self.ready_reasons(submission))):
            return self.render_sheet(request, submission, Begun(subject, filled))
        try:
            if decision == "approve":
                said = approve(request, submission, version)
            else:
                said = send_back(request, submission, version, reason)
        except Refused as refused:
            if refused.field == "reason":
                return self.render_sheet(request, submission, Begun(subject, reason, str(refused)))
            messages.error(request, str(refused))
            return HttpResponseRedirect(self.review_url(pk))
        messages.success(request, said)
        return HttpResponseRedirect(self.review_url(pk, request.POST.get("next", "")))

    def asked_to_decide(self, request: HttpRequest, pk: int) -> Submission:
        if not self.may_decide(request):
            raise PermissionDenied
        return self.found(request, pk)

    def version_of(self, submission: Submission, key: str) -> CurriculumVersion:
        mine = CurriculumVersion.objects.filter(submission=submission).select_related("programme", "period")
        version: CurriculumVersion | None = mine.filter(pk=key if key.isdecimal() else 0).first()
        if version is None:
            raise Http404
        return version

    def review_url(self, pk: int, place: str = "") -> str:
        url = reverse("admin:curricula_submission_change", args=[pk])
        return f"{url}#curriculum-{int(place)}" if place.isdecimal() else url


def held_by_another(submission: Submission, user: Any) -> bool:
    """The claim was read with the submission, so this asks nothing."""
    claim = getattr(submission, "claim", None)
    return claim is not None and claim.is_live and claim.reviewer_id != user.pk


def approve(request: HttpRequest, submission: Submission, version: CurriculumVersion | None) -> str:
    if version is None:
        reviewing.approve_staff_figures(submission=submission, by=actor(request))
        return _("The staff figures are approved.")
    reviewing.approve(version=version, by=actor(request))
    return _("%(programme)s is approved.") % {"programme": version.programme.code}


def send_back(
    request: HttpRequest, submission: Submission, version: CurriculumVersion | None, reason: str
) -> str:
    if version is None:
        reviewing.return_staff_figures(submission=submission, by=actor(request), reason=reason)
        return _("The staff figures are returned; the university sees the reason.")
    reviewing.return_for_correction(version=version, by=actor(request), reason=reason)
    return _("%(programme)s is returned; the university sees the reason and has a new draft.") % {
        "programme": version.programme.code
    }
