"""Comparing: up to five universities, regions or fields beside each other, named by the address."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from institutions.finding import MOST_COMPARED, Hit
from reports import figures, pictures, side_by_side
from reports.models import Release
from reports.searching import ROWS, finder
from reports.side_by_side import MOST
from reports.views.released import page, released

KINDS = {
    "institution": gettext_lazy("Universities"),
    "region": gettext_lazy("Regions"),
    "field": gettext_lazy("Fields of education"),
}
MIXED = gettext_lazy("Universities, regions and fields can't be set beside each other: choose of one kind.")
MOST_READ = 50  # so many codes of an address are looked at
OFFERED = 5
CERTAIN = 0.95  # the score of a name that was typed as it is


@released
def compare(request: HttpRequest, release: Release) -> HttpResponse:
    """`?institution=a&institution=b`; `add` holds a name that somebody typed, and is answered by the address that has
    its code, or by the names that it may stand for."""
    given = {kind: wanted for kind in KINDS if (wanted := codes(request, kind))}
    kind = next(iter(given), request.GET.get("kind", ""))
    kind = kind if kind in KINDS else "institution"
    mixed = len(given) > 1
    chosen, notices = ([], [str(MIXED)]) if mixed else known(kind, given.get(kind, []))
    typed = " ".join(request.GET.get("add", "").split())
    hits = candidates(kind, typed, chosen)
    if len(chosen) < MOST and len(certain := [hit for hit in hits if hit.score > CERTAIN] or hits) == 1:
        return HttpResponseRedirect(address(request, kind, [*chosen, certain[0].thing]))
    context = {
        "kind": kind,
        "kinds": KINDS.items(),
        "chosen": [
            (one, address(request, kind, [other for other in chosen if other != one])) for one in chosen
        ],
        "notices": notices,
        "typed": typed,
        "offered": offers(request, kind, chosen, hits[:OFFERED]),
        "choices": ROWS[kind].all() if kind != "institution" else [],
        "most": MOST,
        **compared(release, kind, chosen),
    }
    response = page(request, "reports/compare.html", release, context)
    response.status_code = 400 if mixed else 200
    return response


def codes(request: HttpRequest, kind: str) -> list[str]:
    return [code for code in dict.fromkeys(request.GET.getlist(kind)[:MOST_READ]) if code]


def known(kind: str, wanted: list[str]) -> tuple[list[Any], list[str]]:
    """The first five that there are, in the order of the address, and what to say of the others; one query."""
    there = {thing.code: thing for thing in ROWS[kind].filter(code__in=wanted)}
    found = [there[code] for code in wanted if code in there]
    notices = []
    if unknown := [code[:40] for code in wanted if code not in there]:
        notices.append(_("There is nothing with this code: %(codes)s.") % {"codes": ", ".join(unknown)})
    if left := [thing.name for thing in found[MOST:]]:
        notices.append(
            _("At most %(most)d are compared. Left out: %(names)s.")
            % {"most": MOST, "names": ", ".join(left)}
        )
    return found[:MOST], notices


def candidates(kind: str, typed: str, chosen: list[Any]) -> list[Hit]:
    """What a name that was typed may stand for, of one kind and not chosen yet, best first."""
    there = {thing.code for thing in chosen}
    hits = finder().find(typed, MOST_COMPARED) if typed else []
    return [hit for hit in hits if hit.thing.kind == kind and hit.thing.code not in there]


def offers(request: HttpRequest, kind: str, chosen: list[Any], hits: list[Hit]) -> list[tuple[Any, str]]:
    """Each with the address that adds it; at most one query."""
    there = {thing.code: thing for thing in ROWS[kind].filter(code__in=[hit.thing.code for hit in hits])}
    return [
        (there[hit.thing.code], address(request, kind, [*chosen, hit.thing]))
        for hit in hits
        if hit.thing.code in there
    ]


def address(request: HttpRequest, kind: str, things: list[Any]) -> str:
    """Where these are compared, in the release that the reader looks at."""
    pairs = [(kind, thing.code) for thing in things] or [("kind", kind)]
    if "release" in request.GET:
        pairs.append(("release", request.GET["release"]))
    return f"{reverse('compare')}?{urlencode(pairs)}"


def compared(release: Release, kind: str, chosen: list[Any]) -> dict[str, Any]:
    """The columns, the table in its parts, and both charts; a fixed number of queries."""
    edition = figures.edition(release, ())
    if not chosen:
        return {"edition": edition}
    columns = side_by_side.columns(edition, kind, chosen)
    bars = [
        pictures.Row(
            column.label, column.counts, reverse(kind, args=[column.thing.code]), key=column.thing.code
        )
        for column in columns
    ]
    other = _("By field of education") if side_by_side.OTHER[kind] == "field" else _("By region")
    return {
        "edition": edition,
        "columns": columns,
        "groups": [
            (heading, [(row.label, list(zip(columns, row.cells, strict=True))) for row in rows])
            for heading, rows in (
                ("", side_by_side.figures_of(columns)),
                (_("By level"), side_by_side.by_level(columns)),
                (other, side_by_side.by_part(kind, columns)),
            )
        ],
        "together": pictures.bars("together-now", str(KINDS[kind]), bars, edition.nation),
        "finding": side_by_side.finding(columns),
        "wide": side_by_side.drawing(columns, narrow=False),
        "narrow": side_by_side.drawing(columns, narrow=True),
        "series": side_by_side.over_time(columns),
        "lines": side_by_side.picture(columns),
    }
