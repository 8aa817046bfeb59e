"""The search of every page: one box for universities, regions, fields, AI disciplines and programmes."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from institutions.names import matching, search_words
from reports import catalogue, figures
from reports.models import Release
from reports.searching import described, finder
from reports.views.released import page, released

NAMES_SHOWN, ROWS_SHOWN = 10, 5
LONGEST = 200


@released
def search(request: HttpRequest, release: Release) -> HttpResponse:
    """Best match first; where nothing is called so, what is called nearly so, and what was searched."""
    wanted = " ".join(request.GET.get("q", "").split())[:LONGEST]
    edition = figures.edition(release, ())
    hits = finder().find(wanted, NAMES_SHOWN)
    is_called = any(hit.is_found for hit in hits)
    taught = teaching(edition, wanted)
    nothing = not (is_called or taught)
    context = {
        "edition": edition,
        "q": wanted,
        "names": described(edition, hits) if is_called or nothing else [],
        "nothing": nothing,
        "nearest": catalogue.nearest(edition, wanted) if nothing else [],
        **taught,
    }
    return page(request, "reports/search.html", release, context)


def teaching(edition: figures.Edition, wanted: str) -> dict[str, Any]:
    """The AI disciplines and the programmes whose titles or codes have all the words; at most five queries."""
    if not search_words(wanted):
        return {}
    lines = catalogue.lines(edition.assessments)
    titles = catalogue.entries(lines.filter(matching(wanted)))
    programmes = edition.assessments.filter(matching(wanted, "programme__search"))
    named = programmes.select_related("programme", "institution")
    found: dict[str, Any] = {}
    if disciplines := catalogue.shown(titles[:ROWS_SHOWN], lines):
        found |= {"disciplines": disciplines, "disciplines_count": titles.count()}
    if rows := list(named.order_by("programme__code", "institution__order_kk")[:ROWS_SHOWN]):
        found |= {"programmes": rows, "programmes_count": programmes.count()}
    return found
