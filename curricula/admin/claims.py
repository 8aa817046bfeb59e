"""Taking up a submission, letting go of it, and taking the next one: buttons of queue, home page and sheet."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from curricula import claiming
from curricula.admin.narrowing import listed
from curricula.admin.review import MAY_DECIDE
from curricula.errors import Refused
from curricula.models import Claim, Submission
from institutions.admin.base import actor
from institutions.dates import day_and_time

if TYPE_CHECKING:
    from institutions.admin.base import ReadOnlyAdmin as Base
else:
    Base = object


class ClaimPages(Base):
    """Three addresses that only take orders; whoever opens one is shown the page where its button is."""

    def claim_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("next/", wrap(self.take_next), name="curricula_submission_next"),
            path("<int:pk>/claim/", wrap(self.claim), name="curricula_submission_claim"),
            path("<int:pk>/release/", wrap(self.release), name="curricula_submission_release"),
        ]

    def claim(self, request: HttpRequest, pk: int) -> HttpResponse:
        submission = self._ordered(request, pk)
        if request.method == "POST":
            try:
                messages.success(request, _held(claiming.claim(submission=submission, by=actor(request))))
            except Refused as refused:
                messages.error(request, str(refused))
                return HttpResponseRedirect(_back(request, self._sheet(pk)))
        return HttpResponseRedirect(self._sheet(pk))

    def release(self, request: HttpRequest, pk: int) -> HttpResponse:
        submission = self._ordered(request, pk)
        if request.method == "POST":
            try:
                person = claiming.release(submission=submission, by=actor(request))
            except Refused as refused:
                messages.error(request, str(refused))
            else:
                messages.success(
                    request,
                    _("%(institution)s is free again; %(person)s held it.")
                    % {"institution": submission.institution.name, "person": person},
                )
        return HttpResponseRedirect(_back(request, self._sheet(pk)))

    def take_next(self, request: HttpRequest) -> HttpResponse:
        """The riskiest free one: of what is assigned to this person, else to nobody, else of all."""
        self._may_take(request)
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:curricula_submission_changelist"))
        keys = [item.submission for item in listed(request).next_ones]
        rows = Submission.objects.for_user(request.user).select_related("institution").in_bulk(keys)
        taken = claiming.claim_first(
            submissions=[rows[key] for key in keys if key in rows], by=actor(request)
        )
        if taken is None:
            messages.info(request, _("Nothing is free: all that waits has been taken up."))
            return HttpResponseRedirect(reverse("admin:curricula_submission_changelist"))
        messages.success(request, _held(taken.claim))
        return HttpResponseRedirect(self._sheet(taken.pk))

    def _ordered(self, request: HttpRequest, pk: int) -> Submission:
        self._may_take(request)
        rows = Submission.objects.for_user(request.user).select_related("institution")
        submission: Submission | None = rows.filter(pk=pk).first()
        if submission is None:
            raise Http404
        return submission

    def _may_take(self, request: HttpRequest) -> None:
        if not request.user.has_perm(MAY_DECIDE):
            raise PermissionDenied

    def _sheet(self, pk: int) -> str:
        return reverse("admin:curricula_submission_change", args=[pk])


def _held(claim: Claim) -> str:
    return _("%(institution)s is yours until %(moment)s; each decision holds it longer.") % {
        "institution": claim.submission.institution.name,
        "moment": day_and_time(claim.until),
    }


def _back(request: HttpRequest, otherwise: str) -> str:
    """The page of ours on which the button was pressed."""
    back = request.GET.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None, require_https=request.is_secure())
    return back if is_ours and back.startswith("/") else otherwise
