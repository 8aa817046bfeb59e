"""What people see when the program itself fails: no details, but a number under which the log has them."""

import errno
import sys

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader
from django.views.csrf import csrf_failure

from curricula.views.keeping import keep_expired

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def failed(request: HttpRequest) -> HttpResponse:
    """The page needs no database, no language and no session: any of them may be what failed.

    Where the database was restarted or has no connection left, or a disk is full, the same request may do later: 503.
    """
    known = {"request_id": request.META.get("QAMTU_REQUEST_ID", "")}
    error = sys.exc_info()[1]
    is_full = isinstance(error, OSError) and error.errno in FULL
    if not is_full and not isinstance(error, OperationalError | InterfaceError):
        return HttpResponseServerError(loader.get_template("500.html").render(known))
    page = loader.get_template("503.html").render(known)
    return HttpResponse(page, status=503, headers={"Retry-After": "60", "Cache-Control": "no-store"})


def nowhere(request: HttpRequest) -> HttpResponse:
    raise Http404


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token against forgery does not fit. What was typed into a curriculum is kept for its owner."""
    return keep_expired(request) or csrf_failure(request, reason)
