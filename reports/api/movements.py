"""What moved the figures, over the API: computed when asked for, from the assessments of two releases."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_view

from reports import figures, movements, tables
from reports.api import filters, schema
from reports.api.counted import CountedView
from reports.api.lists import Row
from reports.assessing import DIMENSIONS
from reports.models import Release


class Movements(CountedView):
    """The release before is the one that its page is compared with: the last before it that stands."""

    table = tables.MOVEMENTS
    filterset_class = filters.MovementFilter
    steady = ("requirement", "dimension", "key", "cause")

    def counted(self, asked: dict[str, Any]) -> list[Row]:
        if not self.chosen:
            return []
        release = Release.objects.select_related("snapshot__period").get(pk=self.chosen[0]["pk"])
        before = figures.before(release)
        if before is None:
            return []
        moved = movements.between(
            before.snapshot,
            release.snapshot,
            dimensions=asked["dimension"] or DIMENSIONS,
            key=asked["key"] or None,
            requirement=asked["requirement"] or None,
            causes=asked["cause"] or None,
        )
        return [{**asdict(one), "release": release.number, "since": before.number} for one in moved]


extend_schema_view(get=schema.described_list(Movements))(Movements)
