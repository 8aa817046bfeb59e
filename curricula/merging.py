"""Merging: what two people made of one curriculum, row by row. Pure: no database, no clock.

Three states come in: the one that both began from, what is saved now ("theirs"), and what was typed ("mine"). What
only one of the two has changed is taken over; what both have changed is a question that nobody answers but a person.
Cells are plain texts in one spelling, so that rows which are not finished can be merged like any others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Cells(NamedTuple):
    """One row of a curriculum as texts."""

    code: str = ""
    title: str = ""
    credits: str = ""
    cycle: str = ""
    component: str = ""
    semester: str = ""
    ai_category: str = ""
    evidence_url: str = ""


# A code has one title at the institution, so that a title is a difference only where the row is new.
COMPARED = ("code", "credits", "cycle", "component", "semester", "ai_category", "evidence_url")

MINE, THEIRS, TOGETHER, BOTH, NEITHER = CHOICES = ("mine", "theirs", "together", "both", "neither")


@dataclass(frozen=True)
class MergeRow:
    """One discipline as it was, as it is saved now and as it was typed; None where it does not stand."""

    base: Cells | None
    theirs: Cells | None
    mine: Cells | None

    @property
    def agrees(self) -> bool:
        """Both say the same, so that there is nothing to show."""
        return not self.differing(self.theirs, self.mine)

    @property
    def default(self) -> str:
        """What is taken over unasked; "" where only a person can tell."""
        if self.theirs == self.base:
            return MINE
        if self.agrees or not self.differing(self.base, self.mine):
            return THEIRS
        if not self.differing(self.base, self.theirs):
            return MINE
        return TOGETHER if self.joins else ""

    @property
    def choices(self) -> tuple[str, ...]:
        """What may be chosen; no choice is offered that says what another one says."""
        if not self.theirs or not self.mine:
            return (MINE, THEIRS)
        apart = self.theirs.semester != self.mine.semester
        return (*([TOGETHER] if self.joins else []), MINE, THEIRS, *([BOTH] if apart else []), NEITHER)

    @property
    def joins(self) -> bool:
        """Each has changed other columns of the row, so that it can say what both mean."""
        if not (self.base and self.theirs and self.mine):
            return False
        changed = self.differing(self.base, self.theirs), self.differing(self.base, self.mine)
        return all(changed) and all(
            getattr(self.theirs, name) == getattr(self.mine, name)
            for name in set(changed[0]) & set(changed[1])
        )

    def result(self, choice: str) -> list[Cells]:
        rows = {
            MINE: [self.mine],
            THEIRS: [self.theirs],
            TOGETHER: [self._joined()],
            BOTH: [self.theirs, self.mine],
            NEITHER: [],
        }[choice]
        return [row for row in rows if row]

    def differing(self, one: Cells | None, other: Cells | None) -> list[str]:
        """The columns in which two states of the row differ; all where it stands in only one of them."""
        if one is None or other is None:
            return [] if one is other else list(COMPARED)
        found = [name for name in COMPARED if getattr(one, name) != getattr(other, name)]
        new = self.base is None and one.title and other.title and one.title != other.title
        return ["title", *found] if new else found

    def _joined(self) -> Cells | None:
        if not self.joins or not (self.base and self.theirs and self.mine):
            return self.theirs
        mine = {name: getattr(self.mine, name) for name in self.differing(self.base, self.mine)}
        return self.theirs._replace(title=self.theirs.title or self.mine.title, **mine)


def merge(*, base: Sequence[Cells], theirs: Sequence[Cells], mine: Sequence[Cells]) -> list[MergeRow]:
    """Every row of either side, once, in the order in which the merged curriculum has them."""
    in_theirs, in_mine = _pairs(base, theirs), _pairs(base, mine)
    of_theirs: dict[int, MergeRow] = {}
    of_mine: dict[int, MergeRow] = {}
    for index, was in enumerate(base):
        their, my = in_theirs.get(index), in_mine.get(index)
        row = MergeRow(was, None if their is None else theirs[their], None if my is None else mine[my])
        if their is not None:
            of_theirs[their] = row
        if my is not None:
            of_mine[my] = row
    new_theirs = [index for index in range(len(theirs)) if index not in of_theirs]
    new_mine = [index for index in range(len(mine)) if index not in of_mine]
    added = _pairs([theirs[index] for index in new_theirs], [mine[index] for index in new_mine])
    for place, index in enumerate(new_theirs):
        pair = new_mine[added[place]] if place in added else None
        of_theirs[index] = MergeRow(None, theirs[index], None if pair is None else mine[pair])
        if pair is not None:
            of_mine[pair] = of_theirs[index]
    for index in new_mine:
        of_mine.setdefault(index, MergeRow(None, None, mine[index]))
    sides = [_in_order(of_theirs), _in_order(of_mine)]
    return _interleaved(*(reversed(sides) if _reordered(in_mine) else sides))


def resolve(rows: Sequence[MergeRow], choices: Mapping[int, str]) -> list[Cells]:
    """The merged rows by what was chosen, by index; where nothing is chosen, by the default. See `unanswered`."""
    return [
        cells
        for index, row in enumerate(rows)
        for cells in row.result(choices.get(index) or row.default or THEIRS)
    ]


def unanswered(rows: Sequence[MergeRow], choices: Mapping[int, str]) -> list[int]:
    """The rows that need a choice and have none; without them nothing may be saved."""
    return [
        index
        for index, row in enumerate(rows)
        if not row.agrees and (choices.get(index) or row.default) not in row.choices
    ]


def default_of(base: str, theirs: str, mine: str) -> str:
    """The same for a single value, such as the number of students: MINE, THEIRS, or "" for a question."""
    if theirs in (base, mine):
        return MINE
    return THEIRS if mine == base else ""


def _pairs(before: Sequence[Cells], after: Sequence[Cells]) -> dict[int, int]:
    """Which row became which: the discipline in the same semester first, then one that moved to another."""
    found: dict[int, int] = {}
    for key in (lambda row: (row.code, row.semester), lambda row: row.code):
        waiting: dict[object, list[int]] = {}
        taken = set(found.values())
        for index, row in enumerate(after):
            if row.code and index not in taken:
                waiting.setdefault(key(row), []).append(index)
        for index, row in enumerate(before):
            if index not in found and waiting.get(key(row)):
                found[index] = waiting[key(row)].pop(0)
    return found


def _in_order(rows: Mapping[int, MergeRow]) -> list[MergeRow]:
    return [rows[index] for index in sorted(rows)]


def _reordered(pairs: Mapping[int, int]) -> bool:
    """Whether the rows that stayed stand in another order than before."""
    places = [pairs[index] for index in sorted(pairs)]
    return places != sorted(places)


def _interleaved(first: Iterable[MergeRow], second: Iterable[MergeRow]) -> list[MergeRow]:
    """The rows of the first in their order; those that only the second has each stand after the one before it."""
    rows = list(first)
    place = 0
    for row in second:
        found = next((index for index, other in enumerate(rows) if other is row), None)
        if found is None:
            rows.insert(place, row)
            found = place
        place = found + 1
    return rows
