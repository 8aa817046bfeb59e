"""What is public at this moment: the published releases, by one query, and when a copy of an answer is still good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from curricula.models import Field, Programme
from institutions.models import Alias, FormerName, Institution, Merger, Region
from reports.api.problems import BadParameters, Fault, NotPublished
from reports.models import (
    EffortEntry,
    FieldOccupation,
    Mandate,
    Occupation,
    ReferenceValue,
    Release,
    Requirement,
    Target,
)

# Names and texts may be edited after a release; each edit is an event of these, by rising number.
NAMED = (
    Institution,
    FormerName,
    Alias,
    Merger,
    Region,
    Field,
    Programme,
    Mandate,
    Requirement,
    ReferenceValue,
)
# So may the links that exposure is computed by, the targets that are drawn beside the figures, and what others state.
EDITED = (*NAMED, FieldOccupation, Occupation, Target, EffortEntry)


@dataclass(frozen=True)
class Shelf:
    """The published releases, newest first, and the number of the last edit of each kind of name."""

    releases: Sequence[dict[str, Any]]
    edits: tuple[int | None, ...]
    until_next: timedelta | None = None  # till the time of the next release, if one is set

    @property
    def state(self) -> list[tuple[Any, ...]]:
        """What is published, and with which files."""
        return [
            (release["number"], release["files_ready_at"], release["bundled_at"]) for release in self.releases
        ]

    @property
    def numbers(self) -> list[int]:
        return [release["number"] for release in self.releases]

    def fresh_for(self, most: int) -> int:
        """For how many seconds a copy may be kept unasked: never beyond the time of the next release, so that what
        is new is read everywhere at once. It tells of that time within the last minute only."""
        if self.until_next is None:
            return most
        return min(most, max(int(self.until_next.total_seconds()), 0))

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
        .annotate(**edits, until_next=until_next())
        .values(
            "pk",
            "number",
            "snapshot_id",
            "publish_at",
            "files_ready_at",
            "bundled_at",
            "corrects__number",
            "snapshot__demonstration",
            "until_next",
            *edits,
        )
    )
    if not found:
        return Shelf([], ())
    return Shelf(found, tuple(found[0][name] for name in edits), found[0]["until_next"])


def until_next() -> ExpressionWrapper:
    """By the database's clock, which also decides what is published."""
    upcoming = Release.objects.upcoming().order_by("publish_at").values("publish_at")[:1]
    return ExpressionWrapper(Subquery(upcoming) - Now(), output_field=DurationField())


def last_edit(model: Any) -> Subquery:
    events: QuerySet[Any] = model.pgh_event_model.objects.order_by("-pgh_id")
    return Subquery(events.values("pgh_id")[:1])
