"""What public pages read: a release's counts, shares, series and programmes. Releases only, never drafts or live rows.

Shares stay counts until they are shown; a share without a denominator is None, never 0.
"""

from collections import Counter as TallyCounter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from reports.models import (
    Assessment,
    Coverage,
    Indicator,
    LiveDay,
    Outcome,
    ReferenceValue,
    Release,
    Requirement,
    Target,
)

SINGLE = ("nation", "region", "institution", "field", "level", "kind", "language")
COUNTED = {outcome.value: Count("programme", filter=Q(outcome=outcome)) for outcome in Outcome}


@dataclass(frozen=True)
class Counts:
    """Programmes in scope of a requirement by outcome."""

    met: int = 0
    not_met: int = 0
    no_data: int = 0
    exempt: int = 0

    @property
    def in_scope(self) -> int:
        return self.met + self.not_met + self.no_data + self.exempt

    @property
    def counted(self) -> int:
        """The denominator: who is excused does not count, who is silent counts against."""
        return self.in_scope - self.exempt

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.met, self.counted) if self.counted else None

    @property
    def share_of_reported(self) -> Fraction | None:
        return Fraction(self.met, self.met + self.not_met) if self.met + self.not_met else None

    @classmethod
    def of(cls, row: dict[str, Any] | Coverage | LiveDay) -> "Counts":
        get = row.get if isinstance(row, dict) else lambda name: getattr(row, name)
        return cls(**{name: get(name) or 0 for name in ("met", "not_met", "no_data", "exempt")})


@dataclass(frozen=True)
class Measure:
    """An indicator: a part, the whole, how many are missing, and what others have said in public about it."""

    name: str
    numerator: int
    denominator: int
    missing: int
    stated: tuple[ReferenceValue, ...] = ()

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.numerator, self.denominator) if self.denominator else None


@dataclass
class Edition:
    """A release as its pages read it: counts of the leading requirement by dimension and key.

    The leading requirement is the first by code that the release has figures for.
    """

    release: Release
    requirement: Requirement | None = None
    cells: dict[str, dict[str, Counts]] = field(default_factory=dict)

    def by(self, dimension: str) -> dict[str, Counts]:
        return self.cells.get(dimension, {})

    @property
    def nation(self) -> Counts:
        return self.by("nation").get("", Counts())

    @property
    def assessments(self) -> QuerySet[Assessment]:
        return Assessment.objects.filter(snapshot=self.release.snapshot_id, requirement=self.requirement)


def edition(release: Release, dimensions: Iterable[str] = SINGLE) -> Edition:
    """Two queries: the requirements of the release, and the counts of the leading one."""
    snapshot = release.snapshot_id
    leading = (
        Requirement.objects.filter(pk__in=Coverage.objects.filter(snapshot=snapshot).values("requirement"))
        .select_related("mandate")
        .order_by("code", "number")
        .first()
    )
    found = Edition(release, leading)
    for row in Coverage.objects.filter(
        snapshot=snapshot, requirement=leading, dimension__in={"nation", *dimensions}
    ):
        found.cells.setdefault(row.dimension, {})[row.key] = Counts.of(row)
    return found


def nations(releases: Iterable[Release]) -> dict[int, Counts]:
    """Of several releases at once the counts of the nation by the leading requirement, by snapshot; one query."""
    found = {release.snapshot_id: Counts() for release in releases}
    rows = Coverage.objects.filter(snapshot__in=found, dimension="nation")
    for row in rows.order_by("-requirement__code", "-requirement__number"):
        found[row.snapshot_id] = Counts.of(row)
    return found


def cells_of(edition: Edition, keys: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], Counts]:
    """The counts of some keys of some dimensions, by both; one query."""
    wanted = [Q(dimension=dimension, key__in=of) for dimension, of in keys.items()]
    rows = Coverage.objects.filter(
        reduce(or_, wanted, Q(pk__in=[])),
        snapshot=edition.release.snapshot_id,
        requirement=edition.requirement,
    )
    return {(row.dimension, row.key): Counts.of(row) for row in rows}


