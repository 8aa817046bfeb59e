"""The form of the students: a number for each draft, kept as it was typed, right or wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula.enrolment import Number
from curricula.models import CurriculumVersion, Period

STUDENTS = forms.IntegerField(
    required=False,
    min_value=0,
    max_value=1_000_000,
    error_messages={
        "invalid": gettext_lazy("Write a whole number, such as 25."),
        "min_value": gettext_lazy("Write a whole number, such as 25."),
        "max_value": gettext_lazy(
            "This is more than a million. Write how many students study by this curriculum."
        ),
    },
)


@dataclass
class Row:
    """A draft on the screen: what stands in its field, what stood there before, what is wrong with it."""

    draft: Any
    typed: str
    was: str
    error: str = ""
    value: int | None = None

    @property
    def name(self) -> str:
        return f"students-{self.draft.pk}"

    @property
    def was_name(self) -> str:
        return f"was-{self.draft.pk}"

    @property
    def period_before(self) -> str:
        return Period(code=self.draft.period_before).name if self.draft.period_before else ""


class EnrolmentForm:
    """Only fields that were on the screen count: a draft begun meanwhile is not emptied by an older page."""

    def __init__(self, drafts: Iterable[CurriculumVersion], data: Mapping[str, str] | None = None) -> None:
        self.rows = []
        given = data or {}
        for draft in drafts:
            saved = "" if draft.students is None else str(draft.students)
            typed = given.get(f"students-{draft.pk}", saved)
            self.rows.append(Row(draft, typed, given.get(f"was-{draft.pk}", saved)))
        known = {row.name for row in self.rows}
        # Typed for what is a draft no more: it can't be kept, so at least it is said.
        self.gone = sum(
            name.startswith("students-") and name not in known and text != given.get(f"was-{name[9:]}", "")
            for name, text in given.items()
        )

    def is_valid(self) -> bool:
        for row in self.rows:
            try:
                # Spaces and non-breaking spaces within a number come along with what is copied from a spreadsheet.
                row.value = STUDENTS.clean("".join(row.typed.split()))
            except ValidationError as error:
                row.error = " ".join(error.messages)
        return not self.problems

    @property
    def problems(self) -> list[Row]:
        return [row for row in self.rows if row.error]

    def numbers(self) -> list[Number]:
        return [Number(row.draft.pk, _seen(row.was), row.value) for row in self.rows]

    def show_stale(self, stale: Mapping[int, CurriculumVersion | None]) -> None:
        """Both numbers beside each other; the next save is made knowing the newer one."""
        for row in self.rows:
            there = stale.get(row.draft.pk)
            if there is None:
                continue
            row.was = "" if there.students is None else str(there.students)
            row.error = _(
                "%(person)s has saved %(number)s meanwhile. Save again to keep yours, or write theirs."
            ) % {"person": there.edited_by, "number": row.was or _("nothing")}

    @property
    def filled(self) -> int:
        return sum(bool(row.typed.strip()) for row in self.rows)


def _seen(was: str) -> int | None:
    """What stood on the screen; whatever no page of ours can have sent counts as nothing."""
    return int(was) if was.isdecimal() and len(was) <= 7 else None
