"""Coverage by any combination of dimensions, and as at a moment, over the API: counted when asked for."""

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_view
from rest_framework.request import Request

from institutions.api.listing import moment_of
from institutions.api.problems import BadParameters, Fault
from institutions.api.throttles import ByAddress
from reports import tables
from reports.api import filters, schema
from reports.api.counted import CountedView
from reports.api.rows import Row
from reports.crossing import Cell, crossed, crossed_as_at, in_order, period_of
from reports.exposure import rounded
from reports.figures import as_at
from reports.models import Release


class ByAddressSlowly(ByAddress):
    """Each answer is a count of the whole country: a tenth of what the other lists allow."""

    scope = "crossings"

    def parse_rate(self, rate: str | None) -> Any:
        number, seconds = super().parse_rate(rate)
        return (number and max(1, number // 10)), seconds


class Crossings(CountedView):
    """A release chooses the moment, or `as_at` does, up to the newest moment that is published."""

    table = tables.CROSSINGS
    filterset_class = filters.CrossingFilter
    throttle_classes = (ByAddressSlowly,)
    orderings = {name: name for name in ("requirement", "key", *(column.name for column in tables.COUNTS))}
    steady = ("requirement", "key")
    choosing = ("release", "as_at")

    def check_parameters(self, request: Request) -> None:
        if "as_at" in request.query_params:
            self.parameters = tuple(name for name in self.parameters if name != "release")
        super().check_parameters(request)

    def counted(self, asked: dict[str, Any]) -> list[Row]:
        if not self.chosen:
            return []
        release = Release.objects.select_related("snapshot__period").get(pk=self.chosen[0]["pk"])
        snapshot, by = release.snapshot, in_order(asked["by"])
        moment = published_moment(asked["as_at"]) if asked["as_at"] else None
        period = period_of(moment) if moment else snapshot.period
        if period is None:
            return []
        cells = crossed_as_at(moment, by, period=period) if moment else crossed(snapshot, by)
        about = {
            "release": None if moment else release.number,
            "period": period.code,
            "as_at": moment or snapshot.as_at,
            "dimension": ",".join(by) or "nation",
        }
        return [about | row(cell) for cell in cells if asked["requirement"] in ("", cell.requirement)]


def published_moment(text: str) -> datetime:
    """The moment asked for. Later than what is published nobody may look: it would be a release before its time."""
    moment = moment_of(text)
    if moment is None:
        told = _("as_at: write a moment with its time zone, such as 2026-03-01T12:00Z.")
        raise BadParameters(Fault("as_at", told))
    newest = max(as_at(release) for release in Release.objects.published().select_related("snapshot"))
    if moment > newest:
        told = _("as_at: nothing is published of that moment yet; the newest is %(moment)s.")
        written = newest.astimezone(UTC).isoformat().replace("+00:00", "Z")
        raise BadParameters(Fault("as_at", told % {"moment": written}))
    return moment


def row(cell: Cell) -> Row:
    counts = cell.counts
    shares = {"share": counts.share, "share_of_reported": counts.share_of_reported}
    return {
        "requirement": cell.requirement,
        "key": cell.key,
        **{name: getattr(counts, name) for name in ("in_scope", "met", "not_met", "no_data", "exempt")},
        **{name: None if share is None else str(rounded(share)) for name, share in shares.items()},
    }


extend_schema_view(get=schema.described_list(Crossings))(Crossings)
