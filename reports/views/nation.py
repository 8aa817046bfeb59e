"""The national page, of the newest release and of each release for good."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.models import Field, Programme
from institutions.models import Institution, Region
from reports import comparing, describing, figures, movements, pictures
from reports.beside import difference
from reports.cells import NATION, Cell
from reports.models import Release, Target
from reports.outlook import needed_everywhere, next_target, outlook
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
MOST_SHOWN = 3


@released
def home(request: HttpRequest, release: Release) -> HttpResponse:
    shown = national(release)
    # Here only: the page of a release never changes, and the links with occupations may.
    work = comparing.heading_of(shown["edition"].by("field"), shown["fields"])
    structured = describing.catalog(release, shown["counts"])
    return page(request, "reports/home.html", release, {**shown, "work": work, "structured": structured})


@released
def detail(request: HttpRequest, newest: Release, number: int) -> HttpResponse:
    release = get_object_or_404(
        Release.objects.published().select_related("snapshot__period", "corrects__snapshot__period"),
        number=number,
    )
    files = release.files.defer("content").order_by("name", "language")
    corrected_by = Release.objects.published().filter(corrects=release).first()
    shown = national(release)
    context = {
        **shown,
        "files": files,
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
    regions = pictures.by_code(Region.objects.all())
    fields = pictures.by_code(Field.objects.filter(kind=Field.Kind.FIELD))
    named = pictures.by_code(Institution.objects.only("code", "name_kk", "name_ru", "name_en"))
    previous = figures.before(release)
    before = figures.edition(previous, ()) if previous else None
    moved = national_movements(before, edition)
    target = next_target(plan, day)
    by_region = pictures.regions(edition.by("region"), regions)
    return {
        "edition": edition,
        "cell": NATION,
        "fields": fields,
        "counts": edition.nation,
        "headline": headline(edition.nation.share),
        "target": target,
        "plan": plan,
        "measures": [measures[name] for name in SHOWN if name in measures],
        "before": before,
        "changes": moved,
        "sums": movements.together(moved),
        "rules_changed": before is not None and before.requirement != edition.requirement,
        "ahead": outlook(points, target),
        **lacking(edition, target, named),
        "map": by_region,
        "behind": [row for row in by_region.rows if row.counts.share is not None][:-4:-1],
        "charts": [
            pictures.over_time(points, plan),
            pictures.bars(
                "field",
                _("Field of education"),
                pictures.rows(edition.by("field"), fields, "field", short=True),
                edition.nation,
            ),
            pictures.distribution(edition.by("institution"), named),
            pictures.bars("level", _("Level"), levels(edition), edition.nation),
        ],
        "release_before": previous,
    }


def national_movements(before: figures.Edition | None, after: figures.Edition) -> list[movements.Movement]:
    """Of the leading requirement; at most one query."""
    if before is None or after.requirement is None:
        return []
    return movements.between(
        before.release.snapshot, after.release.snapshot, requirement=after.requirement.code
    )


def lacking(edition: figures.Edition, target: Target | None, named: dict[str, Any]) -> dict[str, Any]:
    """How many programmes the next target still takes, and the universities where most of them are."""
    if target is None:
        return {}
    needed = needed_everywhere(edition, target)
    most = [(named[code], number) for code, number in needed.most(MOST_SHOWN) if code in named]
    return {"needed": needed.nation, "most_needed": most}


def levels(
    edition: figures.Edition,
    cells: dict[str, figures.Counts] | None = None,
    within: Cell = NATION,
) -> list[pictures.Row]:
    """Bachelor, master, doctorate, in this order."""
    cells = edition.by("level") if cells is None else cells
    return [
        pictures.Row(str(label).capitalize(), cells[code], cell=within.part("level", code).query)
        for code, label in Programme.Level.choices
        if code in cells
    ]
