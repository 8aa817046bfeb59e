"""The page on which the second of two savers sees both sets of changes side by side, and what they choose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from curricula.forms.lines import LineForm, Problem
from curricula.forms.rows import typed_as
from curricula.merging import (
    COMPARED,
    MINE,
    THEIRS,
    Cells,
    MergeRow,
    default_of,
    merge,
    resolve,
    unanswered,
)
from curricula.models import AICategory, Component, Cycle

STUDENTS = "students"
WORDS: Mapping[str, Mapping[str, Any]] = {
    "cycle": dict(Cycle.choices),
    "component": dict(Component.choices),
    "ai_category": dict(AICategory.choices),
}


@dataclass(frozen=True)
class Shown:
    """One column of a row in words, in each of the three states; `changed` by them, by me."""

    label: str
    base: str
    theirs: str
    mine: str
    theirs_changed: bool
    mine_changed: bool


@dataclass
class Question:
    """One row, or the number of students, that the two say differently."""

    name: str
    title: str
    columns: list[Shown]
    choices: list[tuple[str, str]]
    default: str
    chosen: str = ""
    was_there: bool = True
    theirs_there: bool = True
    mine_there: bool = True
    error: str = ""


@dataclass
class Comparison:
    """Both sides, and what was chosen of them by the names of the form's fields."""

    base: Sequence[Cells]
    theirs: Sequence[Cells]
    mine: Sequence[Cells]
    # The numbers of students as texts: at the start, saved now, typed.
    students: tuple[str, str, str]
    chosen: Mapping[str, str] = field(default_factory=dict)
    asked: bool = False

    def __post_init__(self) -> None:
        self.rows = merge(base=self.base, theirs=self.theirs, mine=self.mine)

    @property
    def questions(self) -> list[Question]:
        """What differs, in the order of the curriculum."""
        found = [self._question(index, row) for index, row in enumerate(self.rows) if not row.agrees]
        _base, theirs, mine = self.students
        if theirs != mine:
            found.insert(0, self._students())
        if self.asked:
            for question in found:
                if not question.chosen:
                    question.error = _("Choose what to keep.")
        return found

    @property
    def problems(self) -> list[Problem]:
        """For the summary of errors: what still has to be chosen."""
        missing = [question for question in self.questions if question.error]
        return [
            Problem(
                f"id_{question.name}",
                _("%(title)s: %(error)s") % {"title": question.title, "error": question.error},
            )
            for question in missing
        ]

    @property
    def open_questions(self) -> list[Question]:
        return [question for question in self.questions if not question.default]

    @property
    def taken_over(self) -> list[Question]:
        return [question for question in self.questions if question.default]

    @property
    def same(self) -> int:
        """How many rows both have alike."""
        return sum(row.agrees for row in self.rows)

    @property
    def is_answered(self) -> bool:
        students = self.students[1] == self.students[2] or self._chosen(STUDENTS, self._default())
        return bool(students) and not unanswered(self.rows, self._choices())

    def merged(self) -> tuple[str, list[Cells]]:
        """Students and rows as chosen; to be asked only where everything is answered."""
        _base, theirs, mine = self.students
        students = mine if self._chosen(STUDENTS, self._default()) == MINE else theirs
        return students, resolve(self.rows, self._choices())

    def _choices(self) -> dict[int, str]:
        chosen = {index: self.chosen.get(f"keep-{index}", "") for index in range(len(self.rows))}
        return {index: choice for index, choice in chosen.items() if choice in self.rows[index].choices}

    def _chosen(self, name: str, default: str) -> str:
        chosen = self.chosen.get(f"keep-{name}", "")
        return chosen if chosen in (MINE, THEIRS) else default

    def _default(self) -> str:
        return default_of(*self.students)

    def _students(self) -> Question:
        label = _("Students who study by it")
        base, theirs, mine = self.students
        column = Shown("", base or "–", theirs or "–", mine or "–", theirs != base, mine != base)
        choices = [(MINE, _label(MINE)), (THEIRS, _label(THEIRS))]
        default = self._default()
        return Question(
            f"keep-{STUDENTS}", label, [column], choices, default, self._chosen(STUDENTS, default)
        )

    def _question(self, index: int, row: MergeRow) -> Question:
        there = row.theirs or row.mine or row.base or Cells()
        return Question(
            f"keep-{index}",
            f"{there.code} {there.title}".strip() or _("A row without a code"),
            _columns(row),
            [(choice, _label(choice, row)) for choice in row.choices],
            row.default,
            self._choices().get(index) or row.default,
            row.base is not None,
            row.theirs is not None,
            row.mine is not None,
        )


def _columns(row: MergeRow) -> list[Shown]:
    """The columns that differ between any two of the states; of a row that only one has, all that it says."""
    sides = [side for side in (row.base, row.theirs, row.mine) if side]
    names = [name for name in ("title", *COMPARED[1:]) if len({getattr(side, name) for side in sides}) > 1]
    if row.base and "title" in names:
        names.remove("title")  # the same title in another language
    names = names or [name for name in COMPARED[1:] if getattr(sides[0], name)]
    changed = [row.differing(row.base, row.theirs), row.differing(row.base, row.mine)]
    return [
        Shown(
            str(LineForm.base_fields[name].label),
            word(name, row.base),
            word(name, row.theirs),
            word(name, row.mine),
            name in changed[0],
            name in changed[1],
        )
        for name in names
    ]


def word(name: str, cells: Cells | None) -> str:
    """A cell in its reader's words; a dash for nothing."""
    text = getattr(cells, name) if cells else ""
    if name in WORDS:
        return str(WORDS[name].get(text, text)) or "–"
    return (typed_as(cells)[name] if cells and name == "credits" else text) or "–"


def _label(choice: str, row: MergeRow | None = None) -> str:
    match choice:
        case "mine":
            return _("Yours") if row is None or row.mine else _("Yours: without this row")
        case "theirs":
            return _("Saved now") if row is None or row.theirs else _("Saved now: without this row")
        case "together":
            return _("Both changes, in one row")
        case "both":
            return _("Both, as two rows")
        case _:
            return _("Neither: leave this row out")
