"""What every address of the API does alike: who may ask how often, in which language and format, and what is new."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import http_date
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from institutions.api.base import ApiView
from institutions.api.listing import check_parameters
from institutions.api.problems import BadParameters, Fault, Problem
from institutions.api.throttles import ByAddress
from reports.api.renderers import CSVRenderer, JSONRenderer, XLSXRenderer
from reports.api.shelf import FRESH_SECONDS, Shelf, current
from reports.views.released import program

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Disposition, Content-Language, Deprecation, ETag, Last-Modified, Link, "
    "Qamtu-Data, Retry-After, Sunset",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, If-Modified-Since, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class PublicView(ApiView):
    """Anyone may read; answers are the same for all, so no session is looked at and any cache may keep them."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = ()
    throttle_classes = (ByAddress,)
    renderer_classes: Sequence[type[BaseRenderer]] = (JSONRenderer, CSVRenderer, XLSXRenderer)
    http_method_names = ["get", "head", "options"]

    parameters: tuple[str, ...] = ("format",)  # what an address understands; each may be given once,
    several: tuple[str, ...] = ()  # save these
    is_of_one_release = False  # whether `release` can't be `all`
    keeps_names = True  # whether an answer holds names, which may be edited after the release

    shelf: Shelf | None = None
    tag: str | None = None  # of the answer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.check_parameters(request)
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]
        if isinstance(exc, exceptions.NotAcceptable):
            types = ", ".join(renderer.media_type for renderer in self.renderer_classes)
            formats = ", ".join(renderer.format for renderer in self.renderer_classes)
            told = _("Accept one of %(types)s, or add the parameter format with one of %(formats)s.")
            exc = Problem(406, told % {"types": types, "formats": formats})
        return super().handle_exception(exc)

    def check_parameters(self, request: Request) -> None:
        asked = check_parameters(request, self.parameters, self.several)
        formats = [renderer.format for renderer in self.renderer_classes]
        if asked.get("format", formats[0]) not in formats:
            told = _("format: write one of %(known)s.") % {"known": ", ".join(formats)}
            raise BadParameters(Fault("format", told, formats))
        if self.is_of_one_release and asked.get("release") == "all":
            raise BadParameters(Fault("release", _("release: write the number of one release.")))

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return HttpResponse(status=204, headers=PREFLIGHT)

    def unchanged(self, request: Request) -> HttpResponse | None:
        """304 if what the caller holds is still what we would say; at most one query."""
        self.shelf = current()
        self.tag = self.etag(request, self.shelf)
        modified = self.shelf.changed_at
        answer = get_conditional_response(
            request._request,
            etag=self.tag,
            last_modified=int(modified.timestamp()) if modified and not self.keeps_names else None,
        )
        assert answer is None or isinstance(answer, HttpResponse)  # noqa: S101
        return answer

    def etag(self, request: Request, shelf: Shelf) -> str | None:
        """Weak, as a proxy may compress. None where nothing is published: then the content decides."""
        if not shelf.releases:
            return None
        known = [
            shelf.state,
            shelf.edits if self.keeps_names else (),
            request.get_full_path(),
            request.get_host(),
            request.accepted_renderer.format,
            translation.get_language(),
            program(),
        ]
        return f'W/"{hashlib.sha256(repr(known).encode()).hexdigest()[:32]}"'

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in CORS.items():
            response[name] = value
        if response.status_code in (200, 304):
            if self.shelf is None:  # it depends on the program alone
                patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
            else:
                patch_cache_control(response, public=True)
                response["Expires"] = self.shelf.expires
            patch_vary_headers(response, ["Accept", "Accept-Language"])
            if self.shelf is not None and self.tag:
                response["ETag"] = self.tag
                if not self.keeps_names and self.shelf.changed_at:
                    response["Last-Modified"] = http_date(self.shelf.changed_at.timestamp())
        return response
