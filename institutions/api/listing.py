"""Lists of an institution's own rows: a page begins after the last row of the one before, by what never changes."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from institutions.api.problems import BadParameters, Fault
from institutions.strict_json import printable

LARGEST_SIZE = 100
MOST_VALUES = 100  # of one parameter
PAGING = (
    OpenApiParameter("after", str, description="Where the page begins: after this row, as `next` gives it."),
    OpenApiParameter(
        "page_size",
        {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE},
        description=f"Rows on a page: {LARGEST_SIZE} unless told.",
    ),
)


def check_parameters(request: Request, known: Sequence[str], several: Sequence[str] = ()) -> dict[str, str]:
    """What was asked: each of `known` once, those of `several` as often as MOST_VALUES, of which the last is told.

    400 for what would otherwise be passed over in silence, and for text that no row can hold."""
    asked = {}
    faults = []
    for given, values in request.query_params.lists():
        name, names = printable(given)[:100], sorted((*known, *several))
        sentence, allowed = "", []
        if given not in names:
            sentence, allowed = _("%(name)s: there is no such parameter here; known are %(known)s."), names
        elif len(values) > 1 and name not in several:
            sentence = _("%(name)s: give it once.")
        elif len(values) > MOST_VALUES:
            sentence = _("%(name)s: give at most %(most)d values.")
        elif name != "search" and not all(map(str.strip, values)):
            sentence = _("%(name)s: give a value, or leave it out.")
        elif any(printable(value) != value for value in values):
            sentence = _("%(name)s: take out the characters that can't be printed.")
        if sentence:
            words = {"name": name, "known": ", ".join(names) or "–", "most": MOST_VALUES}
            faults.append(Fault(name, sentence % words, allowed))
        asked[name] = values[-1]
    if faults:
        raise BadParameters(*faults)
    return asked


def page_size(text: str | None) -> int:
    """How many rows a page shall have; more than the largest are not refused but not given either."""
    if text is None:
        return LARGEST_SIZE
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        told = _("page_size: write a whole number from 1 to %(most)d.") % {"most": LARGEST_SIZE}
        raise BadParameters(Fault("page_size", told))
    return min(int(text.lstrip("0")[:9]), LARGEST_SIZE)


def moment_of(text: str) -> datetime | None:
    """A moment that names its time zone, in UTC; None if it is none. A plus that was not escaped comes as a space."""
    try:
        moment = parse_datetime(re.sub(r" (?=\d\d:?\d\d$)", "+", text))
        if moment is None or moment.tzinfo is None or not 1900 < moment.year < 3000:
            return None
        return moment.astimezone(UTC)
    except ValueError:
        return None


def page(
    request: Request,
    rows: QuerySet[Any],
    row: Callable[[Any], dict[str, Any]],
    *,
    by: str = "code",
    parameters: Sequence[str] = (),
) -> Response:
    """`next` and `results`: a page of rows in the order of `by`, which is unique and of text or a whole number."""
    asked = check_parameters(request, ("after", "page_size", *parameters))
    size = page_size(asked.get("page_size"))
    if "after" in asked:
        rows = rows.filter(**{f"{by}__gt": _place(asked["after"], by)})
    found = list(rows.order_by(by)[: size + 1])
    following = None
    if len(found) > size:
        place = {**asked, "after": str(getattr(found[size - 1], by))}
        following = request.build_absolute_uri(f"{request.path}?{urlencode(place)}")
    return Response({"next": following, "results": [row(one) for one in found[:size]]})


def page_of(serializer: type[serializers.Serializer[Any]]) -> Any:
    """How a page looks, for the schema."""
    return inline_serializer(
        serializer.__name__.replace("Serializer", "Page"),
        {
            "next": serializers.URLField(
                allow_null=True, help_text="The page after this one; null on the last."
            ),
            "results": serializer(many=True),
        },
    )


def _place(text: str, by: str) -> Any:
    if by != "pk":
        return text
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadParameters(
            Fault("after", _("after: follow the address in “next”, or leave it out to begin anew."))
        )
    return int(text)
