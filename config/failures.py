"""What people see when the program itself fails: no details, but a number under which the log has them."""

from django.http import HttpRequest, HttpResponseServerError
from django.template import loader


def failed(request: HttpRequest) -> HttpResponseServerError:
    """The page needs no database, no language and no session: any of them may be what failed."""
    page = loader.get_template("500.html").render({"request_id": request.META.get("QAMTU_REQUEST_ID", "")})
    return HttpResponseServerError(page)
