"""What every request passes first: an id for its log lines, and the refusal of what no view can answer."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.core.signals import request_finished
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from pghistory.middleware import HistoryMiddleware

from config import headers
from institutions import proving, sessions, wall
from institutions.api.problems import problem
from institutions.guessing import address_of
from institutions.models import User

log = structlog.get_logger(__name__)

REQUEST_ID = re.compile("[0-9a-f]{32}")
# Asked every few seconds by machines, and nobody looks for it in the log.
ASKED_BY_MACHINES = {"healthz", "readyz", "metrics"}


class WallMiddleware:
    """Puts every request within the wall, with no institution until it is known who asks; before all that asks the
    database. The wall lasts until the answer is closed: what is streamed is read after the middlewares.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        request_finished.connect(left, dispatch_uid="wall")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wall.leave()  # whatever the last request of this thread died of
        wall.enter()
        try:
            return self.get_response(request)
        except BaseException:  # what no handler makes an answer of, so that none is closed
            wall.leave()
            raise


def left(**_sent: Any) -> None:
    wall.leave()


class RequestIdMiddleware:
    """Gives the request a number that stands in its log lines, in the answer's headers and on the page of a failure,
    and writes one line about each.

    Behind a proxy the number is the proxy's, so that the lines of both logs are found together. The line has the name
    of the address and not the address: that may hold what somebody looked for, or what opens a door.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "") if settings.BEHIND_PROXY else ""
        request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.META["QAMTU_REQUEST_ID"] = request_id
        # Until the next request of this thread: Django logs what it refuses after all middlewares.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        queries = Queries()
        with connection.execute_wrapper(queries):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        route = request.resolver_match.view_name if request.resolver_match else ""
        log.log(
            logging.DEBUG if route in ASKED_BY_MACHINES else logging.INFO,
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            ms=round((time.perf_counter() - began) * 1000, 1),
            queries=queries.count,
            queries_ms=round(queries.seconds * 1000, 1),
        )
        return response


class Queries:
    """Counts what is asked of the database, and how long that takes."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*args)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - began


class HeadersMiddleware:
    """What every answer tells the browser besides what Django's own middlewares and the content security policy do.

    What any cache may keep any site may show, such as a chart; all else only our own pages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        said = response.headers
        is_public = "public" in said.get("Cache-Control", "")
        if "Cookie" in said.get("Vary", ""):
            said.setdefault("Cache-Control", "private, no-store")  # it depends on who asks
        said.setdefault("Permissions-Policy", headers.PERMISSIONS_POLICY)
        said.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if is_public else "same-origin")
        said.setdefault("Reporting-Endpoints", headers.REPORTING_ENDPOINTS)
        # As SecurityMiddleware says it, which says nothing where it refuses the host that was asked for.
        said.setdefault("X-Content-Type-Options", "nosniff")
        said.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        said.setdefault("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY)
        return response


class RefusalMiddleware:
    """Refuses too large a body (413) and text that PostgreSQL can't hold (400), in the reader's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.refusal(request) or self.get_response(request)

    def refusal(self, request: HttpRequest) -> HttpResponse | None:
        is_api = request.path_info.startswith("/api/")
        if settings.HTTPS and is_api and not request.is_secure():
            return problem(403, _("Ask over https."), title=_("The line can be read by others"))
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_BODY:
            limit = settings.MAX_BODY // (1024 * 1024)
            said = _("The file is too large: at most %(limit)d MB can be sent at once.") % {"limit": limit}
            return problem(413, said, title=_("The body is too large")) if is_api else plain(said, status=413)
        # The API says the same in its own way, as problem details that name the parameter.
        if not is_api and ("\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", "")):
            return plain(_("The address contains a character that nothing here is named by."), status=400)
        return None


class ProvenMiddleware(AuthenticationMiddleware):
    """Takes a session for a person only once the second factor was proved, where one is asked for, and while it is
    used: for every page, the admin and the API alike, nobody is signed in otherwise. Asked when somebody looks, like
    Django's own.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: proven(request))  # type: ignore[assignment]
        request.auser = sync_to_async(lambda: proven(request))


def proven(request: HttpRequest) -> User | AnonymousUser:
    user = get_user(request)
    if not isinstance(user, User):
        return user
    if not sessions.goes_on(request.session, user):
        request.session.flush()
        return AnonymousUser()
    if not proving.is_proven(user, request.session):
        return AnonymousUser()
    structlog.contextvars.bind_contextvars(user=user.pk)
    wall.act_for(user)
    return user


class TrailMiddleware(HistoryMiddleware):
    """Says to the trail who asks for a change, from which address, and which request it is in the log."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        where = {"address": address_of(request), "request": request.META.get("QAMTU_REQUEST_ID", "")}
        return {**super().get_context(request), **where}


def plain(message: str, *, status: int) -> HttpResponse:
    return HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
