"""What moved the figures, over the API: computed when asked for, from the assessments of two releases."""

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_view

from institutions.api.problems import BadParameters, Fault
from reports import figures, movements, tables
from reports.api import filters, schema
from reports.api.counted import CountedView
from reports.api.rows import Row
from reports.assessing import DIMENSIONS
from reports.models import Release


class Movements(CountedView):
    """Since any earlier release; unless told that which its page is compared with: the last before it that stands."""

    table = tables.MOVEMENTS
    filterset_class = filters.MovementFilter
    orderings = {
        name: name
        for name in (
            "requirement",
            "dimension",
            "key",
            "cause",
            "programmes",
            "gained",
            "lost",
            "joined",
            "left",
        )
    }
    steady = ("requirement", "dimension", "key", "cause")

    def counted(self, asked: dict[str, Any]) -> list[Row]:
        if not self.chosen:
            return []
        release = Release.objects.select_related("snapshot__period").get(pk=self.chosen[0]["pk"])
        before = (
            earlier(release, int(asked["since"])) if asked["since"] is not None else figures.before(release)
        )
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


def earlier(release: Release, number: int) -> Release:
    published = Release.objects.published().select_related("snapshot__period")
    found = published.filter(number=number, number__lt=release.number).first()
    if found is None:
        told = _("since: write the number of a published release before release %(number)d.")
        raise BadParameters(Fault("since", told % {"number": release.number}))
    return found


extend_schema_view(get=schema.described_list(Movements))(Movements)
