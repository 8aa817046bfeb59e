"""What a person who joins says of themselves."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordMixin
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from institutions.forms.passwords import PASSWORD_HINT
from institutions.models import User


class NameForm(forms.Form):
    """First and last name, as colleagues and the ministry will read them."""

    first_name = forms.CharField(
        label=_("First name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )


class JoinForm(SetPasswordMixin, NameForm):
    language = forms.ChoiceField(
        label=_("Language"), help_text=_("In it letters are written to you."), choices=settings.LANGUAGES
    )
    password1, password2 = SetPasswordMixin.create_password_fields(
        label1=_("Password"), label2=_("The same password again")
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        self.fields["language"].initial = get_language()
        self.fields["password1"].help_text = PASSWORD_HINT
        self.fields["password2"].help_text = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        names = {name: cleaned.get(name, "") for name in ("first_name", "last_name")}
        self.validate_passwords()
        self.validate_password_for_user(User(email=self.email, **names), "password1")
        return cleaned
