"""How often one person may ask for what costs: a file that is read or made, letters, previews. Saving is never braked.

Counted in each web process, as its cache is: neither the database nor Redis need be there.
"""

import math
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.throttling import SimpleRateThrottle

# By the name of the page: whether opening it costs, or sending something to it.
COSTLY = {
    # files that are read
    "import-new": "POST",
    # files that are made
    "import-template": "GET",
    "receipt": "GET",
    "admin:curricula_sample_population": "GET",
    "admin:institutions_trailentry_export": "GET",
    # letters and messages
    "people": "POST",
    "invitation-renew": "POST",
    "webhook-again": "POST",
    "webhook-ping": "POST",
    "admin:curricula_period_remind": "POST",
    "admin:institutions_invitation_add": "POST",
    # previews, which count the whole country
    "live-coverage": "GET",
    "admin:reports_requirement_what_if": "GET",
    "admin:reports_requirementdraft_adopt": "GET",
    "admin:reports_snapshot_add": "POST",
}


class ByPerson(SimpleRateThrottle):
    """`view` is the name of the page: each has a count of its own."""

    def get_rate(self) -> str:
        rate: str = settings.COSTLY_RATE
        return rate

    def get_cache_key(self, request: Any, view: Any) -> str:
        return f"costly-{view}-{request.user.pk}"


class BrakeMiddleware:
    """Says when to come back, instead of doing it: on a page that holds all that was typed, and sends it again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        match = request.resolver_match
        page = match.view_name if match else ""
        method = "GET" if request.method == "HEAD" else request.method
        if COSTLY.get(page) != method or not request.user.is_authenticated:
            return None
        throttle = ByPerson()
        if throttle.allow_request(request, page):  # type: ignore[arg-type]
            return None
        seconds = math.ceil(throttle.wait() or 1)
        typed = [(name, value) for name, values in request.POST.lists() for value in values]
        context = {
            "seconds": seconds,
            "typed": [pair for pair in typed if pair[0] != "csrfmiddlewaretoken"],
            "files": [(name, file.name) for name, (file, *_) in request.FILES.lists()],
        }
        answer = render(request, "too_often.html", context, status=429)
        answer["Retry-After"] = str(seconds)
        return answer
