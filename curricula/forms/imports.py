"""The form by which an editor hands in a spreadsheet."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from curricula.days import collecting_from
from curricula.models import Period
from curricula.spreadsheets.safety import SUFFIXES
from institutions.models import Institution


class UploadForm(forms.Form):
    """Only its shape is checked here; `start_import` looks into the file."""

    period = forms.ModelChoiceField(Period.objects.none(), label=_("Academic year"), empty_label=None)
    file = forms.FileField(
        label=_("Spreadsheet"),
        help_text=_("XLSX, ODS or CSV, at most 10 MB and 60,000 rows."),
        widget=forms.FileInput(attrs={"accept": ",".join(SUFFIXES)}),
        allow_empty_file=True,  # refused later, in a sentence of our own
    )

    def __init__(self, *arguments: Any, institution: Institution, **named: Any) -> None:
        super().__init__(*arguments, **named)
        periods = self.fields["period"]
        assert isinstance(periods, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        periods.queryset = collecting_from(institution).order_by("-code")
