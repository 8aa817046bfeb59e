"""The titles of a programme, by the parsers that read spreadsheets."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from curricula.forms.cells import read_cell, text_field

TITLES = ("title_kk", "title_ru", "title_en")


class TitlesForm(forms.Form):
    title_kk = text_field("")
    title_ru = text_field("")
    title_en = text_field("")

    def _title(self, name: str) -> str:
        value, fault = read_cell(name, self.cleaned_data[name])
        if fault:
            raise ValidationError(fault)
        return str(value)

    def clean_title_kk(self) -> str:
        return self._title("title_kk")

    def clean_title_ru(self) -> str:
        return self._title("title_ru")

    def clean_title_en(self) -> str:
        return self._title("title_en")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and not any(given.get(name) for name in TITLES):
            self.add_error("title_kk", _("Write the title in at least one language."))
        return given
