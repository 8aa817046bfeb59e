"""The API: what anyone may read, what an institution's own programs do with a key, the schema, and all the rest."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from reports.api import serving

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include("reports.api.urls")),
    path("v1/own/", include("curricula.api.urls")),
    path("v1/schema/", serving.Schema.as_view(), name="api-schema"),
    path("docs/", serving.Docs.as_view(), name="api-docs"),
    re_path("", serving.Unknown.as_view(), name="api-unknown"),
]
