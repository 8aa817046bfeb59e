"""What is public at this moment: the published releases, by one query, and when a copy of an answer is still good."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from threading import Lock
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import DatabaseError, OperationalError
from django.db.models import DurationField, ExpressionWrapper, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Now
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import gettext as _

from curricula.models import Field, Programme
from institutions.api.problems import BadParameters, Fault, NotPublished
from institutions.models import Alias, FormerName, Institution, Merger, Region
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

# Names and texts may be edited after a release; each edit is an event of these.
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

# In seconds: for how long a copy, wherever it lies, may be handed out before anybody asks us again,
FRESH_SECONDS = 60
# how often a web process looks what is public,
LOOK_EVERY = 1.0
# and how soon it tries again when the database did not answer.
BLIND_SECONDS = 5.0

# Of edits made at once the one that is written down later may have the lower number: the last few tell it.
LAST_EDITS = 20


@dataclass(frozen=True)
class Shelf:
    """The published releases, newest first, and the numbers of the last edits of each kind of name."""

    releases: Sequence[dict[str, Any]]
    edits: tuple[str, ...]
    until_next: timedelta | None = None  # till the time of the next release, if one is set
    seen_at: float = field(default_factory=time.monotonic)  # before it was read
    seen_on: date = field(default_factory=lambda: timezone.localdate())  # what some pages say depends on it

    @property
    def state(self) -> list[tuple[Any, ...]]:
        """What is published, and with which files."""
        return [
            (release["number"], release["files_ready_at"], release["bundled_at"]) for release in self.releases
        ]

    @property
    def numbers(self) -> list[int]:
        return [release["number"] for release in self.releases]

    @cached_property
    def whole(self) -> tuple[object, ...]:
        """All that a page may depend on besides its address and the program."""
        return (self.state, self.edits, self.seen_on)

    def is_current(self, every: float) -> bool:
        return time.monotonic() - self.seen_at < self.good_for(every)

    def good_for(self, most: float) -> float:
        """For how many seconds from `seen_at` nothing newer need be looked for: never beyond the time of the next
        release, so that what is new is read everywhere at once."""
        return most if self.until_next is None else min(most, max(self.until_next.total_seconds(), 0.0))

    @cached_property
    def expires(self) -> str:
        """Until when a copy may be kept unasked, as an HTTP date: a moment and no age, so that it holds for the copy
        of a copy, too. It tells of the next release within the last minute only. To a cache a copy is good through
        the whole of the second that is named, so that is the one before."""
        age = time.monotonic() - self.seen_at
        return http_date(time.time() - age + self.good_for(FRESH_SECONDS) - 1)

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


class Lookout:
    """What is public, as this process has seen it last; one thread looks anew for all."""

    def __init__(self, every: float) -> None:
        self.every = every  # seconds
        self.seen: Shelf | None = None
        self.blind_until = 0.0  # monotonic; set where the last look failed
        self.looking = Lock()

    def current(self) -> Shelf:
        """Raises OperationalError where the database does not answer; after the first who waited, at once for a
        while, so that a proxy with a copy in its hands need not wait for long."""
        return self.known() or self.look()

    def known(self) -> Shelf | None:
        if time.monotonic() < self.blind_until:
            raise OperationalError("The database did not answer when it was asked last.")
        return self.seen if self.seen is not None and self.seen.is_current(self.every) else None

    def look(self) -> Shelf:
        with self.looking:
            seen = self.known()  # what another has found out while this one waited
            if seen is None:
                try:
                    seen = self.seen = read_shelf()
                except DatabaseError:
                    self.blind_until = time.monotonic() + BLIND_SECONDS
                    raise
            return seen


# Only web processes are asked so often that looking each time would matter.
current = Lookout(LOOK_EVERY if settings.IS_WEB else 0).current


def read_shelf() -> Shelf:
    """One query, whatever the number of releases and names."""
    seen_at = time.monotonic()
    edits = {f"edit_{place}": last_edits(model) for place, model in enumerate(EDITED)}
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
            "snapshot__period__code",
            "until_next",
            *edits,
        )
    )
    if not found:
        return Shelf([], (), seen_at=seen_at)
    return Shelf(found, tuple(found[0][name] for name in edits), found[0]["until_next"], seen_at)


def until_next() -> ExpressionWrapper:
    """By the database's clock, which also decides what is published."""
    upcoming = Release.objects.upcoming().order_by("publish_at").values("publish_at")[:1]
    return ExpressionWrapper(Subquery(upcoming) - Now(), output_field=DurationField())


def last_edits(model: Any) -> Cast:
    """As a text, which is compared and kept as it comes: it stands beside each release."""
    events: QuerySet[Any] = model.pgh_event_model.objects.order_by("-pgh_id")
    return Cast(ArraySubquery(events.values("pgh_id")[:LAST_EDITS]), TextField())
