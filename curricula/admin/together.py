"""Deciding on several things of a submission at once: a page that shows exactly what, then exactly that."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curricula import reviewing
from curricula.admin.review import STAFF, Begun, ReviewPages
from curricula.admin.wording import begun_with
from curricula.cases import Case
from curricula.errors import Refused
from curricula.models import Submission
from curricula.sheets import Sheet, sheet
from institutions.admin.base import actor


class TogetherPages(ReviewPages):
    """`only=quiet` chooses what has no warnings, `only=chosen` what was ticked, else it is all that waits."""

    def together_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/approve/", wrap(self.approve_all), name="curricula_submission_approve"),
            path("<int:pk>/return/", wrap(self.return_all), name="curricula_submission_return"),
        ]

    def approve_all(self, request: HttpRequest, pk: int) -> HttpResponse:
        submission = self.asked_to_decide(request, pk)
        if request.method != "POST":
            return self.preview(request, submission, "approve_all")
        curricula, with_staff = seen(request)
        try:
            count = reviewing.approve_all(
                submission=submission, by=actor(request), seen_version_ids=curricula, with_staff=with_staff
            )
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            said = ngettext("%(count)d curriculum approved.", "%(count)d curricula approved.", count)
            self.told(request, said, count, _("The staff figures are approved.") if with_staff else "")
        return HttpResponseRedirect(self.review_url(pk))

    def return_all(self, request: HttpRequest, pk: int) -> HttpResponse:
        submission = self.asked_to_decide(request, pk)
        if request.method != "POST":
            return self.preview(request, submission, "return_all")
        if filled := begun_with(request, self.ready_reasons(submission)):
            return self.preview(request, submission, "return_all", Begun("", filled))
        curricula, with_staff = seen(request)
        reason = request.POST.get("reason", "")
        try:
            count = reviewing.return_all(
                submission=submission,
                by=actor(request),
                seen_version_ids=curricula,
                reason=reason,
                with_staff=with_staff,
            )
        except Refused as refused:
            if refused.field == "reason":
                return self.preview(request, submission, "return_all", Begun("", reason, str(refused)))
            messages.error(request, str(refused))
        else:
            said = ngettext(
                "%(count)d curriculum returned; the university sees the reason and has a new draft.",
                "%(count)d curricula returned; the university sees the reason and has new drafts.",
                count,
            )
            staff = _("The staff figures are returned; the university sees the reason.") if with_staff else ""
            self.told(request, said, count, staff)
        return HttpResponseRedirect(self.review_url(pk))

    def told(self, request: HttpRequest, said: str, count: int, staff: str) -> None:
        if count:
            messages.success(request, said % {"count": count})
        if staff:
            messages.success(request, staff)

    def preview(
        self, request: HttpRequest, submission: Submission, name: str, begun: Begun | None = None
    ) -> HttpResponse:
        page = sheet(submission)
        chosen = self.chosen(request, page)
        staff_waits = submission.state == Submission.State.SUBMITTED
        staff_is_chosen = staff_waits and STAFF in [
            *request.GET.getlist("chosen"), *request.POST.getlist("seen"),
        ]  # fmt: skip
        if not chosen and not staff_is_chosen:
            messages.warning(request, nothing(request, page))
            return HttpResponseRedirect(self.review_url(submission.pk))
        context = {
            **self.context(request, submission, page),
            "chosen": chosen,
            "staff_waits": staff_waits,
            "staff_is_chosen": staff_is_chosen,
            "left": len(page.waiting) - len(chosen),
            "with_warnings": sum(bool(case.warnings) for case in chosen),
            "begun": begun,
            "fault": begun if begun and begun.message else None,
        }
        return TemplateResponse(
            request,
            f"admin/curricula/submission/{name}.html",
            context,
            status=422 if context["fault"] else 200,
        )

    def chosen(self, request: HttpRequest, page: Sheet) -> list[Case]:
        only = request.GET.get("only")
        if request.method == "POST" or only == "chosen":
            ticked = request.POST.getlist("seen") or request.GET.getlist("chosen")
            return [case for case in page.waiting if str(case.version.pk) in ticked]
        return page.quiet if only == "quiet" else page.waiting


def seen(request: HttpRequest) -> tuple[list[int], bool]:
    """Which curricula the sent page showed, and whether the staff figures were among what was chosen."""
    sent = request.POST.getlist("seen")
    return [int(key) for key in sent if key.isdecimal()], STAFF in sent


def nothing(request: HttpRequest, page: Sheet) -> str:
    if page.is_waiting and request.GET.get("only") == "chosen":
        return _("Nothing is chosen. Tick the curricula first, then say what to do with them.")
    return _("There is nothing left to decide here.")
