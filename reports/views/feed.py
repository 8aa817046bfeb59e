"""A feed of the releases (Atom, RFC 4287): what each found, and what a correction corrects."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from reports import figures
from reports.models import Release
from reports.views.released import released
from reports.wording import breakdown, headline, share_and_part

MOST = 50


@dataclass(frozen=True)
class Entry:
    """A release, the figures of the nation, and the newer release that corrects it."""

    release: Release
    counts: figures.Counts
    corrected_by: Release | None


def feed(request: HttpRequest) -> HttpResponse:
    """Readers may subscribe before anything is released: to a feed without entries."""
    return _released(request) if Release.objects.published().exists() else Releases()(request)


@released
def _released(request: HttpRequest, release: Release) -> HttpResponse:
    return Releases()(request)


class Releases(Feed):
    feed_type = Atom1Feed
    title = gettext_lazy("Qamtu: releases")
    subtitle = gettext_lazy(
        "How far the country's universities have integrated artificial intelligence into their curricula."
    )
    author_name = gettext_lazy("Ministry of Science and Higher Education of the Republic of Kazakhstan")
    feed_copyright = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"

    def link(self) -> str:
        return settings.SITE_URL + reverse("release-list")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("release-feed")

    def items(self) -> list[Entry]:
        releases = list(Release.objects.published().select_related("snapshot__period", "corrects"))
        nation = figures.nations(releases)
        corrections = {release.corrects_id: release for release in releases}
        return [
            Entry(release, nation[release.snapshot_id], corrections.get(release.pk))
            for release in releases[:MOST]
        ]

    def item_title(self, item: Entry) -> str:
        """The finding; Atom titles are text here, escaped once when written."""
        given = {
            "number": item.release.number,
            "finding": f"{headline(item.counts.share)}: {share_and_part(item.counts)}",
        }
        if item.release.corrects:
            given["corrected"] = item.release.corrects.number
            said = _("Release %(number)d corrects release %(corrected)d: %(finding)s") % given
        else:
            said = _("Release %(number)d: %(finding)s") % given
        return f"{said} ({_('Demonstration data')})" if item.release.snapshot.demonstration else said

    def item_description(self, item: Entry) -> SafeString:
        """What was wrong, what was found to be wrong later, the notes, and who is missing from the share."""
        said = []
        if item.release.corrects:
            said.append(
                _("Corrects release %(number)d: %(reason)s")
                % {"number": item.release.corrects.number, "reason": item.release.correction_reason}
            )
        if item.corrected_by:
            said.append(
                _("Corrected by release %(number)d: %(reason)s")
                % {"number": item.corrected_by.number, "reason": item.corrected_by.correction_reason}
            )
        said += [item.release.notes, f"{breakdown(item.counts)}."]
        return mark_safe(linebreaks("\n\n".join(said), autoescape=True))  # noqa: S308

    def item_link(self, item: Entry) -> str:
        return settings.SITE_URL + reverse("release", args=[item.release.number])

    def item_guid(self, item: Entry) -> str:
        """The same for good, wherever the site moves: by what was computed, under which number, in which language."""
        name = f"{item.release.snapshot.fingerprint}/{item.release.number}/{get_language()}"
        return uuid.uuid5(uuid.NAMESPACE_URL, name).urn

    def item_pubdate(self, item: Entry) -> datetime:
        return item.release.publish_at

    def item_updateddate(self, item: Entry) -> datetime:
        """A correction is news of what it corrects, too."""
        return (item.corrected_by or item.release).publish_at

    def item_categories(self, item: Entry) -> list[str]:
        return [item.release.snapshot.period.name]
