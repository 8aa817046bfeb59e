"""Codes of a second factor, and passkeys."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """What the app shows now."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("The six digits that the app shows now."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "autocapitalize": "none",
            }
        ),
    )


class SignInCodeForm(CodeForm):
    """At the door a recovery code serves too, so a telephone offers letters as well. And a passkey: its answer is put
    in by the script that asks for it."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("The six digits that your app shows now, or one of your recovery codes."),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )
    passkey = forms.CharField(max_length=20_000, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("passkey"):
            self.fields["code"].required = False


class PasskeyForm(forms.Form):
    """A new passkey: what one calls it, and what the browser's script fills in."""

    name = forms.CharField(
        label=_("What do you call it?"),
        max_length=60,
        help_text=_("So that you know it again in the list: “My telephone”, “Work computer”."),
    )
    passkey = forms.CharField(max_length=20_000, widget=forms.HiddenInput)


class ResetForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        help_text=_("How you have made sure who asks for it. The trail keeps it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
