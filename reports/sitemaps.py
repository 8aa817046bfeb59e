"""Every public page for search engines, in each language with the others beside it (sitemaps.org, hreflang)."""

from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from curricula.models import Field
from institutions.models import Institution, Region
from reports import catalogue, figures
from reports.models import Release


class Pages(Sitemap):
    """All pages but those of a release show the newest release, and so change with it."""

    i18n = True
    alternates = True
    x_default = True
    limit = 5_000  # items; in each language, with addresses of the others, about 9 MB

    @cached_property
    def changed_at(self) -> datetime | None:
        newest = Release.objects.newest()
        return newest.publish_at if newest else None

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def lastmod(self, item: Any) -> datetime | None:
        return self.changed_at


class Sections(Pages):
    """Pages of which there is one."""

    def items(self) -> list[str]:
        return [
            "home",
            "institution-list",
            "region-list",
            "field-list",
            "discipline-list",
            "compare",
            "effort",
            "work",
            "release-list",
            "methodology",
            "downloads",
            "getting-started",
        ]

    def location(self, item: str) -> str:
        return reverse(item)


class Coded(Pages):
    """Pages of rows with a code."""

    def __init__(self, page: str, model: Any, **only: Any) -> None:
        self.page = page
        self.model = model
        self.only = only

    def items(self) -> Any:
        return self.model.objects.filter(**self.only).order_by("code").values_list("code", flat=True)

    def location(self, item: str) -> str:
        return reverse(self.page, args=[item])


class Disciplines(Pages):
    """The entries of the catalogue in the newest release."""

    def items(self) -> list[str]:
        newest = Release.objects.newest()
        return catalogue.keys(figures.edition(newest, ())) if newest else []

    def location(self, item: str) -> str:
        return reverse("discipline", args=[item])


class Releases(Pages):
    def items(self) -> list[Release]:
        return list(Release.objects.published())

    @cached_property
    def corrected_at(self) -> dict[int | None, datetime]:
        corrections = Release.objects.published().exclude(corrects=None)
        return {release.corrects_id: release.publish_at for release in corrections}

    def lastmod(self, item: Release) -> datetime:
        """Its page changes once more where it is corrected: it then says so."""
        return self.corrected_at.get(item.pk, item.publish_at)

    def location(self, item: Release) -> str:
        return reverse("release", args=[item.number])


def sitemaps() -> dict[str, type[Sitemap] | Sitemap]:
    """Made for each request: what they have asked once, they keep."""
    return {
        "sections": Sections(),
        "institutions": Coded("institution", Institution),
        "regions": Coded("region", Region),
        "fields": Coded("field", Field, kind=Field.Kind.FIELD),
        "disciplines": Disciplines(),
        "releases": Releases(),
    }
