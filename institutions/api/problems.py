"""Errors as RFC 9457 problem details, in the caller's language: what is wrong, where, and what would be right."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.forms import BaseForm
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status

log = structlog.get_logger(__name__)

# How the public API calls them; institutions' own puts some in other words (see `institutions.api.base`).
TITLES: dict[int, Any] = {
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


def fault_at(pointer: str, message: str, allowed: Iterable[str] = (), **more: Any) -> dict[str, Any]:
    """A member of the body that can't be taken, by its JSON pointer (RFC 6901): /lines/3/credits; empty for all."""
    fault: dict[str, Any] = {"pointer": pointer, "message": message}
    if allowed := list(allowed):
        fault["allowed"] = allowed
    return fault | more


def refusals_of(form: BaseForm) -> Iterator[tuple[str, str, list[str]]]:
    """What a form refuses: the field, a sentence with the remedy, and what may stand there, where that is a list."""
    for name, errors in form.errors.as_data().items():
        choices = getattr(form.fields.get(name), "choices", ())
        allowed = [str(value) for value, _label in choices if value]
        for error in errors:
            sentence = " ".join(error.messages)
            if allowed and error.code == "invalid_choice":
                told = {"value": (error.params or {}).get("value", ""), "allowed": ", ".join(allowed)}
                sentence = _("“%(value)s” is not among the values here. Write one of: %(allowed)s.") % told
            yield name, sentence, allowed


class Problem(exceptions.APIException):
    """A refusal, raised anywhere below a view: status and a sentence with the remedy.

    `title` stands for the status' own; `faults` become `errors`; `headers` go along, and `more` into the body, such as
    what there is now where somebody was faster. `code` is stable, for programs.
    """

    def __init__(
        self,
        status_code: int,
        detail: str,
        *,
        title: str = "",
        code: str = "",
        faults: Iterable[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status_code = status_code
        self.sentence, self.title, self.code = detail, title, code
        self.faults, self.headers, self.more = list(faults), dict(headers or {}), dict(more or {})


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


def problem(
    status_code: int,
    detail: str,
    faults: Iterable[Mapping[str, Any]] = (),
    *,
    title: str = "",
    **more: Any,
) -> JsonResponse:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(title or TITLES[status_code]),
        "status": status_code,
        "detail": detail,
        **more,
    }
    if faults := list(faults):
        body["errors"] = faults
    response = JsonResponse(
        body, status=status_code, content_type=MEDIA_TYPE, json_dumps_params={"ensure_ascii": False}
    )
    response["Cache-Control"] = "no-store"
    return response


def answer(error: Exception, titles: Mapping[int, Any] = TITLES) -> JsonResponse | None:
    """The problem that an exception amounts to; None for what is a fault of ours."""
    if isinstance(error, Problem):
        return told(error, titles)
    if isinstance(error, BadParameters):
        return problem(400, " ".join(fault["message"] for fault in error.faults), error.faults)
    if isinstance(error, NotPublished):
        return problem(404, error.message)
    if isinstance(error, Http404 | PermissionDenied | exceptions.NotFound):
        return problem(404, _("Begin at /api/v1/, which lists every address."), title=titles[404])
    if isinstance(error, exceptions.MethodNotAllowed):
        return problem(405, _("Ask by GET, HEAD or OPTIONS."))
    if isinstance(error, exceptions.Throttled):
        return too_many(error)
    if isinstance(error, OperationalError | InterfaceError):
        log.error("the database does not answer", error=str(error))
        response = problem(503, _("Ask again in a minute."), title=titles[503])
        response["Retry-After"] = "60"
        return response
    return None


def told(error: Problem, titles: Mapping[int, Any]) -> JsonResponse:
    more = {**({"code": error.code} if error.code else {}), **error.more}
    title = error.title or titles[error.status_code]
    response = problem(error.status_code, error.sentence, error.faults, title=title, **more)
    for name, value in error.headers.items():
        response[name] = value
    return response


def too_many(error: exceptions.Throttled) -> JsonResponse:
    seconds = int(getattr(error, "wait", None) or 0) + 1
    response = problem(
        429,
        _("Ask again in %(seconds)d s. Whole tables are among the files of each release.")
        % {"seconds": seconds},
    )
    response["Retry-After"] = str(seconds)
    return response
