"""What a signatory says of a new key."""

from django import forms
from django.utils.translation import gettext_lazy as _

from institutions.models import ApiKey

Scope = ApiKey.Scope

# Each scope in plain words; whoever gives one reads them beside the box.
MEANINGS = {
    Scope.READ: _("Read what your university has entered, and what was decided on it"),
    Scope.WRITE: _("Write titles, disciplines and drafts of curricula"),
    Scope.SUBMIT: _("Say that all is ready for signature; a person signs"),
}
SPANS = {90: _("three months"), 180: _("six months"), 365: _("a year"), 730: _("two years")}


class KeyForm(forms.Form):
    name = forms.CharField(
        label=_("Program"),
        help_text=_("Which of your systems it is for, such as Platonus. One key for each."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(scope.value, words) for scope, words in MEANINGS.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ.value, Scope.WRITE.value],
        error_messages={"required": _("Choose what the key may do.")},
    )
    days = forms.TypedChoiceField(
        label=_("How long it serves"), choices=list(SPANS.items()), coerce=int, initial=365
    )
