"""The national AI effort: what the mandate is part of, as others have stated it, beside what the release counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from institutions.models import Institution
from reports import figures, pictures
from reports.models import EffortEntry, Indicator, Release
from reports.outlook import phases
from reports.views.released import page, released

Section = EffortEntry.Section
STATED = ("institutions_with_ai_programmes", "ai_programmes")


@dataclass(frozen=True)
class Shown:
    """An entry as the page shows it: with the universities that its source names."""

    entry: EffortEntry
    universities: list[Institution]
    is_old: bool


@released
def effort(request: HttpRequest, release: Release) -> HttpResponse:
    edition = figures.edition(release, ())
    named = pictures.by_code(Institution.objects.only("code", "name_kk", "name_ru", "name_en"))
    measures = figures.measures(release)
    context = {
        "edition": edition,
        "counts": edition.nation,
        "phases": phases(figures.targets(edition.requirement), figures.series(edition)),
        "measures": [measures[name] for name in STATED if name in measures],
        "dedicated": dedicated(release, named),
        "sections": sections(EffortEntry.objects.filter(shown=True), named),
    }
    return page(request, "reports/effort.html", release, context)


def sections(entries: Iterable[EffortEntry], named: dict[str, Any]) -> list[tuple[str, str, list[Shown]]]:
    """Every section in its order, also one without an entry: code, name, entries."""
    today = timezone.localdate()
    found: dict[str, list[Shown]] = {code: [] for code in Section.values}
    for entry in entries:
        universities = [named[code] for code in entry.institutions if code in named]
        found[entry.section].append(Shown(entry, universities, entry.is_old(today)))
    return [(code, str(Section(code).label), shown) for code, shown in found.items()]


def dedicated(release: Release, named: dict[str, Any]) -> list[tuple[Institution, int]]:
    """The universities that run programmes dedicated to AI as registered in the release, those with most first."""
    rows = Indicator.objects.filter(
        snapshot=release.snapshot_id, indicator="ai_programmes", dimension="institution", numerator__gt=0
    ).order_by("-numerator", "key")
    return [(named[row.key], row.numerator) for row in rows if row.key in named]
