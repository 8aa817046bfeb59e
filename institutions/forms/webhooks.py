"""Where an institution's system is told, and of what."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from institutions.models import Webhook


class WebhookForm(forms.Form):
    address = forms.CharField(
        label=_("Address"),
        help_text=_(
            "Begins with https:// and leads to your system on the internet, at port 443 or from 1024 on; without name,"
            " password and #."
        ),
        max_length=500,
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    description = forms.CharField(
        label=_("What it is"),
        help_text=_("For your colleagues: which system listens there, and who looks after it."),
        max_length=200,
        required=False,
    )
    events = forms.MultipleChoiceField(
        label=_("Send a message when"),
        choices=Webhook.Event.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one event.")},
    )

    @staticmethod
    def initial_of(webhook: Webhook) -> dict[str, Any]:
        return {"address": webhook.address, "description": webhook.description, "events": webhook.wants}
