"""The trail as the public sees it: the last hash of each day, which proves later that nothing up to it was altered."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reports.anchoring import daily_anchors
from reports.api.shelf import Shelf, current
from reports.copies import offer

SHOWN = 31  # days; the file has all


@require_safe
def days(request: HttpRequest) -> HttpResponse:
    shelf = seen(request)
    anchors = daily_anchors(shelf.seen_on, SHOWN)
    return offer(render(request, "reports/trail_days.html", {"anchors": anchors}), shelf)


@require_safe
def hashes(request: HttpRequest) -> HttpResponse:
    """One a line, as `verify_audit_trail --anchors` reads them; without words, and so in no language."""
    shelf = seen(request)
    lines = "".join(f"{anchor}\n" for anchor in daily_anchors(shelf.seen_on))
    response = HttpResponse(lines, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="qamtu-trail-{shelf.seen_on}.txt"'
    return offer(response, shelf)


def seen(request: HttpRequest) -> Shelf:
    """With its day, of which a copy is good until the next; whether anything is released does not matter."""
    return getattr(request, "shelf", None) or current()
