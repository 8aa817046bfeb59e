"""How a release is cited, and what is said about it wherever its figures go."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from reports.figures import as_at
from reports.models import Release
from reports.wording import day

LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}


def permanent_address(release: Release) -> str:
    """Of its page in the active language, where it stays."""
    return f"{settings.SITE_URL}{reverse('release', args=[release.number])}"


def citation(release: Release) -> str:
    """As the style of the APA has it: author, year, title, version, kind, address; in the active language."""
    given = {
        "year": timezone.localtime(release.publish_at).year,
        "number": release.number,
        "period": release.snapshot.period.name,
        "moment": day(as_at(release)),
        "address": permanent_address(release),
    }
    text = (
        _(
            "Ministry of Science and Higher Education of the Republic of Kazakhstan. (%(year)d). Qamtu: coverage of "
            "curricula by artificial intelligence, academic year %(period)s, as at %(moment)s (release %(number)d) "
            "[Data set]. %(address)s"
        )
        % given
    )
    return f"{text} {generated()}" if release.snapshot.demonstration else text


def bibtex(release: Release) -> str:
    """The same for programs that keep references; in English, as such programs expect."""
    with translation.override("en"):
        lines = {
            "author": "{Ministry of Science and Higher Education of the Republic of Kazakhstan}",
            "title": f"Qamtu: coverage of curricula by artificial intelligence, release {release.number}",
            "year": str(timezone.localtime(release.publish_at).year),
            "version": str(release.number),
            "note": f"Data set, academic year {release.snapshot.period.name}, as at {day(as_at(release))}"
            + (f". {generated()}" if release.snapshot.demonstration else ""),
            "url": permanent_address(release),
        }
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in lines.items())
    return f"@misc{{qamtu-{release.number},\n{body}}}\n"


def generated() -> str:
    return _("Demonstration data: the figures are generated.")


def about(release: Release) -> Iterable[tuple[str, str]]:
    """What each of its files says about it, as headings and texts in the active language."""
    snapshot = release.snapshot
    if snapshot.demonstration:
        yield _("Data"), generated()
    yield _("Release"), str(release.number)
    yield _("Academic year"), snapshot.period.name
    yield _("As at"), day(as_at(release))
    yield _("Published"), day(release.publish_at)
    yield _("Methodology"), str(snapshot.methodology_version)
    yield _("Fingerprint"), snapshot.fingerprint
    yield _("Licence"), f"{LICENCE['title']} (CC BY 4.0), {LICENCE['path']}"
    yield _("Cite as"), citation(release)


def for_programs(release: Release) -> dict[str, Any]:
    """What every JSON file says of the release that it belongs to."""
    return {
        "release": release.number,
        "demonstration": release.snapshot.demonstration,
        "licence": LICENCE,
        "citation": in_each_language(citation, release),
    }


def in_each_language(words: Callable[[Release], str], release: Release) -> dict[str, str]:
    found = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found[language] = words(release)
    return found
