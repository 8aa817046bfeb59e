"""The schema and its pages, and the answer to addresses that are none."""

import json
from functools import cache
from typing import Any

from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer2
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from reports.api.base import PublicView


@cache
def document() -> dict[str, Any]:
    """The whole API in OpenAPI, in English; made once in a process, as it depends on nothing but the code."""
    with translation.override("en"):
        made: dict[str, Any] = SchemaGenerator().get_schema(public=True)
        # Some words of it are still to be translated, and would be by whoever asks first.
        return json.loads(json.dumps(made, cls=JSONEncoder))


class Schema(PublicView):
    """What the API understands and answers, for programs."""

    renderer_classes = (OpenApiYamlRenderer2, OpenApiJsonRenderer2)
    schema = None

    def get(self, request: Request) -> Response:
        return Response(document())


class Docs(SpectacularSwaggerSplitView):
    """The schema for people to read and try; all that it needs comes from this site, under the strict policy."""

    authentication_classes = ()
    permission_classes = ()
    url_name = "api-schema"
    title = "Qamtu API"


class Unknown(PublicView):
    """Whatever else is asked for; an address that only lacks its slash leads on, with its method and body."""

    schema = None
    http_method_names = ["get", "head", "options", "post", "put", "patch", "delete"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not request.path.endswith("/"):
            try:
                found = resolve(f"{request.path_info}/")
            except Resolver404:
                found = None
            if found is not None and found.url_name != "api-unknown":
                where = request.get_full_path(force_append_slash=True)
                return HttpResponsePermanentRedirect(where, preserve_request=True)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: Request) -> HttpResponse:
        raise Http404

    post = put = patch = delete = get
