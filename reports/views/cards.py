"""The picture of a link: drawn when it is asked for, for each of thousands is kept by nobody and takes 50 ms."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curricula.models import Field
from reports import charts, figures, pictures
from reports.cells import NAMED, NATION, Cell
from reports.charts.card import Card, link_card
from reports.models import Release
from reports.outlook import next_target
from reports.views.programmes import cell_of, numbered
from reports.views.released import released
from reports.wording import count, day, headline, percent


@released
def card(request: HttpRequest, newest: Release, number: int) -> HttpResponse:
    """Of the nation, a region, a field or a university."""
    release, cell = numbered(number), cell_of(request)
    heading = "" if cell == NATION else row_of(cell).name
    edition = figures.edition(release, (cell.dimension,))
    counts = edition.by(cell.dimension).get(cell.key, figures.Counts())
    goal = next_target(
        figures.targets(edition.requirement), timezone.localtime(figures.as_at(release)).date()
    )
    drawn = link_card(
        Card(
            heading or headline(counts.share),
            percent(counts.share),
            met_of(counts),
            _("Release %(number)d, as at %(day)s") % {"number": number, "day": day(figures.as_at(release))},
            share=pictures.number(counts.share),
            goal=float(goal.share) if goal and cell == NATION else None,
            mark=_("Demonstration data") if release.snapshot.demonstration else "",
        )
    )
    return HttpResponse(charts.png(drawn, zoom=1), content_type="image/png")


def row_of(cell: Cell) -> Any:
    """The region, field or university; 404 for what has no page of its own."""
    if cell.dimension not in NAMED:
        raise Http404
    only = {"kind": Field.Kind.FIELD} if cell.dimension == "field" else {}
    return get_object_or_404(NAMED[cell.dimension], code=cell.key, **only)


def met_of(counts: figures.Counts) -> str:
    if not counts.counted:
        return _("no programmes in scope")
    return ngettext(
        "%(met)s of %(counted)s programme meets the mandate",
        "%(met)s of %(counted)s programmes meet the mandate",
        counts.counted,
    ) % {"met": count(counts.met), "counted": count(counts.counted)}
