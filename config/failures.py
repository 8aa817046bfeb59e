"""What people and programs see when the program itself fails: no details, but a number under which the log has them."""

import errno
import sys

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure
from django.views.defaults import bad_request

from curricula.views.keeping import keep_expired
from institutions.api.problems import problem

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def failed(request: HttpRequest) -> HttpResponse:
    """The page needs no database, no language and no session: any of them may be what failed.

    Where the database was restarted or has no connection left, or a disk is full, the same request may do later: 503.
    """
    known = {"request_id": request.META.get("QAMTU_REQUEST_ID", "")}
    error = sys.exc_info()[1]
    is_full = isinstance(error, OSError) and error.errno in FULL
    status = 503 if is_full or isinstance(error, OperationalError | InterfaceError) else 500
    if request.path_info.startswith("/api/"):
        answer: HttpResponse = to_program(status, known["request_id"])
    else:
        answer = HttpResponse(loader.get_template(f"{status}.html").render(known), status=status)
    answer["Cache-Control"] = "no-store"
    if status == 503:
        answer["Retry-After"] = "60"
    return answer


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django itself refuses before any view, such as a name of a host that is not ours."""
    if not request.path_info.startswith("/api/"):
        return bad_request(request, exception)
    detail = _("Nothing was saved. Go back, check what you sent and try again.")
    return problem(400, detail, title=_("The request could not be understood"))


def to_program(status: int, number: str) -> HttpResponse:
    """The same as problem details (RFC 9457), as all refusals of the API."""
    detail = _(
        "The failure is recorded under the number %(number)s. Ask again in a minute; after a write, read first what"
        " there is."
    )
    return problem(status, detail % {"number": number}, title=_("Something failed"), request=number)


def nowhere(request: HttpRequest) -> HttpResponse:
    raise Http404


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token against forgery does not fit. What was typed into a curriculum is kept for its owner."""
    return keep_expired(request) or csrf_failure(request, reason)
