"""The form of one curriculum: how many students, and a table of rows.

It works by whole pages: rows are added and removed by buttons and boxes, and whatever was typed comes back as typed,
right or wrong. What a cell may hold is decided by the same parsers that read spreadsheets, in the same words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from django import forms
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from curricula.drafting import DraftLine, repeated
from curricula.forms import widgets
from curricula.forms.cells import UNCHOSEN, choice_field, read_cell, text_field
from curricula.forms.made_from import MadeFrom
from curricula.forms.rows import COLUMNS, Row, cells_of, is_blank, row_count, rows_of, typed_as, with_spare
from curricula.merging import Cells
from curricula.models import Discipline, Line


class LineForm(forms.Form):
    """One row of the table. A row in which nothing is typed is no line, and no error."""

    code = text_field(gettext_lazy("Code"), list="disciplines")
    title = text_field(gettext_lazy("Title"))
    credits = text_field(gettext_lazy("Credits"), inputmode="decimal")
    cycle = choice_field(gettext_lazy("Cycle"), [*UNCHOSEN, *Line.Cycle.choices])
    component = choice_field(gettext_lazy("Component"), [*UNCHOSEN, *Line.Component.choices])
    semester = text_field(gettext_lazy("Semester"), inputmode="numeric")
    ai_category = choice_field(gettext_lazy("AI category"), Line.AICategory.choices)
    evidence_url = text_field(gettext_lazy("Link to evidence"), inputmode="url")
    remove = forms.BooleanField(
        label=pgettext_lazy("a line", "Remove"), required=False, widget=widgets.Checkbox
    )

    values: dict[str, Any]
    # What the checks say of this row while it is entered; see curricula/_row_checks.html.
    checks: Sequence[Any] = ()
    # The discipline, where the taxonomy suggests another AI category than the row has.
    suggestion: Discipline | None = None

    def typed(self, name: str) -> str:
        return str(self[name].value() or "").strip()

    @cached_property
    def row(self) -> Row:
        return {name: self.typed(name) for name in COLUMNS}

    @cached_property
    def counts(self) -> bool:
        return not is_blank(self.row) and not self.typed("remove")

    def clean(self) -> dict[str, Any]:
        self.values = {}
        for name, column in COLUMNS.items() if self.counts else ():
            self.values[column], fault = read_cell(column, self.row[name])
            if fault:
                self.add_error(name, fault)
        return self.cleaned_data

    def line(self) -> DraftLine:
        return DraftLine(**self.values)


class Shared(dict[str, forms.Field]):
    """Django gives each form copies of its fields. The rows leave theirs as they are: one set does for all."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


LineForm.base_fields = Shared(LineForm.base_fields)


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
    made_from = forms.CharField(required=False, widget=forms.HiddenInput)
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
    known: dict[str, Discipline] = field(default_factory=dict)  # by code, once it was checked

    @classmethod
    def of(cls, origin: MadeFrom) -> "CurriculumForm":
        """As saved, with spare rows below."""
        head = {**_head_of(origin), "students": origin.students}
        return cls.unchecked(head, with_spare([typed_as(cells) for cells in origin.rows]))

    @classmethod
    def typed(cls, data: Mapping[str, Any]) -> "CurriculumForm":
        """To be checked by `is_valid`."""
        rows = [LineForm(data, prefix=f"lines-{index}") for index in range(row_count(data))]
        return cls(HeadForm(data), rows)

    @classmethod
    def unchecked(cls, data: Mapping[str, Any], rows: Sequence[Row] | None = None) -> "CurriculumForm":
        """As typed, without a word about what may be wrong; with other rows than those of `data` if told."""
        rows = rows_of(data) if rows is None else rows
        head = {name: data.get(name, "") for name in HeadForm.base_fields} | {"rows": len(rows)}
        forms_ = [LineForm(initial=row, prefix=f"lines-{index}") for index, row in enumerate(rows)]
        return cls(HeadForm(initial=head), forms_)

    @staticmethod
    def blank_row() -> LineForm:
        """What the script copies to add a row."""
        return LineForm(initial=with_spare([], 1)[0], prefix="lines-NEW")

    def is_valid(self, disciplines: QuerySet[Discipline]) -> bool:
        """Check each cell, then the rows against each other and against the institution's `disciplines`, of which
        only those are read that the rows name."""
        self.head.is_valid()
        for row in self.rows:
            row.is_valid()
        self._check_repetition()
        named = {
            row.values["discipline_code"] for row in self.rows if row.counts and "code" not in row.errors
        }
        self.known = {one.code: one for one in disciplines.filter(code__in=named)}
        self._check_titles()
        self.problems += self._listed()
        return not self.problems

    def lines(self) -> list[DraftLine]:
        return [row.line() for row in self.rows if row.counts]

    @cached_property
    def cells(self) -> list[Cells]:
        """The rows that count in one spelling, finished or not."""
        return [cells_of(row.row) for row in self.rows if row.counts]

    def new_codes(self) -> list[tuple[int, str]]:
        """Codes that the institution does not have yet, with the number of the line; of a form that is valid."""
        numbered = enumerate(self.rows, start=1)
        codes = [(number, row.values["discipline_code"]) for number, row in numbered if row.counts]
        return [(number, code) for number, code in codes if code not in self.known]

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

    def _check_titles(self) -> None:
        said: dict[str, str] = {}
        for row in self.rows:
            if not row.counts or "code" in row.errors or "title" in row.errors:
                continue
            code, title = row.values["discipline_code"], row.values["discipline_title"]
            discipline = self.known.get(code)
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


def _head_of(origin: MadeFrom) -> dict[str, Any]:
    return {"edit_number": origin.edit_number, "draft": origin.draft, "made_from": origin.token()}
