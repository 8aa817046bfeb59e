"""What public pages are measured against: a Django with nothing before an empty view, and a page as most would make it.

The page asks the database and renders its template for every visitor: each university with its region and its coverage.
Neither way passes a middleware.
"""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ["QAMTU_PROCESS"] = "web"

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__
application = get_wsgi_application()

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Universities</title></head><body>
<h1>Release {{ release.number }}</h1><table>{% for institution, row in rows %}
<tr><td><a href="/institutions/{{ institution.code }}/">{{ institution.name_en }}</a></td>
<td>{{ institution.region.name_en }}</td><td>{{ institution.get_kind_display }}</td>
<td>{{ row.met }}</td><td>{{ row.not_met }}</td><td>{{ row.no_data }}</td></tr>{% endfor %}
</table></body></html>"""
template = engines["django"].from_string(PAGE)


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def word(request: HttpRequest) -> HttpResponse:
    """The least that can be painted."""
    return HttpResponse('<!doctype html><html lang="en"><title>Word</title><body><p>Word</p></body></html>')


def listing(request: HttpRequest) -> HttpResponse:
    from institutions.models import Institution
    from reports.models import Coverage, Release

    release = Release.objects.newest()
    assert release is not None
    rows = Coverage.objects.filter(snapshot=release.snapshot_id, dimension="institution")
    by_code = {row.key: row for row in rows}
    found = [(one, by_code.get(one.code)) for one in Institution.objects.select_related("region")]
    context = {"release": release, "rows": found}
    return HttpResponse(template.render(context, request))


urlpatterns = [path("", empty), path("word/", word), path("listing/", listing)]
