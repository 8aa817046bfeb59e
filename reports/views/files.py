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
from reports.files import filling
from reports.models import Coverage, Release, ReleaseFile
from reports.views.released import program

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
    stem, _dot, ending = name.partition(".")
    own = stem if stem.startswith("qamtu-") else f"qamtu-{number}-{stem}"
    response["Content-Disposition"] = f'{place}; filename="{own}{language}.{ending}"'
    return for_good(response)


def table_etag(request: HttpRequest, number: int, dimension: str, ending: str = "csv") -> str:
    """What a release holds never changes; how it is written may, with the program."""
    return f'"{number}-{dimension}-{ending}-{program()[:16]}"'


@require_safe
@gzip_page
@condition(etag_func=table_etag)
def table(request: HttpRequest, number: int, dimension: str, ending: str = "csv") -> HttpResponse:
    """The coverage of one dimension of a release, in the columns of its files and of the API."""
    if dimension not in figures.SINGLE or ending not in files.FORMATS or number > LARGEST_NUMBER:
        raise Http404
    release = get_object_or_404(Release.objects.published().select_related("snapshot__period"), number=number)
    rows = Coverage.objects.filter(snapshot=release.snapshot_id, dimension=dimension)
    filled = filling.of_snapshots(tables.COVERAGE, rows, "requirement", "dimension", "key")
    media_type, write = files.FORMATS[ending]
    response = HttpResponse(write(release, filled), content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="qamtu-{number}-{dimension}.{ending}"'
    return for_good(response)


def for_good(response: HttpResponse) -> HttpResponse:
    """What never changes may be kept for a year."""
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
