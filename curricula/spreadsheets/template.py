"""The workbook that an institution fills in: headings in its language, lists to choose from, notes."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import override

from curricula.spreadsheets.columns import CREDITS_LEAST, CREDITS_LIMIT, MAY_BE_EMPTY, SEMESTER_LIMIT
from curricula.spreadsheets.marking import SAFE_OPTIONS
from curricula.spreadsheets.rows import LineRow
from curricula.spreadsheets.safety import ROW_LIMIT
from curricula.spreadsheets.vocabulary import CHOICES, HEADINGS, REQUIRED, choice_labels, heading

_WIDTHS = {
    "discipline_title": 44,
    "programme_title": 36,
    "evidence_url": 36,
    "description": 44,
    "credits": 10,
    "semester": 10,
}
LANGUAGES = ("kk", "ru", "en")
_NUMBERS = frozenset({"credits", "semester"})
# What the protection of the headings leaves to do: everything but to change them.
_ALLOWED = dict.fromkeys(
    (
        "format_cells", "format_columns", "format_rows", "insert_rows", "delete_rows", "insert_hyperlinks", "sort",
        "autofilter", "objects",
    ),
    True,
)  # fmt: skip
_LAST_COLUMN = 16_383


@cache
def own_sheets() -> frozenset[str]:
    """What the sheets of the template that nobody fills in are called, in every language."""
    names: set[str] = set()
    for language in LANGUAGES:
        with override(language):
            names |= {_("Programmes"), _("Disciplines"), _("Notes")}
    return frozenset(names)


def write_template(
    *,
    language: str,
    programmes: Sequence[tuple[str, str]] = (),
    disciplines: Sequence[tuple[str, str]] = (),
    rows: Iterable[LineRow] = (),
) -> bytes:
    """The template as XLSX. `rows` are written as a beginning; a programme without any gets a row with its name.

    `programmes` and `disciplines` are (code, title) to choose from, each on a sheet of its own.
    """
    target = io.BytesIO()
    with override(language), xlsxwriter.Workbook(target, SAFE_OPTIONS) as book:
        sheet = book.add_worksheet(_("Lines"))
        _write_headings(book, sheet, language)
        last = _write_rows(book, sheet, _with_unfilled(rows, programmes), language)
        _write_reference(book, _("Programmes"), language, "programme", programmes)
        _write_reference(book, _("Disciplines"), language, "discipline", disciplines)
        _write_notes(book, language)
        _add_lists(sheet, language, programmes, disciplines, last)
        sheet.protect("", _ALLOWED)
        sheet.activate()
    return target.getvalue()


def _write_headings(book: Any, sheet: Any, language: str) -> None:
    required = book.add_format(
        {"bold": True, "bg_color": "#CFE8F1", "bottom": 1, "text_wrap": True, "valign": "top"}
    )
    optional = book.add_format({"bg_color": "#EEF2F4", "bottom": 1, "text_wrap": True, "valign": "top"})
    text, number = _cell_formats(book)
    for column, name in enumerate(HEADINGS):
        sheet.set_column(column, column, _WIDTHS.get(name, 18), number if name in _NUMBERS else text)
        sheet.write_string(0, column, heading(name, language), required if name in REQUIRED else optional)
    # A row can be deleted on a protected sheet only if every one of its cells is free. That does not make the sheet
    # wider: else the writer would look at 16,384 cells of every row.
    width = sheet.dim_colmax
    sheet.set_column(len(HEADINGS), _LAST_COLUMN, None, number)
    sheet.dim_colmax = width
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 0)


def _cell_formats(book: Any) -> tuple[Any, Any]:
    """Codes and titles as text, or Excel makes dates and numbers of them. All may be written in."""
    return book.add_format({"num_format": "@", "locked": False}), book.add_format({"locked": False})


def _with_unfilled(rows: Iterable[LineRow], programmes: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """The rows as columns by name, in the order of the programmes; those without a line once, to be filled in."""
    by_code: dict[str, list[dict[str, Any]]] = {
        code: [{"programme_code": code, "programme_title": title}] for code, title in programmes
    }
    filled: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        filled[row.programme_code].append(row._asdict())
    return [row for lines in (by_code | filled).values() for row in lines]


def _write_rows(book: Any, sheet: Any, rows: Sequence[dict[str, Any]], language: str) -> int:
    """Write the rows and return how many rows the sheet has, the headings included."""
    text, number = _cell_formats(book)
    words = {
        name: {value: spellings.get(language, spellings["en"])[0] for value, spellings in table.items()}
        for name, table in CHOICES.items()
    }
    for position, row in enumerate(rows, start=1):
        for column, name in enumerate(HEADINGS):
            value = row.get(name, "")
            if value == "":
                continue
            if name in words:
                sheet.write_string(position, column, words[name][value], text)
            elif name in _NUMBERS:
                sheet.write_number(position, column, value, number)
            else:
                sheet.write_string(position, column, value, text)
    return len(rows) + 1


def _add_lists(
    sheet: Any,
    language: str,
    programmes: Sequence[tuple[str, str]],
    disciplines: Sequence[tuple[str, str]],
    last: int,
) -> None:
    """Drop-down lists and limits; they stop a wrong value while it is typed."""
    bottom = min(ROW_LIMIT, last + 10_000) - 1
    columns = {name: column for column, name in enumerate(HEADINGS)}
    for name in CHOICES:
        rule: dict[str, Any] = {"validate": "list", "source": choice_labels(name, language)}
        sheet.data_validation(
            1, columns[name], bottom, columns[name], rule | _told(_("Choose one of the list."))
        )
    limits = {"least": int(CREDITS_LEAST), "limit": int(CREDITS_LIMIT)}
    rule = {
        "validate": "decimal",
        "criteria": "between",
        "minimum": limits["least"],
        "maximum": limits["limit"],
    }
    told = _told(_("Write a number from %(least)s to %(limit)s, with at most one decimal place.") % limits)
    sheet.data_validation(1, columns["credits"], bottom, columns["credits"], rule | told)
    rule = {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": SEMESTER_LIMIT}
    told = _told(_("Write a whole number from 1 to %(limit)s.") % {"limit": SEMESTER_LIMIT})
    sheet.data_validation(1, columns["semester"], bottom, columns["semester"], rule | told)
    if programmes:
        told = _told(_("Choose one of the institution's programmes; they stand on their own sheet."))
        rule = {"validate": "list", "source": _first_column(_("Programmes"), programmes)}
        sheet.data_validation(1, columns["programme_code"], bottom, columns["programme_code"], rule | told)
    if disciplines:  # a new discipline may be written too
        rule = {
            "validate": "list",
            "source": _first_column(_("Disciplines"), disciplines),
            "show_error": False,
        }
        sheet.data_validation(1, columns["discipline_code"], bottom, columns["discipline_code"], rule)


def _first_column(sheet: str, rows: Sequence[tuple[str, str]]) -> str:
    name = sheet.replace("'", "''")
    return f"='{name}'!$A$2:$A${len(rows) + 1}"


def _told(message: str) -> dict[str, str]:
    return {"error_title": "Qamtu", "error_message": message[:255]}


def _write_reference(book: Any, name: str, language: str, what: str, rows: Sequence[tuple[str, str]]) -> None:
    """A sheet of codes and titles to choose from."""
    if not rows:
        return
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 70)
    sheet.write_string(0, 0, heading(f"{what}_code", language), bold)
    sheet.write_string(0, 1, heading(f"{what}_title", language), bold)
    for number, (code, title) in enumerate(rows, start=1):
        sheet.write_string(number, 0, code)
        sheet.write_string(number, 1, title)
    sheet.freeze_panes(1, 0)
    sheet.protect("", _ALLOWED)


def _write_notes(book: Any, language: str) -> None:
    notes = book.add_worksheet(_("Notes"))
    notes.set_column(0, 0, 32)
    notes.set_column(1, 1, 100, book.add_format({"text_wrap": True, "valign": "top"}))
    bold = book.add_format({"bold": True, "valign": "top"})
    for number, (first, second) in enumerate(_notes(language)):
        notes.write_string(number, 0, first, bold)
        notes.write_string(number, 1, second)


def _notes(language: str) -> list[tuple[str, str]]:
    """What to know before filling in; column by column."""
    required, optional = _("to be filled in"), _("may stay empty")
    notes = [
        (
            _("How to fill in"),
            _("One row for each discipline of each programme. Leave the headings as they are."),
        ),
        (
            "",
            _(
                "An import replaces all lines of the drafts of the programmes that the file names, and no others."
            ),
        ),
        ("", _("A programme whose row has nothing else in it stays as it is.")),
        (
            "",
            _(
                "Codes of programmes and disciplines can be chosen from a list; new disciplines may be written too."
            ),
        ),
        ("", _("If any row has a fault, nothing is saved, and every fault is listed.")),
        ("", _("You are shown first what would happen; it is saved only after you have said yes.")),
    ]
    for name in HEADINGS:
        allowed = f" {', '.join(choice_labels(name, language))}." if name in CHOICES else ""
        need = required if name in REQUIRED and name not in MAY_BE_EMPTY else optional
        notes.append((heading(name, language), f"{need}.{allowed} {_explanations().get(name, '')}".strip()))
    return notes


def _explanations() -> dict[str, str]:
    return {
        "programme_code": _("As in the registry: 6B, 7M or 8D and five digits."),
        "discipline_code": _(
            "The institution's own code; the same code is the same discipline in every programme."
        ),
        "discipline_title": _("Needed where the institution does not have the discipline yet."),
        "credits": _("ECTS credits, with at most one decimal place."),
        "semester": _("1 for the first semester of the programme, and so on."),
        "ai_category": _("What the discipline teaches of artificial intelligence."),
        "evidence_url": _("A web address of the syllabus, beginning with https://."),
        "programme_title": _("For your own reading; titles of programmes come from the registry."),
        "title_kk": _("If it differs from the title of the discipline given above."),
        "title_ru": _("If it differs from the title of the discipline given above."),
        "title_en": _("If it differs from the title of the discipline given above."),
    }
