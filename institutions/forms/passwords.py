"""Choosing a password, and asking for the letter by which one chooses a new one."""

from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm, PasswordResetForm, SetPasswordForm
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from institutions.passwords import ask_for_letter

# What AUTH_PASSWORD_VALIDATORS ask for, in one sentence.
PASSWORD_HINT = _(
    "At least 12 characters; not digits alone, not like your name or e-mail, and no password that many people use."
)


class ForgottenForm(PasswordResetForm):
    """Takes any address: whether it has an account is told to nobody."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )

    def save(self, *_args: Any, **_kwargs: Any) -> None:
        ask_for_letter(email=self.cleaned_data["email"], language=get_language() or "")


class NewPasswordForm(SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = PASSWORD_HINT
        self.fields["new_password2"].help_text = ""


class ChangePasswordForm(PasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = PASSWORD_HINT
        self.fields["new_password2"].help_text = ""
