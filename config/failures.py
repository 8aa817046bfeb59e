"""What people see when the program itself fails: no details, but a number under which the log has them."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader
from django.views.csrf import csrf_failure

from curricula.views.keeping import keep_expired


def failed(request: HttpRequest) -> HttpResponseServerError:
    """The page needs no database, no language and no session: any of them may be what failed."""
    page = loader.get_template("500.html").render({"request_id": request.META.get("QAMTU_REQUEST_ID", "")})
    return HttpResponseServerError(page)


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token against forgery does not fit. What was typed into a curriculum is kept for its owner."""
    return keep_expired(request) or csrf_failure(request, reason)
