"""What pages and lists are measured against: a Django with nothing before an empty view, and both as most make them.

The page asks the database and renders its template for every visitor: each university with its region and its coverage.
A list is made once by the database alone (`json_agg`) and once by a `ModelSerializer`; a whole table by a cursor and
the csv module. None of them passes a middleware.
"""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ["QAMTU_PROCESS"] = "web"

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
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


def aggregated(request: HttpRequest, table: str) -> HttpResponse:
    """The rows of a list, made by PostgreSQL and handed on."""
    from django.db import connection

    from tests.load.lists import STATEMENTS

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT json_agg(one)::text FROM ({STATEMENTS[table]} LIMIT 100) AS one")
        (rows,) = cursor.fetchone()
    return HttpResponse(rows, content_type="application/json")


def serialized(request: HttpRequest, table: str) -> HttpResponse:
    from tests.load.lists import VIEWS

    answer: HttpResponse = VIEWS[table].as_view()(request)
    return answer


def written(request: HttpRequest, table: str) -> StreamingHttpResponse:
    from tests.load.lists import lines

    return StreamingHttpResponse(lines(), content_type="text/csv")


urlpatterns = [
    path("", empty),
    path("word/", word),
    path("listing/", listing),
    path("aggregated/<slug:table>/", aggregated),
    path("serialized/<slug:table>/", serialized),
    path("written/<slug:table>/", written),
]
