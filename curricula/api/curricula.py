"""Curricula as documents: read, and put in the place of a draft."""

from typing import Any

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from curricula.api import describing_curricula as describing
from curricula.api.asking import condition_of, flag, told
from curricula.documents.replacing import Changed, Faulty, NotNow, Unread, replace
from curricula.documents.showing import Shown, present
from curricula.models import Period, Programme
from institutions.api.base import KeyView
from institutions.api.conditions import changed
from institutions.api.listing import check_parameters
from institutions.api.problems import Problem


class Curriculum(KeyView):
    """The curriculum of one programme in one period."""

    largest_body = 4 * 1024 * 1024  # 300 lines with all that their disciplines may say of themselves

    @describing.GET
    def get(self, request: Request, period: str, programme: str) -> Any:
        check_parameters(request, ())
        year, subject = self._place(period, programme)
        shown = present(programme=subject, period=year)
        if shown is None:
            raise Problem(
                404,
                _("%(programme)s has no curriculum in %(period)s yet. Put one here.")
                % {"programme": subject.code, "period": year.name},
                code="not_begun",
            )
        unchanged = get_conditional_response(request._request, etag=shown.etag)
        if isinstance(unchanged, HttpResponse):
            unchanged["ETag"] = shown.etag
            return unchanged
        return answer(shown)

    @describing.PUT
    def put(self, request: Request, period: str, programme: str) -> Response:
        dry_run = flag(check_parameters(request, ("dry_run",)), "dry_run")
        year, subject = self._place(period, programme)
        try:
            replaced = replace(
                programme=subject,
                period=year,
                document=request.data,
                by=self.person,
                condition=condition_of(request),
                dry_run=dry_run,
            )
        except (Faulty, NotNow, Changed, Unread) as refusal:
            raise problem_of(refusal) from refusal
        if dry_run:
            return Response({"dry_run": True, **replaced.as_json()})
        assert replaced.current is not None  # noqa: S101 - there is what was saved
        return answer(replaced.current, status=201 if replaced.outcome == "added" else 200)

    def _place(self, period: str, programme: str) -> tuple[Period, Programme]:
        """Of the key's institution, whatever others have of the same code."""
        year = Period.objects.filter(code=period).first()
        mine = Programme.objects.filter(institution=self.institution).select_related("institution")
        subject = mine.filter(code=programme).first()
        if year is None or subject is None:
            raise Problem(404, _("There is no such period, or no such programme of your institution."))
        return year, subject


def answer(shown: Shown, status: int = 200) -> Response:
    return Response(shown.document, status=status, headers={"ETag": shown.etag})


def problem_of(refusal: Faulty | NotNow | Changed | Unread) -> Problem:
    """409, 412, 422 or 428, with what there is now or what is wrong."""
    sentence = str(refusal)
    match refusal:
        case Faulty(faults=faults):
            return Problem(422, sentence, code=refusal.code, faults=map(told, faults))
        case NotNow():
            return Problem(409, sentence, title=_("It can't be changed now"), code=refusal.code)
        case Unread():
            return Problem(428, sentence, code=refusal.code)
    if refusal.current is None:
        return Problem(412, _("There is nothing here yet. Leave If-Match out to make it."), code="not_there")
    return changed(refusal.current.etag, refusal.current.document)
