"""All releases, the methodology, and what can be taken away."""

from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from curricula.models import AICategory, Component
from reports import citing, describing, figures, offering
from reports.files.filling import PUBLISHED
from reports.guidance import DIMENSIONS
from reports.guidance import TABLES as GUIDES
from reports.metadata import METADATA
from reports.models import Coverage, ReferenceValue, Release, Requirement
from reports.views.released import page, released


@released
def listing(request: HttpRequest, newest: Release) -> HttpResponse:
    releases = list(Release.objects.published().select_related("snapshot__period", "corrects"))
    nation = figures.nations(releases)
    context = {
        "rows": [
            (release, nation[release.snapshot_id], before and nation[before.snapshot_id])
            for release, before in followed(releases)
        ],
        "corrected": {release.corrects_id for release in releases},
        "newest": newest,
    }
    return page(request, "reports/release_list.html", newest, context)


def followed(releases: Iterable[Release]) -> list[tuple[Release, Release | None]]:
    """Each with the one before it that stood when it came out, newest first."""
    standing: list[Release] = []
    found = []
    for release in sorted(releases, key=lambda release: release.number):
        standing = [one for one in standing if one.pk != release.corrects_id]
        found.append((release, standing[-1] if standing else None))
        standing.append(release)
    return found[::-1]


@released
def methodology(request: HttpRequest, release: Release) -> HttpResponse:
    edition = figures.edition(release, ())
    rules = Requirement.objects.filter(
        pk__in=Coverage.objects.filter(snapshot=release.snapshot_id).values("requirement")
    ).select_related("mandate")
    measures = figures.measures(release)
    context = {
        "edition": edition,
        "metadata": [(one, measures.get(one.key)) for one in METADATA],
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
    edition = figures.edition(release, ())
    context = {
        "structured": describing.dataset(release, edition.nation),
        "offer": offering.offer(release),
        "dimensions": DIMENSIONS.items(),
        "formats": [(ending.removeprefix("."), label) for ending, label in offering.FORMATS.items()],
        "columns": [(table.name, GUIDES[table.name], offering.columns(table)) for table in PUBLISHED],
        "citation": citing.citation(release),
        "bibtex": citing.bibtex(release),
    }
    return page(request, "reports/downloads.html", release, context)


@released
def getting_started(request: HttpRequest, release: Release) -> HttpResponse:
    context = {"site": settings.SITE_URL, "language": get_language()}
    return page(request, "reports/getting_started.html", release, context)
