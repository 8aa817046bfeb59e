"""The list of all public pages for search engines: an index, and a file for each kind of page."""

from django.contrib.sitemaps import views
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from reports.sitemaps import sitemaps


@require_safe
@gzip_page
@cache_control(public=True, max_age=3600)
def index(request: HttpRequest) -> HttpResponse:
    return by_content(views.index(request, sitemaps(), sitemap_url_name="sitemap-section"))


@require_safe
@gzip_page
@cache_control(public=True, max_age=3600)
def section(request: HttpRequest, section: str) -> HttpResponse:
    return by_content(views.sitemap(request, sitemaps(), section))


def by_content(response: HttpResponse) -> HttpResponse:
    """Whether a copy is good is told by its content alone: a university may come between two releases."""
    response.headers.pop("Last-Modified", None)
    return response
