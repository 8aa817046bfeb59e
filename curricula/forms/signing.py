"""What a signatory adds to the curricula: staff figures, a note, and the declaration."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WHOLE = {"invalid": gettext_lazy("Write a whole number, such as 120.")}


def _number(label: Any, hint: Any, least: int) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(
        label=label, help_text=hint, min_value=least, max_value=1_000_000, widget=widget, error_messages=WHOLE
    )


class SigningForm(forms.Form):
    faculty_total = _number(
        gettext_lazy("Faculty"), gettext_lazy("How many teach at the university in this academic year."), 1
    )
    faculty_trained = _number(
        gettext_lazy("Of them, completed training in AI"),
        gettext_lazy("Those who hold a certificate of a course on artificial intelligence."),
        0,
    )
    note = forms.CharField(
        label=gettext_lazy("Note to the ministry"),
        help_text=gettext_lazy("What a reviewer should know, such as why something is missing."),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    declaration = forms.BooleanField(
        label=gettext_lazy("I have read the summary and declare that what is handed in is true"),
        error_messages={"required": gettext_lazy("Tick the box to sign.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        total, trained = cleaned.get("faculty_total"), cleaned.get("faculty_trained")
        if total is not None and trained is not None and trained > total:
            self.add_error(
                "faculty_trained",
                _("%(trained)d is more than the %(total)d faculty. Correct one of the two.")
                % {"trained": trained, "total": total},
            )
        return cleaned