def measures(release: Release, *, dimension: str = "nation", key: str = "") -> dict[str, Measure]:
    """The indicators of a key; for the nation with the public statements beside them. At most two queries."""
    stated: dict[str, list[ReferenceValue]] = {}
    if dimension == "nation":
        for value in ReferenceValue.objects.exclude(indicator=""):
            stated.setdefault(value.indicator, []).append(value)
    return {
        row.indicator: Measure(
            row.indicator, row.numerator, row.denominator, row.missing, tuple(stated.get(row.indicator, ()))
        )
        for row in Indicator.objects.filter(snapshot=release.snapshot_id, dimension=dimension, key=key)
    }


def as_at(release: Release) -> datetime:
    """The moment that a release describes; there is one, for only taken snapshots are released."""
    moment: datetime | None = release.snapshot.as_at
    if moment is None:
        raise ValueError(f"Release {release} has a snapshot that was never taken.")
    return moment


def standing(release: Release) -> QuerySet[Release]:
    """The releases that the page of this one looks back on, oldest first, without those corrected by then.

    Only what was public when this one became so: its page stays the same whatever is released later.
    """
    own = Q(pk=release.pk)
    earlier = Release.objects.filter(
        own | Q(files_ready_at__lte=release.files_ready_at or Now()),
        number__lte=release.number,
        publish_at__lte=release.publish_at,
    )
    corrected = earlier.exclude(corrects=None).values("corrects")
    return earlier.exclude(pk__in=corrected).select_related("snapshot__period").order_by("number")


class Standing(NamedTuple):
    """A point of a series: a release, its counts, and the version of the requirement that they were counted by."""

    release: Release
    counts: Counts
    requirement_id: int


def series(edition: Edition, dimension: str = "nation", key: str = "") -> list[Standing]:
    """The counts of one key in every standing release up to this one; two queries."""
    return standings(edition, dimension, [key])[key]


def standings(edition: Edition, dimension: str, keys: Sequence[str]) -> dict[str, list[Standing]]:
    """The series of several keys of a dimension; two queries."""
    if edition.requirement is None:
        return {key: [] for key in keys}
    releases = list(standing(edition.release))
    rows = Coverage.objects.filter(
        snapshot__in=[release.snapshot_id for release in releases],
        requirement__code=edition.requirement.code,
        dimension=dimension,
        key__in=keys,
    ).order_by("-requirement__number")
    found = {
        (row.key, row.snapshot_id): row for row in rows
    }  # of two versions at once the first, as in `edition`
    return {
        key: [
            Standing(release, Counts.of(row), row.requirement_id)
            for release in releases
            if (row := found.get((key, release.snapshot_id)))
        ]
        for key in keys
    }


def counts_of(
    releases: Iterable[Release], requirement: Requirement | None, dimension: str
) -> dict[int, dict[str, Counts]]:
    """The counts of every key of a dimension, by release and key, under one version of a requirement; one query."""
    numbers = {release.snapshot_id: release.pk for release in releases}
    found: dict[int, dict[str, Counts]] = {}
    if not numbers:
        return found
    for row in Coverage.objects.filter(snapshot__in=numbers, requirement=requirement, dimension=dimension):
        found.setdefault(numbers[row.snapshot_id], {})[row.key] = Counts.of(row)
    return found


def before(release: Release) -> Release | None:
    """The release that this one is compared with: the one before it that stands; one query."""
    return standing(release).exclude(number=release.number).last()


def targets(requirement: Requirement | None) -> list[Target]:
    return list(Target.objects.filter(requirement_code=requirement.code)) if requirement else []


def split(edition: Edition, column: str, **within: str) -> dict[str, Counts]:
    """Counts by a column of the assessments (`field_code`, `institution__code`) within a region, field, kind."""
    rows = edition.assessments.filter(**within).values(column).annotate(**COUNTED).order_by()
    return {row[column]: Counts.of(row) for row in rows}


def programmes(edition: Edition, institution_id: int) -> QuerySet[Assessment]:
    """Every programme of an institution with its outcome and its titles; one query."""
    return (
        edition.assessments.filter(institution=institution_id)
        .select_related("programme")
        .order_by("programme__code")
    )


def tally(programmes: Iterable[Assessment], column: str) -> dict[str, Counts]:
    """Counts of programmes that were read already, by a column of theirs (`level`, `field_code`)."""
    found: dict[str, TallyCounter[str]] = {}
    for programme in programmes:
        found.setdefault(getattr(programme, column), TallyCounter())[programme.outcome] += 1
    return {key: Counts(**outcomes) for key, outcomes in found.items()}
