"""Of two who edit one row of a register the second is told, beside each field, what the first has written."""

import json
from hashlib import sha256
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _


class Meanwhile(forms.ModelForm):
    """Put before the form of a page. `seen` travels in it: a mark of what each field said when the page was made.

    It is compared with the row as it is now, under the lock that the page holds. What is sent without it came from no
    page, and is taken as it is.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        marks = {name: mark(self.initial.get(name)) for name, one in self.fields.items() if not one.disabled}
        self.fields["seen"] = forms.JSONField(required=False, widget=forms.HiddenInput, initial=marks)

    def clean(self) -> Any:
        given = super().clean() or self.cleaned_data
        seen, marks = given.pop("seen", None), self.fields["seen"].initial
        for name in marks if isinstance(seen, dict) else ():
            if seen.get(name) != marks[name] and name in self.changed_data:
                theirs = {"theirs": shown(self.instance, name) or "–"}
                self.add_error(
                    name, _("Somebody has written “%(theirs)s” meanwhile. Save again to keep yours.") % theirs
                )
        sent: Any = self.data
        self.data = again = sent.copy()
        again["seen"] = json.dumps(marks)  # the next save is made knowing it
        return given


def mark(value: Any) -> str:
    """Short, and the same for the same value; of rows that it leads to, which they are."""
    if isinstance(value, list):
        value = [one.pk if isinstance(one, models.Model) else one for one in value]
    return sha256(repr(value).encode()).hexdigest()[:12]


def shown(row: models.Model, name: str) -> str:
    """What the row says there, as people read it."""
    value = getattr(row, f"get_{name}_display", lambda: getattr(row, name))()
    rows = value.all() if isinstance(value, models.Manager) else value
    return ", ".join(map(str, rows)) if isinstance(rows, list | models.QuerySet) else str(rows or "")
