"""Choosing a password, and asking for the letter by which one chooses a new one."""

from typing import Any

import pghistory
from django import forms
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    PasswordChangeForm,
    PasswordResetForm,
    SetPasswordForm,
)
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from institutions.forms.signing_in import SignInForm
from institutions.guessing import allow_attempt, forget_attempts
from institutions.models import User
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


def ends_sessions(user: User) -> None:
    """With the old password all sessions end anyway. Written down, it is what the trail has of the change, with who
    asked for it and from where: of passwords themselves it keeps nothing."""
    user.signed_out_at = timezone.now()


class NewPasswordForm(SetPasswordForm):
    def save(self, commit: bool = True) -> Any:
        ends_sessions(self.user)
        with pghistory.context(user=self.user.pk):
            return super().save(commit=commit)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = PASSWORD_HINT
        self.fields["new_password2"].help_text = ""


class ChangePasswordForm(PasswordChangeForm):
    """`address` is where it comes from: the old password is guessed here no oftener than when signing in."""

    def clean_old_password(self) -> str:
        if not allow_attempt(self.user.email, self.address):
            raise forms.ValidationError(SignInForm.error_messages["resting"], code="resting")
        old: str = super().clean_old_password()
        forget_attempts(self.user.email, self.address)
        return old

    def save(self, commit: bool = True) -> Any:
        ends_sessions(self.user)
        return super().save(commit=commit)

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address
        self.fields["new_password1"].help_text = PASSWORD_HINT
        self.fields["new_password2"].help_text = ""


class PasswordOfAnotherForm(AdminPasswordChangeForm):
    """The ministry gives a person a new password, or takes it away."""

    def save(self, commit: bool = True) -> Any:
        ends_sessions(self.user)
        return super().save(commit=commit)
