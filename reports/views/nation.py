"""The national page, of the newest release and of each release for good."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.models import Field, Programme
from institutions.models import Institution, Region
from reports import citing, comparing, describing, figures, improving, movements, offering, pictures
from reports.beside import difference
from reports.cells import NATION, Cell
from reports.models import Release, Target
from reports.outlook import needed_everywhere, next_target, phases, same_rules
from reports.views.released import page, released
from reports.wording import headline

SHOWN = (
    "institutions_with_ai",
    "ai_programmes",
    "institutions_with_ai_programmes",
    "faculty_trained",
    "students_reached",
    "institutions_reported",
)
SAID = "institutions_with_ai"  # what the public statement that everybody quotes is about
MOST_SHOWN = 3
BEHIND_SHOWN = 5
IMPROVED_SHOWN = 5


@released
def home(request: HttpRequest, release: Release) -> HttpResponse:
    shown = national(release)
    # Here only: the page of a release never changes, and the links with occupations may.
    work = comparing.comparison(shown["fields"], shown["edition"].by("field"), half=True)
    structured = describing.catalog(release, shown["counts"])
    return page(request, "reports/home.html", release, {**shown, "work": work, "structured": structured})


@released
def detail(request: HttpRequest, newest: Release, number: int) -> HttpResponse:
    release = get_object_or_404(
        Release.objects.published().select_related("snapshot__period", "corrects__snapshot__period"),
        number=number,
    )
    corrected_by = Release.objects.published().filter(corrects=release).first()
    shown = national(release)
    context = {
        **shown,
        "offer": offering.offer(release),
        "citation": citing.citation(release),
        "bibtex": citing.bibtex(release),
        "corrected_by": corrected_by,
        "newest": newest,
        "correction": correction(release, shown["edition"]),
        "structured": describing.dataset(release, shown["counts"]),
    }
    return page(request, "reports/release.html", release, context)


def correction(release: Release, edition: figures.Edition) -> dict[str, Any]:
    """What a correction changed: the national figure that it corrects, the causes, the universities; computed, not
    told. Seven queries; none, and nothing, where the release corrects no other."""
    corrects = release.corrects
    if corrects is None or edition.requirement is None:
        return {}
    return {
        "of": corrects,
        "was": figures.edition(corrects, ()).nation,
        "moved": difference(corrects.snapshot, release.snapshot, edition.requirement.code),
    }


def national(release: Release) -> dict[str, Any]:
    """All that the national page shows; the number of queries does not depend on the size of the country."""
    edition = figures.edition(release)
    plan = figures.targets(edition.requirement)
    day = timezone.localtime(figures.as_at(release)).date()
    points = figures.series(edition)
    measures = figures.measures(release)
    fields = pictures.by_code(Field.objects.filter(kind=Field.Kind.FIELD))
    named = pictures.by_code(Institution.objects.only("code", "name_kk", "name_ru", "name_en"))
    previous = figures.before(release)
    before = figures.edition(previous, ()) if previous else None
    moved = national_movements(before, edition)
    target = next_target(plan, day)
    regions = pictures.regions(edition.by("region"), pictures.by_code(Region.objects.all()))
    return {
        "edition": edition,
        "cell": NATION,
        "fields": fields,
        "counts": edition.nation,
        "headline": headline(edition.nation.share),
        "target": target,
        "phases": phases(plan, points),
        "measures": [measures[name] for name in SHOWN if name in measures],
        "said": measures.get(SAID),
        "before": before,
        "changes": moved,
        "sums": movements.together(moved),
        "rules_changed": before is not None and before.requirement != edition.requirement,
        "most_needed": most_needed(edition, target, named),
        "map": regions,
        "behind": [row for row in regions.rows if row.counts.share is not None][: -BEHIND_SHOWN - 1 : -1],
        "series": pictures.over_time(points, plan),
        "charts": charts(edition, fields),
        "improvements": improvements(edition, points, named),
        "release_before": previous,
    }


def charts(edition: figures.Edition, fields: dict[str, Any]) -> list[pictures.Picture]:
    kinds = pictures.choices(edition.by("kind"), Institution.Kind, "kind")
    by_field = pictures.rows(edition.by("field"), fields, "field", short=True)
    return [
        pictures.bars("field", _("Field of education"), by_field, edition.nation),
        pictures.distribution(edition.by("institution")),
        pictures.bars("level", _("Level"), levels(edition), edition.nation),
        pictures.bars("kind", _("Kind of university"), pictures.ranked(kinds), edition.nation),
    ]


def improvements(
    edition: figures.Edition, points: Sequence[figures.Standing], named: dict[str, Any]
) -> list[dict[str, Any]]:
    """Who improved most since the release before and since about a year ago, where the rules are the same; one query.

    Each with the release that it looks back to, what was found, and the first rows with the names of universities.
    """
    then = [point for point in points[-2:-1] if same_rules(point, points[-1])]
    year = improving.a_year_before(points)
    if year and year not in then:
        then.append(year)
    cells = figures.counts_of([point.release for point in then], edition.requirement, "institution")
    found = [
        (point.release, improving.improvement(cells.get(point.release.pk, {}), edition.by("institution")))
        for point in then
    ]
    return [
        {
            "since": release,
            "found": one,
            "rows": [(named[row.code], row) for row in one.improved if row.code in named][:IMPROVED_SHOWN],
        }
        for release, one in found
    ]


def national_movements(before: figures.Edition | None, after: figures.Edition) -> list[movements.Movement]:
    """Of the leading requirement; at most one query."""
    if before is None or after.requirement is None:
        return []
    return movements.between(
        before.release.snapshot, after.release.snapshot, requirement=after.requirement.code
    )


def most_needed(
    edition: figures.Edition, target: Target | None, named: dict[str, Any]
) -> list[tuple[Institution, int]]:
    """The universities where most of the programmes are that the next target still takes, and how many each."""
    if target is None:
        return []
    most = needed_everywhere(edition, target).most(MOST_SHOWN)
    return [(named[code], number) for code, number in most if code in named]


def levels(
    edition: figures.Edition, cells: dict[str, figures.Counts] | None = None, within: Cell = NATION
) -> list[pictures.Row]:
    """Bachelor, master, doctorate, in this order."""
    return pictures.choices(edition.by("level") if cells is None else cells, Programme.Level, "level", within)
