"""The form of one curriculum: how many students, and a table of rows.

It works by whole pages: rows are added and removed by buttons and boxes, and whatever was typed comes back as typed,
right or wrong. What a cell may hold is decided by the same parsers that read spreadsheets, in the same words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from curricula.drafting import DraftLine, repeated
from curricula.models import CurriculumVersion, Discipline, Line
from curricula.models.versions import LINES_LIMIT
from curricula.spreadsheets.columns import Wrong, parse_column
from curricula.spreadsheets.faults import Fault

SPARE_ROWS = 5
# The form's names for what the spreadsheet format calls otherwise.
COLUMNS = {
    "code": "discipline_code",
    "title": "discipline_title",
    "credits": "credits",
    "cycle": "cycle",
    "component": "component",
    "semester": "semester",
    "ai_category": "ai_category",
    "evidence_url": "evidence_url",
}
UNCHOSEN = [("", "–")]


def _text(label: Any, **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, widget=forms.TextInput(attrs={"autocomplete": "off", **attrs})
    )


def _choice(label: Any, choices: Iterable[tuple[str, Any]]) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.Select(choices=list(choices)))


class LineForm(forms.Form):
    """One row of the table. A row in which nothing is typed is no line, and no error."""

    code = _text(gettext_lazy("Code"), list="disciplines")
    title = _text(gettext_lazy("Title"))
    credits = _text(gettext_lazy("Credits"), inputmode="decimal")
    cycle = _choice(gettext_lazy("Cycle"), [*UNCHOSEN, *Line.Cycle.choices])
    component = _choice(gettext_lazy("Component"), [*UNCHOSEN, *Line.Component.choices])
    semester = _text(gettext_lazy("Semester"), inputmode="numeric")
    ai_category = _choice(gettext_lazy("AI category"), Line.AICategory.choices)
    evidence_url = _text(gettext_lazy("Link to evidence"), inputmode="url")
    remove = forms.BooleanField(label=pgettext_lazy("a line", "Remove"), required=False)

    values: dict[str, Any]

    def typed(self, name: str) -> str:
        return str(self[name].value() or "").strip()

    @property
    def is_blank(self) -> bool:
        given = [name for name in COLUMNS if self.typed(name)]
        return given in ([], ["ai_category"]) and self.typed("ai_category") in ("", Line.AICategory.NONE)

    @property
    def counts(self) -> bool:
        return not self.is_blank and not self.typed("remove")

    def clean(self) -> dict[str, Any]:
        self.values = {}
        for name, column in COLUMNS.items() if self.counts else ():
            text = self.typed(name)
            value = parse_column(column, [text])[0]
            if name == "title" and not text:
                value = ""  # needed only for a code that the institution does not have
            if isinstance(value, Wrong):
                missing = value.code == "required"
                fault = Fault(value.code, column=column, value=text, params=value.params)
                self.add_error(name, _("Fill this in.") if missing else fault.message)
            self.values[column] = value
        return self.cleaned_data

    def line(self) -> DraftLine:
        return DraftLine(**self.values)


class HeadForm(forms.Form):
    """What a curriculum says besides its lines, and which edit of which draft was on the screen.

    The number alone does not tell: of a draft that was discarded and begun again it counts from the start.
    """

    students = forms.IntegerField(
        label=gettext_lazy("Students who study by it"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": gettext_lazy("Write a whole number, such as 25.")},
    )
    edit_number = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    draft = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    rows = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Problem:
    """A sentence for the summary of errors, and the id of the field where it is mended."""

    field: str
    message: str


@dataclass
class CurriculumForm:
    """The whole form, as it was typed or as it is saved."""

    head: HeadForm
    rows: list[LineForm]
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(
        cls, version: CurriculumVersion | None, lines: Iterable[DraftLine], edit_number: int
    ) -> "CurriculumForm":
        """As saved, with spare rows below; `edit_number` is 0 where there is no draft yet."""
        rows = [_row(index, _as_typed(line)) for index, line in enumerate(lines)]
        rows += _spare(len(rows))
        students = version.students if version else None
        draft = version.pk if version and version.state == CurriculumVersion.State.DRAFT else None
        return cls(_head(students, edit_number, draft, len(rows)), rows)

    @classmethod
    def typed(cls, data: Mapping[str, Any]) -> "CurriculumForm":
        """To be checked by `is_valid`."""
        rows = [LineForm(data, prefix=f"lines-{index}") for index in range(_row_count(data))]
        return cls(HeadForm(data), rows)

    @classmethod
    def unchecked(
        cls, data: Mapping[str, Any], *, more: int = 0, seen: tuple[Any, Any] | None = None
    ) -> "CurriculumForm":
        """As typed, without a word about what may be wrong; with `more` rows, and as if made from another edit:
        its number and draft."""
        count = _row_count(data)
        rows = [
            _row(index, {name: data.get(f"lines-{index}-{name}", "") for name in (*COLUMNS, "remove")})
            for index in range(count)
        ]
        rows += _spare(count, min(more, LINES_LIMIT - count))
        seen = seen or (data.get("edit_number", ""), data.get("draft", ""))
        return cls(_head(data.get("students", ""), *seen, len(rows)), rows)

    def is_valid(self, disciplines: Iterable[Discipline]) -> bool:
        """Check each cell, then the rows against each other and against the institution's `disciplines`."""
        self.head.is_valid()
        for row in self.rows:
            row.is_valid()
        self._check_repetition()
        self._check_titles({discipline.code: discipline for discipline in disciplines})
        self.problems += self._listed()
        return not self.problems

    def lines(self) -> list[DraftLine]:
        return [row.line() for row in self.rows if row.counts]

    @property
    def edit_number(self) -> int:
        return int(self.head.cleaned_data["edit_number"])

    @property
    def draft(self) -> int | None:
        """The key of the draft that was on the screen, if it was one."""
        key: int | None = self.head.cleaned_data["draft"]
        return key

    @property
    def students(self) -> int | None:
        number: int | None = self.head.cleaned_data["students"]
        return number

    def _check_repetition(self) -> None:
        numbered = enumerate(self.rows, start=1)
        counting = [(number, row) for number, row in numbered if row.counts and not row.errors]
        for second, first in repeated([row.line() for _number, row in counting]).items():
            counting[second][1].add_error(
                "code",
                _("Line %(line)d has the same discipline in the same semester. Remove one of the two.")
                % {"line": counting[first][0]},
            )

    def _check_titles(self, known: Mapping[str, Discipline]) -> None:
        said: dict[str, str] = {}
        for row in self.rows:
            if not row.counts or "code" in row.errors or "title" in row.errors:
                continue
            code, title = row.values["discipline_code"], row.values["discipline_title"]
            discipline = known.get(code)
            if discipline:
                if title and title not in (discipline.title_kk, discipline.title_ru, discipline.title_en):
                    row.add_error("title", _another(code, discipline.title))
            elif not title and code not in said:
                row.add_error(
                    "title", _("Your university has no discipline with this code yet. Write its title.")
                )
            elif title and said.setdefault(code, title) != title:
                row.add_error("title", _another(code, said[code]))

    def _listed(self) -> list[Problem]:
        listed = [
            Problem(self.head[name].auto_id, f"{self.head[name].label}: {error}")
            for name, errors in self.head.errors.items()
            for error in errors
        ]
        for number, row in enumerate(self.rows, start=1):
            for name, errors in row.errors.items():
                words = {"line": number, "column": row[name].label, "error": " ".join(map(str, errors))}
                listed.append(Problem(row[name].auto_id, _("Line %(line)d, %(column)s: %(error)s") % words))
        return listed


def _another(code: str, title: str) -> str:
    return _("%(code)s is “%(title)s” already. Write that title, or another code for another discipline.") % {
        "code": code,
        "title": title,
    }


def _row_count(data: Mapping[str, Any]) -> int:
    """With the spare rows below a full curriculum: what is typed there is refused by the step, not passed over."""
    text = str(data.get("rows", ""))
    return min(int(text), LINES_LIMIT + SPARE_ROWS) if text.isdecimal() and len(text) < 10 else 0


def _head(students: Any, edit_number: Any, draft: Any, rows: int) -> HeadForm:
    return HeadForm(initial={"students": students, "edit_number": edit_number, "draft": draft, "rows": rows})


def _row(index: int, initial: dict[str, Any]) -> LineForm:
    return LineForm(initial=initial, prefix=f"lines-{index}")


def _spare(start: int, count: int = SPARE_ROWS) -> list[LineForm]:
    return [_row(start + place, {"ai_category": Line.AICategory.NONE}) for place in range(max(count, 0))]


def _as_typed(line: DraftLine) -> dict[str, Any]:
    typed = {name: getattr(line, column) for name, column in COLUMNS.items()}
    return typed | {"credits": number_format(line.credits.normalize())}
