"""Cells of forms, of which the parsers that read spreadsheets decide: what is right in a file is right on a page."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from curricula.forms import widgets
from curricula.spreadsheets.columns import Wrong, parse_cell
from curricula.spreadsheets.faults import Fault

UNCHOSEN = [("", "–")]


def text_field(label: Any, **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, widget=widgets.Text(attrs={"autocomplete": "off", **attrs})
    )


def choice_field(label: Any, choices: Iterable[tuple[str, Any]]) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=widgets.Select(choices=list(choices)))


def read_cell(column: str, text: str) -> tuple[Any, str]:
    """What a text means in a column of the spreadsheet format, and what is wrong with it, empty if nothing is."""
    value = parse_cell(column, text)
    if not isinstance(value, Wrong):
        return value, ""
    if value.code == "required":
        return value, _("Fill this in.")
    return value, Fault(value.code, column=column, value=text, params=value.params).message


def typed_number(number: Decimal) -> str:
    """As its reader would type it."""
    return str(number_format(number.normalize()))
