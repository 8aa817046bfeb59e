"""A release as machines that look for data read it: a schema.org Dataset in its DataCatalog, as JSON-LD."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Length
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reports import figures, tables
from reports.citing import LICENCE, citation
from reports.models import Release, ReleaseFile
from reports.wording import day, headline, share_and_part

CONTEXT = "https://schema.org"
FIGURES = ("coverage.csv", "indicators.csv", "programmes.csv")


def catalog(release: Release, counts: figures.Counts) -> dict[str, Any]:
    """The site as a catalogue, with its newest release; its columns and files are told on the page of the release."""
    return {"@context": CONTEXT, **_catalog(), "dataset": _dataset(release, counts)}


def dataset(release: Release, counts: figures.Counts) -> dict[str, Any]:
    """A release with its columns, its files and their checksums; one query."""
    return {
        "@context": CONTEXT,
        **_dataset(release, counts),
        "variableMeasured": [
            {"@type": "PropertyValue", "name": column.name, "description": column.description}
            for column in tables.COUNTS
        ],
        "distribution": [_download(release, file) for file in _tables(release)],
        "includedInDataCatalog": _catalog(),
    }


def _catalog() -> dict[str, Any]:
    return {
        "@type": "DataCatalog",
        "@id": f"{settings.SITE_URL}/#catalog",
        "name": "Qamtu",
        "url": settings.SITE_URL + reverse("home"),
        "description": _(
            "How far the country's universities have integrated artificial intelligence into their curricula."
        ),
        "license": LICENCE["path"],
        "publisher": _ministry(),
    }


def _dataset(release: Release, counts: figures.Counts) -> dict[str, Any]:
    snapshot = release.snapshot
    address = reverse("release", args=[release.number])
    page = settings.SITE_URL + address
    moment = timezone.localtime(figures.as_at(release)).date()
    described: dict[str, Any] = {
        "@type": "Dataset",
        # Its pages in three languages describe one data set.
        "@id": settings.SITE_URL + address.removeprefix(f"/{get_language()}"),
        "url": page,
        "name": _("AI in university curricula, release %(number)d") % {"number": release.number},
        "description": _about(release, counts),
        "identifier": {"@type": "PropertyValue", "propertyID": "SHA-256", "value": snapshot.fingerprint},
        "version": str(release.number),
        "license": LICENCE["path"],
        "isAccessibleForFree": True,
        "inLanguage": [code for code, _name in settings.LANGUAGES],
        "creator": _ministry(),
        "publisher": _ministry(),
        "datePublished": release.publish_at,
        "dateModified": release.publish_at,
        "temporalCoverage": f"{min(snapshot.period.opens_on, moment)}/{moment}",
        "spatialCoverage": {"@type": "Country", "name": _("Kazakhstan")},
        "measurementTechnique": settings.SITE_URL + reverse("methodology"),
        "citation": citation(release),
    }
    if snapshot.demonstration:
        described["creativeWorkStatus"] = _("Demonstration data")
    return described


def _about(release: Release, counts: figures.Counts) -> str:
    said = _("%(finding)s: %(share)s, as at %(day)s. Counts of programmes by outcome, for the nation, regions, "
             "universities, fields, levels, kinds and languages, verified by a second computation.") % {
        "finding": headline(counts.share),
        "share": share_and_part(counts),
        "day": day(figures.as_at(release)),
    }  # fmt: skip
    if release.corrects:
        reason = {"number": release.corrects.number, "reason": release.correction_reason}
        said = f"{_('Corrects release %(number)d: %(reason)s') % reason} {said}"
    return f"{_('Demonstration data')}. {said}" if release.snapshot.demonstration else said


def _ministry() -> dict[str, str]:
    return {
        "@type": "GovernmentOrganization",
        "name": _("Ministry of Science and Higher Education of the Republic of Kazakhstan"),
        "url": settings.SITE_URL,
    }


def _tables(release: Release) -> Iterable[ReleaseFile]:
    """The bundle, its description, which names every table, and the three tables of figures: all in each of their
    formats would be the bulk of a page. With their sizes and without their content."""
    chosen = Q(name__in=FIGURES) | Q(name__endswith=".zip") | Q(name="datapackage.json")
    files = release.files.filter(chosen, language="").order_by("name")
    return files.defer("content").annotate(size=Length("content"))


def _download(release: Release, file: Any) -> dict[str, str]:
    return {
        "@type": "DataDownload",
        "name": file.name,
        "contentUrl": settings.SITE_URL + reverse("release-file", args=[release.number, file.name]),
        "encodingFormat": file.media_type.partition(";")[0],
        "contentSize": f"{file.size} B",
        "sha256": file.sha256,
    }
