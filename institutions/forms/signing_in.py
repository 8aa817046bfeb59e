"""Signing in."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from institutions.guessing import address_of, allow_attempt, forget_attempts


class SignInForm(AuthenticationForm):
    """E-mail and password. What is wrong about them stays untold: an answer to that would tell who has an account."""

    username = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )
    error_messages = {
        "invalid_login": _("E-mail and password do not belong together. Check both and try again."),
        "inactive": _("E-mail and password do not belong together. Check both and try again."),
        "resting": _("Too many wrong attempts. Try again in a quarter of an hour."),
    }

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not email or not password or self.request is None:
            return super().clean()
        address = address_of(self.request)
        if not allow_attempt(email, address):
            raise ValidationError(self.error_messages["resting"], code="resting")
        cleaned = super().clean()
        forget_attempts(email, address)
        return cleaned
