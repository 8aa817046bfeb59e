"""What can be wrong with a spreadsheet, and the sentence that says so.

A fault is kept as a code with its parameters, never as a finished sentence: it is found once, by a worker that
has no reader, stored as JSON, and read later by people in three languages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from curricula.spreadsheets.in_json import IN_JSON
from curricula.spreadsheets.vocabulary import CHOICES, HEADINGS, choice_labels, heading

FAULTS_KEPT = 100_000

# One sentence a code: it names the thing and the remedy. Faults of a cell don't repeat the row and the column.
MESSAGES: Mapping[str, str | Promise] = {
    # of the file as a whole
    "too_large": gettext_lazy(
        "The file has %(size)s MB; at most %(limit)s MB are taken. Delete pictures and sheets that are not "
        "needed, or split the file by programme."
    ),
    "empty_file": gettext_lazy("The file is empty. Choose the file that holds the lines."),
    "wrong_kind": gettext_lazy(
        "This is not an XLSX, ODS or CSV file. Open it in Excel or LibreOffice and save it as .xlsx."
    ),
    "name_disagrees": gettext_lazy(
        "The name ends in “%(suffix)s”, but the content is of another kind (%(kind)s). "
        "Open it in Excel or LibreOffice and save it as .xlsx."
    ),
    "old_excel": gettext_lazy(
        "The file is in the old Excel format. Open it in Excel or LibreOffice and save it as .xlsx."
    ),
    "password": gettext_lazy("The file is protected by a password. Save it without one and upload it again."),
    "macros": gettext_lazy(
        "The file contains macros, which are never run here. Save it as .xlsx without macros."
    ),
    "entities": gettext_lazy(
        "The file declares XML entities, which no spreadsheet program writes. "
        "Copy the cells to a new workbook and save that as .xlsx."
    ),
    "unpacked_too_large": gettext_lazy(
        "Unpacked, the file would take %(size)s MB; at most %(limit)s MB are taken. "
        "Copy only the cells with data to a new workbook."
    ),
    "damaged": gettext_lazy(
        "The file is damaged and can't be read. Open it in Excel or LibreOffice and save it again as .xlsx."
    ),
    "too_many_rows": gettext_lazy(
        "Sheet “%(sheet)s” has cells down to row %(rows)s; at most %(limit)s rows are taken. "
        "Delete the rows below the data, or split the file by programme."
    ),
    "too_many_columns": gettext_lazy(
        "Sheet “%(sheet)s” has cells as far right as column %(columns)s; at most %(limit)s columns are taken. "
        "Delete the columns to the right of the data."
    ),
    "encoding": gettext_lazy(
        "The letters of the file can't be made out. Save it as “CSV UTF-8” or as .xlsx."
    ),
    "csv_broken": gettext_lazy(
        "Near line %(line)s a quotation mark is opened and not closed, so the rows can't be told apart. "
        "Remove the mark, or save the file as .xlsx."
    ),
    "no_headings": gettext_lazy(
        "No row of headings was found in the first %(limit)s rows. One row must hold these headings: %(headings)s."
    ),
    "no_rows": gettext_lazy("There are headings, but no rows below them. Fill in at least one row."),
    "several_sheets": gettext_lazy(
        "Sheet “%(other)s” holds lines too, besides sheet “%(sheet)s”. "
        "Put all the rows on one sheet and delete the other, even if it is hidden."
    ),
    # of the headings
    "missing_columns": gettext_lazy(
        "These columns are missing: %(headings)s. Add them, with these headings."
    ),
    "unknown_column": gettext_lazy(
        "No column of this name is known. Did you mean “%(nearest)s”? Rename or delete it."
    ),
    "duplicate_column": gettext_lazy("The same column stands already at %(first)s. Delete one of the two."),
    # of one cell
    "required": gettext_lazy("The cell is empty. Fill it in."),
    "merged": gettext_lazy("The cell is part of a merged cell. Unmerge it and write the value in every row."),
    "formula_error": gettext_lazy("The formula yields an error. Mend it, or write the value itself."),
    "formula_uncalculated": gettext_lazy(
        "The formula has never been calculated. Open the file in Excel, save it, and try again."
    ),
    "date": gettext_lazy(
        "The spreadsheet program took this for a date. Format the cell as text and write the value again."
    ),
    "truth": gettext_lazy("This is a yes-or-no value (TRUE or FALSE). Write the value as text."),
    "not_number": gettext_lazy("“%(value)s” is not a number. Write %(example)s."),
    "credits_range": gettext_lazy("A discipline has from %(least)s to %(limit)s credits."),
    "credits_places": gettext_lazy("Credits have at most one decimal place. Write, say, %(example)s."),
    "not_whole": gettext_lazy("“%(value)s” is not a whole number. Write one from 1 to %(limit)s."),
    "semester_range": gettext_lazy(
        "There is no semester %(value)s. Write a whole number from 1 to %(limit)s."
    ),
    "programme_code": gettext_lazy(
        "“%(value)s” is not a programme code. Write 6B, 7M or 8D and five digits, say 6B06102."
    ),
    "other_programme": gettext_lazy(
        "This is the curriculum of %(programme)s. Paste the rows of “%(value)s” into its own, or import a file."
    ),
    "discipline_code": gettext_lazy(
        "“%(value)s” is not a discipline code. Use letters, digits, spaces and - . / _ only."
    ),
    "not_choice": gettext_lazy(
        "“%(value)s” is not among the values of this column. Write one of: %(allowed)s."
    ),
    "too_long": gettext_lazy("The text has %(length)s characters; at most %(limit)s fit. Shorten it."),
    "control": gettext_lazy("The text contains invisible control characters. Type it again."),
    "line_break": gettext_lazy("The text is broken over several lines. Write it on one."),
    "lost_letters": gettext_lazy(
        "Letters were lost when the file was saved: there are question marks in their place. "
        "Save the file as “CSV UTF-8” or as .xlsx."
    ),
    "url": gettext_lazy("“%(value)s” is not a web address. Write one that begins with https:// or http://."),
    "no_heading": gettext_lazy(
        "The cell has a value, but its column has no heading. Add a heading or empty the cell."
    ),
    # of one row against another
    "duplicate_line": gettext_lazy(
        "Row %(first)s has the same discipline in the same semester of the same programme. Delete one of the two."
    ),
    "title_conflict": gettext_lazy(
        "Row %(first)s gives discipline %(discipline)s another text here: “%(other)s”. Write the same in every row."
    ),
    "too_many_lines": gettext_lazy("A curriculum has at most %(limit)d lines; this one has %(count)d."),
    # of a row against what is known of the institution
    "title_needed": gettext_lazy(
        "The institution has no discipline %(discipline)s yet, so its title is needed. Fill it in."
    ),
    "programme_unknown": gettext_lazy(
        "The institution has no programme %(value)s in the registry. Check the code; "
        "if the programme is new, ask the ministry to add it."
    ),
    "programme_nearest": gettext_lazy(
        "The institution has no programme %(value)s in the registry. Did you mean %(nearest)s? "
        "If the programme is new, ask the ministry to add it."
    ),
    "programme_inactive": gettext_lazy(
        "Programme %(value)s is not taught in %(period)s according to the registry. "
        "Delete its rows, or ask the ministry to correct the registry."
    ),
    "awaiting_review": gettext_lazy(
        "The curriculum of %(value)s has been submitted and awaits review, so it can't be changed. "
        "Delete its rows, or wait until it is returned or approved."
    ),
    "period_closed": gettext_lazy("Period %(period)s is not open, so nothing can be changed in it."),
    "more": gettext_lazy(
        "There are %(count)s more faults, which are not listed. Mend these and upload the file again."
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that keeps a file from being saved.

    `row` and `cell` are what the user sees in the spreadsheet program: rows count from 1, blank ones and the
    headings included. `column` is the canonical name, `header` the heading as the user wrote it. Both are empty,
    and `row` is None, when the file as a whole is at fault. JSON has no columns and cells, but a `path`.
    """

    code: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    cell: str = ""
    header: str = ""
    value: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)
    path: str | None = None  # of JSON: the pointer of what is at fault; "" is the whole

    @property
    def message(self) -> str:
        """What is wrong and what would be right, in the active language."""
        # Faults that were stored before credits had a least one do not name it.
        words: dict[str, Any] = {"value": self.value, "sheet": self.sheet, "least": 1, **self.params}
        language = get_language() or "en"
        if self.column in CHOICES:
            words["allowed"] = ", ".join(choice_labels(self.column, language))
        if "columns_named" in words:
            names = str(words["columns_named"]).split()
            words["headings"] = ", ".join(
                _("“%(heading)s”") % {"heading": heading(name, language)} for name in names
            )
        if "nearest_column" in words:
            words["nearest"] = heading(str(words["nearest_column"]), language)
        sentence = IN_JSON.get(self.code) if self.path is not None else None
        return str(sentence or MESSAGES[self.code]) % words

    @property
    def column_label(self) -> str:
        """The heading as the user knows it: as written in the file, else in the active language."""
        if self.header:
            return self.header
        return heading(self.column, get_language() or "en") if self.column in HEADINGS else self.column

    @property
    def within_row(self) -> str:
        """The message with the column in front, for a reader who is at the row already."""
        if not self.column_label:
            return self.message
        return _("%(column)s: %(message)s") % {"column": self.column_label, "message": self.message}

    @property
    def sentence(self) -> str:
        """The message with the place in front, for a reader who has no table before them."""
        if self.row is None:
            return self.message
        if not self.column_label:
            return _("Row %(row)s: %(message)s") % {"row": self.row, "message": self.message}
        place = {"row": self.row, "column": self.column_label, "message": self.message}
        return _("Row %(row)s, %(column)s: %(message)s") % place

    def as_json(self) -> dict[str, Any]:
        """The form in which a fault is stored; `from_json` reads it back."""
        stored: dict[str, Any] = {"code": self.code}
        for name in ("sheet", "row", "column", "cell", "header", "value"):
            if getattr(self, name):
                stored[name] = getattr(self, name)
        if self.params:
            stored["params"] = dict(self.params)
        if self.path is not None:
            stored["path"] = self.path
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Fault:
        return cls(**stored)

    def as_error(self) -> dict[str, Any]:
        """The form in which programs read a fault: the names that `import_curricula --json` promises."""
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "cell": self.cell,
            "value": self.value,
            "code": self.code,
            "message": self.sentence,
        }


