"""The frame of every public page: which release it shows, and until when a copy of it is good."""

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from reports import taking
from reports.api.shelf import current
from reports.cells import NAMED, NATION, Cell
from reports.copies import offer
from reports.figures import Counts
from reports.models import Release
from reports.wording import share_and_part

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Release, P], HttpResponse]


def released(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Hand the view the newest release, or the published one that `?release=` names.

    Its answer says until when it may be kept, and has a strong validator: the hash of what it holds, so that a page of
    which nothing has changed stays the same page whatever else has. `reports/copies.py` keeps it and hands it out.
    """

    @require_safe
    @wraps(view)
    def framed(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        # Before all that is read: what the page shows is never older than what it is kept as.
        shelf = getattr(request, "shelf", None) or current()
        newest = Release.objects.newest()
        if newest is None:
            return render(request, "reports/no_release.html")
        response = view(request, _named(request, newest), *args, **kwargs)
        return offer(response, shelf) if response.status_code == 200 else response

    return framed  # type: ignore[return-value]


def page(request: HttpRequest, template: str, release: Release, context: dict[str, Any]) -> HttpResponse:
    """Render with what every figure must name: the release, its moment, and whether its data are generated.

    With `?chart=NAME&as=FORM` the answer is that chart of the page, to take away.
    """
    if "chart" in request.GET:
        return chart(request, release, context)
    return render(
        request,
        template,
        {
            "release": release,
            "snapshot": release.snapshot,
            "demonstration": release.snapshot.demonstration,
            "permanent": "release" in request.GET,
            **link_card(release, context),
            **context,
        },
    )


def link_card(release: Release, context: dict[str, Any]) -> dict[str, str]:
    """The picture that goes with a link to the page: its own part of the figures, the nation where it has none."""
    cell: Cell = context.get("cell", NATION)
    query = cell.query if cell.dimension in NAMED else ""
    counts: Counts | None = context.get("counts")
    words = _("Programmes that meet the mandate")
    return {
        "card": settings.SITE_URL + reverse("card", args=[release.number]) + (query and f"?{query}"),
        "card_text": f"{words}: {share_and_part(counts)}" if counts else words,
    }


def chart(request: HttpRequest, release: Release, context: dict[str, Any]) -> HttpResponse:
    """A chart of the page as a file, named by page, chart and release."""
    found, form = taking.find(context, request.GET["chart"]), request.GET.get("as", "svg")
    if found is None or form not in taking.FORMS:
        raise Http404(_("No such chart."))
    _label, media_type, write = taking.FORMS[form]
    response = HttpResponse(write(found, release), content_type=media_type)
    place = re.sub("[^A-Za-z0-9]+", "-", request.path_info.partition("/releases/")[0]).strip("-")
    name = "-".join(filter(None, ("qamtu", str(release.number), place, found.name)))
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def _named(request: HttpRequest, newest: Release) -> Release:
    named = request.GET.get("release", "")
    if not named:
        return newest
    if not named.isdecimal() or len(named) > 9:
        raise Http404(_("No such release."))
    return get_object_or_404(
        Release.objects.published().select_related("snapshot__period", "corrects"), number=int(named)
    )


@lru_cache(maxsize=1)
def program() -> str:
    """What the program's words and looks are: a new version of it makes every page new, on every machine alike."""
    digest = hashlib.sha256()
    folders = ("templates", "static", "locale", "reports")
    for path in sorted(path for folder in folders for path in (settings.BASE_DIR / folder).rglob("*")):
        if path.is_file() and path.suffix in {".html", ".css", ".po", ".py", ".geojson"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()
