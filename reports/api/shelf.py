"""What is public at this moment: the published releases, by one query, and when a copy of an answer is still good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext as _

from curricula.models import Field, Programme
from institutions.models import FormerName, Institution, Merger, Region
from reports.api.problems import BadParameters, Fault, NotPublished
from reports.models import FieldOccupation, Mandate, Occupation, ReferenceValue, Release, Requirement, Target

# Names and texts may be edited after a release; each edit is an event of these, by rising number.
NAMED = (Institution, FormerName, Merger, Region, Field, Programme, Mandate, Requirement, ReferenceValue)
# So may the links that exposure is computed by, and the targets that are drawn beside the figures.
EDITED = (*NAMED, FieldOccupation, Occupation, Target)


@dataclass(frozen=True)
class Shelf:
    """The published releases, newest first, and the number of the last edit of each kind of name."""

    releases: Sequence[dict[str, Any]]
    edits: tuple[int | None, ...]

    @property
    def numbers(self) -> list[int]:
        return [release["number"] for release in self.releases]

    @property
    def changed_at(self) -> datetime | None:
        """When the newest release, or the files that it waited for, came out."""
        return max(
            (max(release["publish_at"], release["files_ready_at"]) for release in self.releases), default=None
        )

    def corrections(self) -> dict[int, int]:
        """Number of each corrected release, with the newest published one that corrects it."""
        corrects = {
            release["corrects__number"]: release["number"]
            for release in reversed(self.releases)
            if release["corrects__number"] is not None
        }
        return {number: by for number, by in corrects.items() if number in self.numbers}

    def choose(self, text: str | None) -> list[dict[str, Any]]:
        """The releases that a request asks for: the newest, one by its number, or all."""
        if text is None:
            return list(self.releases[:1])
        if text == "all":
            return list(self.releases)
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise BadParameters(
                Fault("release", _("release: write the number of a release, or «all»."), ["all"])
            )
        return [self.numbered(int(text))]

    def numbered(self, number: int) -> dict[str, Any]:
        for release in self.releases:
            if release["number"] == number:
                return release
        raise NotPublished(_("No such release is published. /api/v1/releases/ lists those that are."))


def read_shelf() -> Shelf:
    """One query, whatever the number of releases and names."""
    edits = {f"edit_{place}": last_edit(model) for place, model in enumerate(EDITED)}
    found = list(
        Release.objects.published()
        .order_by("-number")
        .annotate(**edits)
        .values(
            "pk",
            "number",
            "snapshot_id",
            "publish_at",
            "files_ready_at",
            "corrects__number",
            "snapshot__demonstration",
            *edits,
        )
    )
    return Shelf(found, tuple(found[0][name] for name in edits) if found else ())


def last_edit(model: Any) -> Subquery:
    events: QuerySet[Any] = model.pgh_event_model.objects.order_by("-pgh_id")
    return Subquery(events.values("pgh_id")[:1])
