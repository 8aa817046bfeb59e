"""Errors as RFC 9457 problem details, in the caller's language: what is wrong, where, and what would be right."""

from collections.abc import Iterable
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status

log = structlog.get_logger(__name__)

TITLES = {
    400: gettext_lazy("A parameter can't be read"),
    404: gettext_lazy("Nothing is published at this address"),
    405: gettext_lazy("This address can only be read"),
    406: gettext_lazy("The answer can't be given in this format"),
    429: gettext_lazy("Too many requests"),
    503: gettext_lazy("The figures can't be read at the moment"),
}
MEDIA_TYPE = "application/problem+json"


class Fault(dict[str, Any]):
    """A parameter that can't be read: its name, a sentence with the remedy, and what is allowed if that is a list."""

    def __init__(self, parameter: str, message: str, allowed: Iterable[str] = ()) -> None:
        super().__init__(parameter=parameter, message=message)
        if allowed := list(allowed):
            self["allowed"] = allowed


class BadParameters(exceptions.APIException):
    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self.faults = faults


class NotPublished(exceptions.APIException):
    """What is not there and what is not public yet are answered alike."""

    status_code = status.HTTP_404_NOT_FOUND

    def __init__(self, message: str) -> None:
        super().__init__()
        self.message = message


def problem(code: int, detail: str, faults: Iterable[Fault] = ()) -> JsonResponse:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(TITLES[code]),
        "status": code,
        "detail": detail,
    }
    if faults := list(faults):
        body["errors"] = faults
    response = JsonResponse(
        body, status=code, content_type=MEDIA_TYPE, json_dumps_params={"ensure_ascii": False}
    )
    response["Cache-Control"] = "no-store"
    return response


def answer(error: Exception) -> JsonResponse | None:
    """The problem that an exception amounts to; None for what is a fault of ours."""
    if isinstance(error, BadParameters):
        return problem(400, " ".join(fault["message"] for fault in error.faults), error.faults)
    if isinstance(error, NotPublished):
        return problem(404, error.message)
    if isinstance(error, Http404 | PermissionDenied | exceptions.NotFound):
        return problem(404, _("Begin at /api/v1/, which lists every address."))
    if isinstance(error, exceptions.MethodNotAllowed):
        return problem(405, _("Ask by GET, HEAD or OPTIONS."))
    if isinstance(error, exceptions.NotAcceptable):
        return problem(406, _("Accept application/json or text/csv, or add ?format=json or ?format=csv."))
    if isinstance(error, exceptions.Throttled):
        return too_many(error)
    if isinstance(error, OperationalError):
        log.error("the database does not answer", error=str(error))
        response = problem(503, _("Ask again in a minute."))
        response["Retry-After"] = "60"
        return response
    return None


def too_many(error: exceptions.Throttled) -> JsonResponse:
    seconds = int(getattr(error, "wait", None) or 0) + 1
    response = problem(
        429,
        _("Ask again in %(seconds)d s. Whole tables are among the files of each release.")
        % {"seconds": seconds},
    )
    response["Retry-After"] = str(seconds)
    return response
