"""What every address of an API does alike. `ApiView` is under both; `KeyView` under all that needs a key.

A view of an institution's own derives from `KeyView`, and has then, in its methods, `self.key`, `self.institution` and
`self.person` (who made the key and answers for it; the `by` of every step). Every query starts from `self.institution`;
what belongs to another is 404. A step's `Refused` becomes 422 by itself.
"""

from functools import partial
from io import BytesIO
from typing import Any, NoReturn

import pghistory
import structlog
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from prometheus_client import Counter
from rest_framework import exceptions
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from institutions import wall
from institutions.api.bearing import Bearer, HasScope, challenge
from institutions.api.deprecations import Deprecation
from institutions.api.languages import spoken
from institutions.api.parsing import StrictJSON
from institutions.api.problems import TITLES, Problem, answer, fault_at
from institutions.api.repeating import once
from institutions.api.throttles import ByAddress, ByKey
from institutions.errors import Refused
from institutions.models import ApiKey, Institution, User
from institutions.strict_json import printable

Scope = ApiKey.Scope

KEY_TITLES: dict[int, Any] = {
    **TITLES,
    400: gettext_lazy("The request can't be read"),
    401: gettext_lazy("A key is needed"),
    403: gettext_lazy("The key does not reach so far"),
    404: gettext_lazy("There is no such thing at this institution"),
    405: gettext_lazy("This address does not take this method"),
    409: gettext_lazy("The same is under way already"),
    412: gettext_lazy("It was changed meanwhile"),
    413: gettext_lazy("The body is too large"),
    415: gettext_lazy("The body has a form that is not understood"),
    422: gettext_lazy("The request can't be carried out as it is"),
    428: gettext_lazy("Say which state you have read"),
    503: gettext_lazy("The database does not answer at the moment"),
}


THROTTLED = Counter("qamtu_throttled_total", "Questions to the API that came too often and were refused.")


# What is not the request's fault: the same may be taken in a minute.
LATER = {"no_room", "no_scanner"}


class ApiView(GenericAPIView[Any]):
    """Answers in the language of the header `Accept-Language`, and says what is wrong as problem details."""

    titles = TITLES
    deprecation: Deprecation | None = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        # By the header alone: a language cookie of the pages must not decide what shared caches keep.
        translation.activate(spoken(request.META.get("HTTP_ACCEPT_LANGUAGE", "")))
        return super().dispatch(request, *args, **kwargs)

    def throttled(self, request: Request, wait: float | None) -> NoReturn:
        THROTTLED.inc()
        raise exceptions.Throttled(wait)

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]
        return answer(exc, self.titles) or super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if self.deprecation is not None:
            self.deprecation.tell(response)
        return response


class KeyView(ApiView):
    """An address for the programs of one institution, which say by `Authorization: Bearer` whose they are."""

    authentication_classes = (Bearer,)
    permission_classes = (HasScope,)
    throttle_classes = (ByKey,)
    parser_classes = (StrictJSON,)
    renderer_classes = (JSONRenderer,)
    titles = KEY_TITLES

    # Which scope each method asks for; a view may ask for another.
    scopes = {
        "GET": Scope.READ,
        "HEAD": Scope.READ,
        "OPTIONS": Scope.READ,
        "PUT": Scope.WRITE,
        "POST": Scope.WRITE,
        "PATCH": Scope.WRITE,
        "DELETE": Scope.WRITE,
    }

    largest_body = 1024 * 1024  # bytes
    unpacks = False  # whether it takes bodies that their sender compressed

    key: ApiKey
    institution: Institution
    person: User

    def perform_authentication(self, request: Request) -> None:
        """Whoever guesses is braked before the database is asked."""
        self._brake(request, ByAddress())
        super().perform_authentication(request)
        if not isinstance(request.auth, ApiKey):
            raise exceptions.NotAuthenticated
        self.key, self.person = request.auth, request.auth.made_by
        self.institution = self.key.institution
        structlog.contextvars.bind_contextvars(
            key=self.key.pk, user=self.person.pk, institution=self.institution.pk
        )
        wall.enter([self.institution.pk])
        pghistory.context(user=self.person.pk, key=self.key.label)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Every write is one transaction, and done once however often it is sent (see `once`)."""
        super().initial(request, *args, **kwargs)
        if any(printable(value) != value for value in kwargs.values() if isinstance(value, str)):
            raise Http404
        self._read_body(request._request)
        name = str(request.method).lower()
        if request.method not in SAFE_METHODS and hasattr(self, name):
            write = getattr(self, name)
            setattr(
                self, name, lambda *given, **named: once(request, self.key, partial(write, *given, **named))
            )

    def _read_body(self, request: HttpRequest) -> None:
        """At once, and no more of it than the view takes: Django's own limit is one for all addresses."""
        if not self.unpacks and request.headers.get("Content-Encoding", "identity").lower() != "identity":
            told = _("Send the body as %(types)s.") % {"types": self._types(self.parser_classes)}
            raise Problem(415, told, code="coding")
        if "CONTENT_LENGTH" not in request.META and request.META.get("wsgi.input_terminated"):
            # It comes in pieces, and says itself where it ends. Django would take it for an empty one.
            pieces = request.META["wsgi.input"].read(self.largest_body + 1)
            request.META["CONTENT_LENGTH"], request._stream = str(len(pieces)), BytesIO(pieces)
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.largest_body:
            raise Problem(
                413,
                _("The body is too large: at most %(limit)d KB are taken here.")
                % {"limit": self.largest_body // 1024},
                code="too_large",
            )
        request._body = request.read()

    def _brake(self, request: Request, throttle: BaseThrottle) -> None:
        if not throttle.allow_request(request, self):
            self.throttled(request, throttle.wait() or 0)

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]
        return super().handle_exception(self.as_problem(exc))

    def as_problem(self, exc: Exception) -> Exception:
        """What the framework and the steps raise, in the words of this API."""
        if isinstance(exc, Refused):
            return refused(exc)
        if isinstance(exc, exceptions.NotAuthenticated):
            return challenge(_("Send the header “Authorization: Bearer” with a key of your institution."))
        if isinstance(exc, exceptions.MethodNotAllowed):
            allowed = ", ".join(self.allowed_methods)
            return Problem(405, _("Ask by %(allowed)s.") % {"allowed": allowed}, headers={"Allow": allowed})
        if isinstance(exc, exceptions.NotAcceptable):
            return Problem(406, _("Accept %(types)s.") % {"types": self._types(self.renderer_classes)})
        if isinstance(exc, exceptions.UnsupportedMediaType):
            return Problem(
                415, _("Send the body as %(types)s.") % {"types": self._types(self.parser_classes)}
            )
        if isinstance(exc, exceptions.Throttled):
            seconds = int(getattr(exc, "wait", None) or 0) + 1
            return Problem(
                429,
                _("Ask again in %(seconds)d s.") % {"seconds": seconds},
                headers={"Retry-After": str(seconds)},
            )
        return exc

    def _types(self, classes: Any) -> str:
        return ", ".join(str(one.media_type) for one in classes)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ["Accept", "Accept-Language", "Authorization"])
        return response


def refused(refusal: Refused) -> Problem:
    """What a step says when it refuses: the member at fault, where it is one."""
    sentence = str(refusal)
    if refusal.code in LATER:
        title, headers = _("It can't be changed now"), {"Retry-After": "60"}
        return Problem(503, sentence, title=title, code=refusal.code, headers=headers)
    faults = [fault_at(f"/{refusal.field}", sentence, code=refusal.code)] if refusal.field else []
    return Problem(422, sentence, code=refusal.code, faults=faults)
