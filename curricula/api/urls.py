"""What stands under /api/v1/own/."""

from django.urls import URLPattern, path

from curricula.api import index

urlpatterns: list[URLPattern] = [
    path("", index.Own.as_view(), name="api-own"),
]
