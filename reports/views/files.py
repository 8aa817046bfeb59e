"""Handing out the files of a release."""

import base64
import hashlib
import re

from csp.decorators import csp
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_safe

from reports import charts, figures, files, tables
from reports.models import Coverage, Release, ReleaseFile

# A drawing opened by itself has one style sheet, its typeface, and needs nothing else.
TYPEFACE = re.search("<style>(.*)</style>", charts.standalone("<svg></svg>"), re.DOTALL)
assert TYPEFACE is not None  # noqa: S101
TYPEFACE_HASH = base64.b64encode(hashlib.sha256(TYPEFACE[1].encode()).digest()).decode()
POLICY = {
    "default-src": ["'none'"],
    "style-src": [f"'sha256-{TYPEFACE_HASH}'"],
    "font-src": ["data:"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
}
LARGEST_NUMBER = 2**31 - 1


def etag(request: HttpRequest, number: int, name: str) -> str | None:
    found = stored(number, name).values_list("sha256", flat=True).first()
    return f'"{found}"' if found else None


def stored(number: int, name: str) -> QuerySet[ReleaseFile]:
    """The file of a published release, in the reader's language where it has one; at most one row."""
    if number > LARGEST_NUMBER or "\x00" in name:
        return ReleaseFile.objects.none()
    published = Release.objects.published().filter(number=number)
    return ReleaseFile.objects.filter(
        release__in=published, name=name, language__in=("", get_language() or "")
    )


@require_safe
@gzip_page
@csp(POLICY)  # type: ignore[arg-type]
@condition(etag_func=etag)
def file(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """A file for good: tables to keep, drawings to look at."""
    found = stored(number, name).first()
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    place = "inline" if found.media_type.startswith("image/") else "attachment"
    language = f"-{found.language}" if found.language else ""
    stem, _dot, ending = name.rpartition(".")
    response["Content-Disposition"] = f'{place}; filename="qamtu-{number}-{stem}{language}.{ending}"'
    return for_good(response)


@require_safe
@gzip_page
def table(request: HttpRequest, number: int, dimension: str) -> HttpResponse:
    """The coverage of one dimension of a release as CSV, in the columns of its files and of the API."""
    if dimension not in figures.SINGLE or number > LARGEST_NUMBER:
        raise Http404
    release = get_object_or_404(Release.objects.published(), number=number)
    rows = Coverage.objects.filter(snapshot=release.snapshot_id, dimension=dimension)
    content = files.csv_file(
        tables.COVERAGE, rows.order_by("requirement__code", "requirement__number", "key")
    )
    response = HttpResponse(content, content_type=files.CSV)
    response["Content-Disposition"] = f'attachment; filename="qamtu-{number}-{dimension}.csv"'
    return for_good(response)


def for_good(response: HttpResponse) -> HttpResponse:
    """What never changes may be kept for a year."""
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
