"""What a person wants to be called, and to be told."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from institutions.forms.joining import NameForm
from institutions.letters import language_of
from institutions.models import Letter, User

OPTIONAL = [(kind.value, kind.label) for kind in Letter.OPTIONAL]


class PreferencesForm(NameForm):
    language = forms.ChoiceField(
        label=_("Language of letters"),
        help_text=_("Pages are in the language that you choose above each of them."),
        choices=settings.LANGUAGES,
    )
    letters = forms.MultipleChoiceField(
        label=_("Write to me when"),
        choices=OPTIONAL,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Invitations, links for a new password that you ask for, and what the ministry writes by hand, come in any"
            " case."
        ),
    )

    @staticmethod
    def initial_of(user: User) -> dict[str, Any]:
        return {
            "first_name": user.first_name,
            "last_name": user.last_name,
            "language": language_of(user),
            "letters": [kind for kind, _label in OPTIONAL if kind not in user.quiet],
        }

    def save(self, user: User) -> None:
        said = self.cleaned_data
        user.first_name, user.last_name = said["first_name"], said["last_name"]
        user.language = said["language"]
        user.quiet = [kind for kind, _label in OPTIONAL if kind not in said["letters"]]
        user.save(update_fields=["first_name", "last_name", "language", "quiet"])
