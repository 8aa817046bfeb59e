"""Figures of a snapshot beside those of another: what is different, by what causes, and what is missing.

For whoever decides on a release, and for readers of a correction. Both snapshots are immutable, so what is said here of
two of them is the same whenever it is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from curricula.models import CurriculumVersion, Programme
from institutions.models import Institution, Region
from reports import figures, movements, wording
from reports.figures import Counts, Measure
from reports.models import Assessment, Coverage, Indicator, Outcome, Release, Requirement, Snapshot
from reports.movements import Cause, Moved, Movement

MOST_PARTS = 8
PROGRAMMES_EACH = 6


def compared_with(snapshot: Snapshot, corrects: Release | None = None) -> Release | None:
    """The release that the figures stand beside: what they correct, else the last that is public."""
    if corrects is not None:
        return corrects
    own: Release | None = getattr(snapshot, "release", None)
    if own is not None:
        return own.corrects or figures.before(own)
    return Release.objects.newest()


@dataclass(frozen=True)
class Row:
    name: str
    now: Counts
    was: Counts | None
    is_nation: bool

    @property
    def change(self) -> int | None:
        """Of the number that meet the requirement."""
        return None if self.was is None else self.now.met - self.was.met

    @property
    def moved(self) -> str:
        return wording.moved(self.now.share, self.was.share) if self.was else ""


@dataclass
class Table:
    """The country and its regions under one requirement; `rules_changed` where another version of it counts now."""

    requirement: Requirement
    rules_changed: bool = False
    rows: list[Row] = field(default_factory=list)

    @property
    def nation(self) -> Row:
        return self.rows[0]


def tables(snapshot: Snapshot, older: Snapshot | None) -> list[Table]:
    """Three queries, whatever the size of the country."""
    snapshots = [one.pk for one in (snapshot, older) if one is not None]
    cells = Coverage.objects.filter(
        snapshot__in=snapshots, dimension__in=("nation", "region")
    ).select_related("requirement")
    now: dict[str, dict[tuple[str, str], Coverage]] = {}
    was: dict[str, dict[tuple[str, str], Coverage]] = {}
    # Of two versions of a rule at once the first counts, as on public pages.
    for cell in cells.order_by("requirement__code", "-requirement__number"):
        side = now if cell.snapshot_id == snapshot.pk else was
        side.setdefault(cell.requirement.code, {})[cell.dimension, cell.key] = cell
    regions = {region.code: region for region in Region.objects.all()}
    return [_table(cells, was.get(code, {}), regions) for code, cells in now.items()]


def _table(
    now: dict[tuple[str, str], Coverage], was: dict[tuple[str, str], Coverage], regions: dict[str, Region]
) -> Table:
    first = now.get(("nation", "")) or next(iter(now.values()))
    before = was.get(("nation", ""))
    found = Table(first.requirement, before is not None and before.requirement_id != first.requirement_id)
    keys = {*now, *was}
    for dimension, key in sorted(keys, key=lambda one: (one[0] != "nation", _order(regions, one[1]), one[1])):
        cells = now.get((dimension, key)), was.get((dimension, key))
        found.rows.append(
            Row(
                name=regions[key].name if key in regions else key or _("Country"),
                now=Counts.of(cells[0]) if cells[0] else Counts(),
                was=Counts.of(cells[1]) if cells[1] else None,
                is_nation=dimension == "nation",
            )
        )
    return found


def _order(regions: dict[str, Region], key: str) -> str:
    return regions[key].order_kk if key in regions else ""


class Indicated(NamedTuple):
    name: str
    now: Measure
    was: Measure | None
    missing: str

    @property
    def change(self) -> int | None:
        return None if self.was is None else self.now.numerator - self.was.numerator


def indicators(snapshot: Snapshot, older: Snapshot | None) -> list[Indicated]:
    """The indicators of the country, each with what it was and what its denominator lacks; one query."""
    sides: dict[int, dict[str, Measure]] = {}
    snapshots = [one.pk for one in (snapshot, older) if one is not None]
    for row in Indicator.objects.filter(snapshot__in=snapshots, dimension="nation").order_by("indicator"):
        measure = Measure(row.indicator, row.numerator, row.denominator, row.missing)
        sides.setdefault(row.snapshot_id, {})[row.indicator] = measure
    before = sides.get(older.pk, {}) if older else {}
    return [
        Indicated(
            str(capfirst(wording.MEASURES.get(name, name))),
            measure,
            before.get(name),
            wording.missing(measure),
        )
        for name, measure in sides.get(snapshot.pk, {}).items()
    ]


@dataclass(frozen=True)
class Approval:
    """A programme that moved, and the curriculum that it counts by now (before, where it does not count now)."""

    programme: Programme
    cause: str
    was: str
    now: str
    version: CurriculumVersion | None


@dataclass(frozen=True)
class Part:
    """A university whose figures moved: by what causes, and its first programmes."""

    institution: Institution
    causes: Sequence[Movement]
    approvals: Sequence[Approval]

    @property
    def met(self) -> int:
        return sum(one.met for one in self.causes)

    @property
    def counted(self) -> int:
        return sum(one.counted for one in self.causes)

    @property
    def more(self) -> int:
        """Programmes that moved and are not among those named."""
        return sum(one.programmes for one in self.causes) - len(self.approvals)


@dataclass(frozen=True)
class Difference:
    """All that moved between two snapshots under one requirement."""

    nation: Sequence[Movement]
    parts: Sequence[Part]
    institutions: int  # of which the figures moved

    @property
    def sums(self) -> dict[str, int]:
        return movements.together(self.nation)

    @property
    def others(self) -> int:
        return self.institutions - len(self.parts)


def difference(older: Snapshot, newer: Snapshot, requirement: str) -> Difference:
    """The causes for the country, and the universities that moved most with the approvals behind it; five queries."""
    by_key: dict[str, list[Movement]] = {}
    nation = []
    for one in movements.between(older, newer, dimensions=("nation", "institution"), requirement=requirement):
        if one.dimension == "nation":
            nation.append(one)
        else:
            by_key.setdefault(one.key, []).append(one)
    most = sorted(by_key, key=lambda key: (*_weight(by_key[key]), key))[:MOST_PARTS]
    return Difference(
        nation, _parts(older, newer, requirement, {key: by_key[key] for key in most}), len(by_key)
    )


def _weight(moved: list[Movement]) -> tuple[int, int]:
    """Those come first whose number of programmes that meet it moved most, then those where most moved at all."""
    return -abs(sum(one.met for one in moved)), -sum(one.programmes for one in moved)


def _parts(older: Snapshot, newer: Snapshot, requirement: str, most: dict[str, list[Movement]]) -> list[Part]:
    if not most:
        return []
    first = movements.first_of_each(
        older, newer, requirement=requirement, dimension="institution", keys=most, each=PROGRAMMES_EACH
    )
    keys = {moved.programme_id for rows in first.values() for moved in rows}
    programmes = Programme.objects.in_bulk(keys)
    rows = Assessment.objects.filter(
        snapshot__in=[older, newer], programme__in=keys, requirement__code=requirement
    ).select_related("version__decided_by")
    versions = {(row.snapshot_id, row.programme_id): row.version for row in rows}
    institutions = Institution.objects.in_bulk(list(most), field_name="code")
    return [
        Part(
            institutions[key],
            causes,
            [
                _approval(programmes[moved.programme_id], moved, versions, (newer.pk, older.pk))
                for moved in first.get(key, [])
            ],
        )
        for key, causes in most.items()
    ]


def _approval(
    programme: Programme, moved: Moved, versions: dict[tuple[int, int], Any], snapshots: tuple[int, int]
) -> Approval:
    absent = _("not in scope")
    found = [versions.get((snapshot, programme.pk)) for snapshot in snapshots]
    return Approval(
        programme=programme,
        cause=str(Cause(moved.cause).label),
        was=str(Outcome(moved.was).label) if moved.was else absent,
        now=str(Outcome(moved.now).label) if moved.now else absent,
        version=found[0] or found[1],
    )


def silent(snapshot: Snapshot, requirement: Requirement) -> list[tuple[Institution, int, int]]:
    """The universities most of whose programmes have no data: how many, and of how many in scope; two queries."""
    rows = list(
        Coverage.objects.filter(
            snapshot=snapshot, requirement=requirement, dimension="institution", no_data__gt=0
        ).order_by("-no_data", "key")[:MOST_PARTS]
    )
    named = Institution.objects.in_bulk([row.key for row in rows], field_name="code")
    return [(named[row.key], row.no_data, Counts.of(row).in_scope) for row in rows if row.key in named]
