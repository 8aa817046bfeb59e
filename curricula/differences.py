"""What changed between two versions of a curriculum, line by line: for reviewers, and for those who mend a return."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, When
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from curricula.models import CurriculumVersion, Line

COMPARED = ("credits", "cycle", "component", "semester", "ai_category", "evidence_url")


@dataclass(frozen=True)
class FieldChange:
    """One column of a line, before and after; `was` and `now` are the words that a reader sees."""

    name: str
    label: str
    was: str
    now: str


@dataclass(frozen=True)
class LineChange:
    old: Line
    new: Line
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Differences:
    """New lines, lines that are gone, lines that say something else, and how many are the same."""

    added: list[Line] = field(default_factory=list)
    removed: list[Line] = field(default_factory=list)
    changed: list[LineChange] = field(default_factory=list)
    unchanged: int = 0
    students: FieldChange | None = None

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.students)

    @property
    def count(self) -> int:
        """How many lines differ."""
        return len(self.added) + len(self.removed) + len(self.changed)


def differences(old: CurriculumVersion | None, new: CurriculumVersion) -> Differences:
    """From `old` (None: there was nothing) to `new`, in the order of `new`; what is gone in the order of `old`.

    Asks nothing of the database where `lines__discipline` of both is prefetched; one query a version otherwise.
    """
    found = compare(_lines(old), _lines(new))
    if old is None or old.students == new.students:
        return found
    label = str(CurriculumVersion._meta.get_field("students").verbose_name)
    students = FieldChange("students", label, shown_number(old.students), shown_number(new.students))
    return Differences(found.added, found.removed, found.changed, found.unchanged, students)


def compare(old: Iterable[Line], new: Iterable[Line]) -> Differences:
    """Pair lines by discipline: those of the same semester first, then those that moved to another."""
    before, after = list(old), list(new)
    pairs = _pair(before, after)
    kept = {id(line) for line in pairs.values()}
    changes = [
        LineChange(pairs[id(line)], line, _changes(pairs[id(line)], line))
        for line in after
        if id(line) in pairs
    ]
    return Differences(
        added=[line for line in after if id(line) not in pairs],
        removed=[line for line in before if id(line) not in kept],
        changed=[change for change in changes if change.fields],
        unchanged=sum(not change.fields for change in changes),
    )


def _pair(before: list[Line], after: list[Line]) -> dict[int, Line]:
    """The old line of each new one. By identity, as lines that somebody has just typed have no key yet."""
    left = {(line.discipline_id, line.semester): line for line in before}
    pairs: dict[int, Line] = {}
    for line in after:
        if same := left.pop((line.discipline_id, line.semester), None):
            pairs[id(line)] = same
    moved: dict[int, list[Line]] = {}
    for line in left.values():
        moved.setdefault(line.discipline_id, []).append(line)
    for line in after:
        if id(line) not in pairs and moved.get(line.discipline_id):
            pairs[id(line)] = moved[line.discipline_id].pop(0)
    return pairs


def _changes(old: Line, new: Line) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name, _label(name), shown(old, name), shown(new, name))
        for name in COMPARED
        if getattr(old, name) != getattr(new, name)
    )


def _label(name: str) -> str:
    return str(Line._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def shown(line: Line, name: str) -> str:
    """What a reader sees of one column: words of closed lists in the reader's language, a dash for nothing."""
    value = getattr(line, name)
    if name == "credits":
        return shown_number(value)
    display: Any = getattr(line, f"get_{name}_display", None)
    return str(display() if display else value) or "–"


def shown_number(value: Any) -> str:
    """A count or credits without a needless zero behind the point."""
    if value is None:
        return _("not reported")
    text = number_format(value)
    return text[:-2] if text.endswith((",0", ".0")) else text


def _lines(version: CurriculumVersion | None) -> list[Line]:
    if version is None:
        return []
    prefetched = "lines" in getattr(version, "_prefetched_objects_cache", {})
    return list(version.lines.all() if prefetched else version.lines.select_related("discipline"))


def with_last_approved(versions: QuerySet[CurriculumVersion]) -> QuerySet[CurriculumVersion]:
    """Annotate `last_id`: what is valid for the programme in the version's period, else in the latest one before."""
    before = (
        CurriculumVersion.objects.valid_now()
        .filter(programme=OuterRef("programme"), period__code__lte=OuterRef("period__code"))
        .exclude(pk=OuterRef("pk"))
        .order_by("-period__code")
    )
    return versions.annotate(last_id=Subquery(before.values("pk")[:1]))


def with_versions_before(versions: QuerySet[CurriculumVersion]) -> QuerySet[CurriculumVersion]:
    """Annotate `last_id`, and `returned_id`: the version right before in the period, if that was returned."""
    right_before = CurriculumVersion.objects.filter(
        programme=OuterRef("programme"), period=OuterRef("period"), number__lt=OuterRef("number")
    ).order_by("-number")
    if_returned = Case(When(state=CurriculumVersion.State.RETURNED, then=F("pk")))
    return with_last_approved(versions).annotate(
        returned_id=Subquery(right_before.values(key=if_returned)[:1])
    )
