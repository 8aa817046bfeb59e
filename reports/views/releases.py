"""All releases, the methodology, and what can be taken away."""

import csv
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from curricula.models.versions import AICategory, Component
from reports import figures
from reports.models import Coverage, ReferenceValue, Release, ReleaseFile, Requirement
from reports.views.released import page, released

COLUMNS = (
    "release", "period", "requirement", "dimension", "key", "in_scope", "met", "not_met", "no_data", "exempt",
    "share", "share_of_reported",
)  # fmt: skip


@released
def listing(request: HttpRequest, newest: Release) -> HttpResponse:
    releases = list(Release.objects.published().select_related("snapshot__period", "corrects"))
    nation: dict[int, figures.Counts] = {}
    for row in Coverage.objects.filter(
        snapshot__in=[release.snapshot_id for release in releases], dimension="nation"
    ).order_by("requirement__code", "requirement__number"):
        nation.setdefault(row.snapshot_id, figures.Counts.of(row))
    context = {
        "rows": [(release, nation.get(release.snapshot_id, figures.Counts())) for release in releases],
        "newest": newest,
    }
    return page(request, "reports/release_list.html", newest, context)


@released
def methodology(request: HttpRequest, release: Release) -> HttpResponse:
    edition = figures.edition(release, ())
    rules = Requirement.objects.filter(
        pk__in=Coverage.objects.filter(snapshot=release.snapshot_id).values("requirement")
    ).select_related("mandate")
    context = {
        "edition": edition,
        "rules": [
            (
                rule,
                [AICategory(value).label for value in rule.categories],
                [Component(value).label for value in rule.components],
            )
            for rule in rules
        ],
        "plan": figures.targets(edition.requirement),
        "statements": ReferenceValue.objects.all(),
        "text": f"reports/methodology/{release.snapshot.methodology_version}/{(get_language() or 'kk')[:2]}.html",
    }
    return page(request, "reports/methodology.html", release, context)


@released
def downloads(request: HttpRequest, release: Release) -> HttpResponse:
    context = {
        "files": release.files.defer("content").order_by("name", "language"),
        "dimensions": figures.SINGLE,
        "columns": COLUMNS,
    }
    return page(request, "reports/downloads.html", release, context)


@require_safe
def table(request: HttpRequest, number: int, dimension: str) -> HttpResponse:
    """The coverage of one dimension as CSV, in the columns of the API."""
    release = _published(number)
    if dimension not in figures.SINGLE:
        raise Http404
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="qamtu-{number}-{dimension}.csv"'
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    rows = Coverage.objects.filter(snapshot=release.snapshot_id, dimension=dimension).select_related(
        "requirement"
    )
    for row in rows.order_by("requirement__code", "key"):
        counts = figures.Counts.of(row)
        about = (number, release.snapshot.period.code, row.requirement.code, dimension, row.key)
        held = (counts.in_scope, counts.met, counts.not_met, counts.no_data, counts.exempt)
        writer.writerow((*about, *held, six_places(counts.share), six_places(counts.share_of_reported)))
    return _for_good(response)


@require_safe
def file(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """A file that was made with the release, in the reader's language where it has one."""
    release = _published(number)
    found = get_object_or_404(ReleaseFile, release=release, name=name, language__in=("", get_language()))
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    response["Content-Disposition"] = f'attachment; filename="qamtu-{number}-{name}"'
    response["ETag"] = f'"{found.sha256}"'
    return _for_good(response)


def six_places(share: Fraction | None) -> str:
    """A share as files and the API have it: six places, half to even; nothing where there is none."""
    if share is None:
        return ""
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    return str(exact.quantize(Decimal("0.000001"), rounding=ROUND_HALF_EVEN))


def _published(number: int) -> Release:
    return get_object_or_404(Release.objects.published().select_related("snapshot__period"), number=number)


def _for_good(response: HttpResponse) -> HttpResponse:
    """What never changes may be kept for a year."""
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
