"""Whom a signatory invites, and what each may do."""

import re

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from institutions.models import Membership

# Each role in plain words; whoever gives one reads them beside the box.
MEANINGS = {
    Membership.Role.EDITOR: _("Editor: fills in curricula and hands in spreadsheets"),
    Membership.Role.SIGNATORY: _(
        "Signatory: signs what goes to the ministry; invites and removes colleagues"
    ),
    Membership.Role.VIEWER: _("Viewer: sees all of it, changes nothing"),
}


def role_choices() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("Roles"),
        choices=[(role.value, words) for role, words in MEANINGS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one role.")},
    )


class RolesForm(forms.Form):
    roles = role_choices()


class InviteForm(forms.Form):
    addresses = forms.CharField(
        label=_("E-mail addresses"),
        help_text=_("One or several, parted by commas, spaces or line breaks."),
        max_length=15_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
    )
    roles = role_choices()
    language = forms.ChoiceField(
        label=_("Language of the letter"),
        help_text=_("For those who have not chosen one themselves."),
        choices=settings.LANGUAGES,
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["language"].initial = get_language()
        self.fields["roles"].initial = [Membership.Role.EDITOR]

    def clean_addresses(self) -> list[str]:
        return [part for part in re.split(r"[\s,;]+", self.cleaned_data["addresses"]) if part]