def merge_faults(faults: Iterable[Fault], *, limit: int = FAULTS_KEPT) -> list[Fault]:
    """In the order of the file; past the limit only counted."""
    found = list(faults)
    more = sum(int(fault.params["count"]) for fault in found if fault.code == "more")
    ordered = sorted(
        (fault for fault in found if fault.code != "more"),
        key=lambda fault: (fault.row or 0, len(fault.cell), fault.cell),
    )
    more += max(len(ordered) - limit, 0)
    del ordered[limit:]
    return [*ordered, Fault("more", params={"count": more})] if more else ordered


class Faults:
    """Collects what is wrong with the rows of a file, of which a hostile one has millions: the first ones are kept."""

    def __init__(self) -> None:
        self.kept: list[Fault] = []
        self.rows: set[int | None] = set()

    def add(self, fault: Fault) -> None:
        self.rows.add(fault.row)
        self.kept.append(fault)
        if len(self.kept) >= 2 * FAULTS_KEPT:
            self.kept = merge_faults(self.kept)


class Unreadable(Exception):
    """A file that is refused as a whole, before any of its rows is looked at."""

    def __init__(self, code: str, sheet: str = "", **params: str | int) -> None:
        self.fault = Fault(code=code, sheet=sheet, params=params)
        super().__init__(code)
