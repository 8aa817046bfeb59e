"""What became of last year's curricula in a period: carried unchanged, changed, added or dropped.

Shown to whoever carries forward and, before signing, to the signatory.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery, prefetch_related_objects

from curricula.carrying import approved_before
from curricula.differences import Differences, compare
from curricula.models import CurriculumVersion, Line, Period, Programme
from institutions.models import Institution

# One line a discipline and its place, as the seal of versions reads them; students are no part of it.
DIGESTS = """
    SELECT version_id, md5(string_agg(concat_ws('|', discipline_id, credits, cycle, component, semester, ai_category,
        evidence_url), E'\\n' ORDER BY position, id))
    FROM curricula_line WHERE version_id = ANY(%s) GROUP BY version_id
"""


@dataclass(frozen=True)
class Change:
    """A curriculum that differs from the one approved last year, and in what."""

    version: CurriculumVersion
    before: CurriculumVersion
    differences: Differences

    @property
    def is_long(self) -> bool:
        """Too much to be read on a page of all programmes."""
        return self.differences.count > 30


@dataclass(frozen=True)
class Year:
    """The period's curricula beside those approved for the year before, by programme code.

    `dropped` are approved curricula of programmes that have none now; `closed` says of a programme among them that it
    is not taught any more.
    """

    same: list[CurriculumVersion] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    added: list[CurriculumVersion] = field(default_factory=list)
    dropped: list[CurriculumVersion] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.same or self.changed or self.added or self.dropped)


def digests(versions: Collection[int]) -> dict[int, str]:
    """What tells the lines of versions apart, by version; none for a version without lines."""
    if not versions:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(DIGESTS, [list(versions)])
        return dict(cursor.fetchall())


def since_last_year(institution: Institution, period: Period) -> Year:
    """The newest curriculum of each programme in the period beside last year's; eight queries at most."""
    before = {
        version.programme_id: version
        for version in approved_before(institution, period).select_related("programme", "period")
    }
    now = list(_newest(institution, period).select_related("programme").order_by("programme__code"))
    found = digests([*(version.pk for version in now), *(version.pk for version in before.values())])
    same, other, added = [], [], []
    for version in now:
        last = before.get(version.programme_id)
        if last is None:
            added.append(version)
        elif found.get(version.pk) == found.get(last.pk):
            same.append(version)
        else:
            other.append((version, last))
    there = {version.programme_id for version in now}
    return Year(
        same=same, changed=_changed(other), added=added, dropped=_dropped(institution, period, before, there)
    )


def _newest(institution: Institution, period: Period) -> QuerySet[CurriculumVersion]:
    """The version of each programme that counts, if it has lines; what was returned counts until it is mended."""
    versions = CurriculumVersion.objects.filter(programme=OuterRef("programme"), period=period)
    newest = Subquery(versions.order_by("-number").values("pk")[:1])
    found: QuerySet[CurriculumVersion] = CurriculumVersion.objects.filter(
        Exists(Line.objects.filter(version=OuterRef("pk"))), institution=institution, period=period, pk=newest
    )
    return found


def _changed(pairs: list[tuple[CurriculumVersion, CurriculumVersion]]) -> list[Change]:
    prefetch_related_objects(
        [version for pair in pairs for version in pair],
        Prefetch("lines", Line.objects.order_by("position")),
        "lines__discipline",
    )
    return [
        Change(version, last, compare(version_lines(last), version_lines(version))) for version, last in pairs
    ]


def version_lines(version: CurriculumVersion) -> list[Line]:
    return list(version.lines.all())


def _dropped(
    institution: Institution, period: Period, before: dict[int, CurriculumVersion], there: set[int]
) -> list[CurriculumVersion]:
    """Of the year in which anything was approved last: what was taught long ago is not dropped now."""
    latest = max((version.period.code for version in before.values()), default="")
    gone = [
        version
        for version in before.values()
        if version.programme_id not in there and version.period.code == latest
    ]
    if gone:
        taught = Programme.objects.filter(institution=institution).active_in(period)
        active = set(taught.values_list("pk", flat=True))
        for version in gone:
            version.is_closed = version.programme_id not in active  # type: ignore[attr-defined]
    return sorted(gone, key=lambda version: version.programme.code)
