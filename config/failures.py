"""What people see when the program itself fails: no details, but a number under which the log has them."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader
from django.views.csrf import csrf_failure

from curricula.views.keeping import keep_expired


def failed(request: HttpRequest) -> HttpResponse:
    """The page needs no database, no language and no session: any of them may be what failed.

    Where the database was restarted, is full or has no connection left, the same request may do in a minute: 503.
    """
    known = {"request_id": request.META.get("QAMTU_REQUEST_ID", "")}
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return HttpResponseServerError(loader.get_template("500.html").render(known))
    page = loader.get_template("503.html").render(known)
    return HttpResponse(page, status=503, headers={"Retry-After": "60", "Cache-Control": "no-store"})


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token against forgery does not fit. What was typed into a curriculum is kept for its owner."""
    return keep_expired(request) or csrf_failure(request, reason)
