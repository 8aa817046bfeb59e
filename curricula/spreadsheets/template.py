"""The workbook that an institution fills in: headings in its language, lists to choose from, notes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import override

from curricula.spreadsheets.columns import CREDITS_LIMIT, SEMESTER_LIMIT
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


def write_template(
    *, language: str, programmes: Sequence[tuple[str, str]] = (), rows: Iterable[LineRow] = ()
) -> bytes:
    """The template as XLSX. `programmes` are (code, title) to choose from; `rows` are written as a beginning."""
    target = io.BytesIO()
    with override(language), xlsxwriter.Workbook(target, SAFE_OPTIONS) as book:
        sheet = book.add_worksheet(_("Lines"))
        _write_headings(book, sheet, language)
        last = _write_rows(sheet, rows, language)
        _write_notes(book, language, programmes)
        _add_lists(book, sheet, language, programmes, last)
        sheet.activate()
    return target.getvalue()


def _write_headings(book: Any, sheet: Any, language: str) -> None:
    required = book.add_format(
        {"bold": True, "bg_color": "#CFE8F1", "bottom": 1, "text_wrap": True, "valign": "top"}
    )
    optional = book.add_format({"bg_color": "#EEF2F4", "bottom": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@"})
    for column, name in enumerate(HEADINGS):
        # Codes and titles as text, or Excel makes dates and numbers of them.
        is_text = name not in {"credits", "semester"}
        sheet.set_column(column, column, _WIDTHS.get(name, 18), text if is_text else None)
        sheet.write_string(0, column, heading(name, language), required if name in REQUIRED else optional)
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 0)


def _write_rows(sheet: Any, rows: Iterable[LineRow], language: str) -> int:
    """Write the rows and return how many rows the sheet has, the headings included."""
    words = {
        name: {value: spellings.get(language, spellings["en"])[0] for value, spellings in table.items()}
        for name, table in CHOICES.items()
    }
    number = 0
    for number, row in enumerate(rows, start=1):
        for column, name in enumerate(HEADINGS):
            value = getattr(row, name)
            if name in words:
                sheet.write_string(number, column, words[name][value])
            elif name in {"credits", "semester"}:
                sheet.write_number(number, column, value)
            elif value:
                sheet.write_string(number, column, value)
    return number + 1


def _add_lists(
    book: Any, sheet: Any, language: str, programmes: Sequence[tuple[str, str]], last: int
) -> None:
    """Drop-down lists and limits; they stop a wrong value while it is typed."""
    bottom = min(ROW_LIMIT, last + 10_000) - 1
    columns = {name: column for column, name in enumerate(HEADINGS)}
    for name in CHOICES:
        rule: dict[str, Any] = {"validate": "list", "source": choice_labels(name, language)}
        sheet.data_validation(
            1, columns[name], bottom, columns[name], rule | _told(_("Choose one of the list."))
        )
    rule = {"validate": "decimal", "criteria": "between", "minimum": 0.1, "maximum": int(CREDITS_LIMIT)}
    limits = {"limit": int(CREDITS_LIMIT)}
    told = _told(_("Write a number of at most %(limit)s, with at most one decimal place.") % limits)
    sheet.data_validation(1, columns["credits"], bottom, columns["credits"], rule | told)
    rule = {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": SEMESTER_LIMIT}
    told = _told(_("Write a whole number from 1 to %(limit)s.") % {"limit": SEMESTER_LIMIT})
    sheet.data_validation(1, columns["semester"], bottom, columns["semester"], rule | told)
    if programmes:
        source = f"='{_('Programmes')}'!$A$2:$A${len(programmes) + 1}"
        rule = {"validate": "list", "source": source}
        told = _told(_("Choose one of the institution's programmes; they stand on their own sheet."))
        sheet.data_validation(1, columns["programme_code"], bottom, columns["programme_code"], rule | told)


def _told(message: str) -> dict[str, str]:
    return {"error_title": "Qamtu", "error_message": message[:255]}


def _write_notes(book: Any, language: str, programmes: Sequence[tuple[str, str]]) -> None:
    bold = book.add_format({"bold": True})
    if programmes:
        sheet = book.add_worksheet(_("Programmes"))
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 70)
        sheet.write_string(0, 0, heading("programme_code", language), bold)
        sheet.write_string(0, 1, heading("programme_title", language), bold)
        for number, (code, title) in enumerate(programmes, start=1):
            sheet.write_string(number, 0, code)
            sheet.write_string(number, 1, title)
    notes = book.add_worksheet(_("Notes"))
    notes.set_column(0, 0, 32)
    notes.set_column(1, 1, 100, book.add_format({"text_wrap": True, "valign": "top"}))
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
        ("", _("If any row has a fault, nothing is saved, and every fault is listed.")),
    ]
    for name in HEADINGS:
        allowed = f" {', '.join(choice_labels(name, language))}." if name in CHOICES else ""
        need = required if name in REQUIRED and name != "evidence_url" else optional
        notes.append((heading(name, language), f"{need}.{allowed} {_explanations().get(name, '')}".strip()))
    return notes


def _explanations() -> dict[str, str]:
    return {
        "programme_code": _("As in the registry: 6B, 7M or 8D and five digits."),
        "discipline_code": _(
            "The institution's own code; the same code is the same discipline in every programme."
        ),
        "credits": _("ECTS credits, with at most one decimal place."),
        "semester": _("1 for the first semester of the programme, and so on."),
        "ai_category": _("What the discipline teaches of artificial intelligence."),
        "evidence_url": _("A web address of the syllabus, beginning with https://."),
        "programme_title": _("For your own reading; titles of programmes come from the registry."),
        "title_kk": _("If it differs from the title of the discipline given above."),
        "title_ru": _("If it differs from the title of the discipline given above."),
        "title_en": _("If it differs from the title of the discipline given above."),
    }
