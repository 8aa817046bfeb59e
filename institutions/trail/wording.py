"""Events in words: which row, from where, by which step."""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from institutions.history import Change, told_together
from institutions.trail.searching import Entry

# What the steps call themselves in the trail; a step that is not listed is shown by its own name.
STEPS = {
    "accept": pgettext_lazy("step in the trail", "an invitation was accepted"),
    "add passkey": pgettext_lazy("step in the trail", "a passkey was added"),
    "add webhook": pgettext_lazy("step in the trail", "a webhook was added"),
    "adopt": pgettext_lazy("step in the trail", "a requirement was adopted"),
    "apply": pgettext_lazy("step in the trail", "a discipline was applied to several programmes"),
    "approve": pgettext_lazy("step in the trail", "approved"),
    "assign": pgettext_lazy("step in the trail", "assigned to a reviewer"),
    "carry": pgettext_lazy("step in the trail", "carried over from last year"),
    "change roles": pgettext_lazy("step in the trail", "the roles of a person were changed"),
    "change webhook": pgettext_lazy("step in the trail", "a webhook was changed"),
    "claim": pgettext_lazy("step in the trail", "taken up by a reviewer"),
    "close": pgettext_lazy("step in the trail", "closed"),
    "confirm": pgettext_lazy("step in the trail", "confirmed by a second person"),
    "discard": pgettext_lazy("step in the trail", "a draft was discarded"),
    "draft": pgettext_lazy("step in the trail", "a rule was drafted"),
    "draw": pgettext_lazy("step in the trail", "a sample was drawn"),
    "exempt": pgettext_lazy("step in the trail", "a programme was exempted"),
    "explain": pgettext_lazy("step in the trail", "a reason was given for a warning"),
    "extend": pgettext_lazy("step in the trail", "extended"),
    "give up second factor": pgettext_lazy("step in the trail", "a second factor was given up"),
    "grant": pgettext_lazy("step in the trail", "days of its own were granted"),
    "import": pgettext_lazy("step in the trail", "a spreadsheet was imported"),
    "invite": pgettext_lazy("step in the trail", "a person was invited"),
    "make key": pgettext_lazy("step in the trail", "a key was made"),
    "merge": pgettext_lazy("step in the trail", "merged"),
    "open": pgettext_lazy("step in the trail", "opened"),
    "pause webhook": pgettext_lazy("step in the trail", "a webhook was paused"),
    "propose": pgettext_lazy("step in the trail", "proposed"),
    "put back": pgettext_lazy("step in the trail", "put back after it was deleted"),
    "read": pgettext_lazy("step in the trail", "a curriculum was read closely"),
    "release": pgettext_lazy("step in the trail", "let go by a reviewer"),
    "remind": pgettext_lazy("step in the trail", "reminded"),
    "remove": pgettext_lazy("step in the trail", "a person was removed"),
    "remove second factor": pgettext_lazy("step in the trail", "one of several second factors was removed"),
    "remove webhook": pgettext_lazy("step in the trail", "a webhook was removed"),
    "rename": pgettext_lazy("step in the trail", "renamed"),
    "renew": pgettext_lazy("step in the trail", "an invitation was renewed"),
    "renew recovery codes": pgettext_lazy("step in the trail", "recovery codes were renewed"),
    "renew webhook secret": pgettext_lazy("step in the trail", "the secret of a webhook was renewed"),
    "reopen": pgettext_lazy("step in the trail", "opened again"),
    "reset second factor": pgettext_lazy("step in the trail", "a second factor was reset"),
    "resume webhook": pgettext_lazy("step in the trail", "a webhook was resumed"),
    "return": pgettext_lazy("step in the trail", "returned"),
    "revoke": pgettext_lazy("step in the trail", "taken back"),
    "revoke key": pgettext_lazy("step in the trail", "a key was revoked"),
    "save": pgettext_lazy("step in the trail", "saved"),
    "send webhook again": pgettext_lazy("step in the trail", "a message to a webhook was sent again"),
    "set up second factor": pgettext_lazy("step in the trail", "a second factor was set up"),
    "sign out everywhere": pgettext_lazy("step in the trail", "signed out everywhere"),
    "submit": pgettext_lazy("step in the trail", "signed and submitted"),
    "take back": pgettext_lazy("step in the trail", "a close reading was taken back"),
    "take_back": pgettext_lazy("step in the trail", "days of its own were taken back"),
    "try webhook": pgettext_lazy("step in the trail", "a webhook was tried"),
    "unassign": pgettext_lazy("step in the trail", "an assignment was ended"),
    "undo": pgettext_lazy("step in the trail", "undone"),
    "use recovery code": pgettext_lazy("step in the trail", "a recovery code was used"),
    "withdraw": pgettext_lazy("step in the trail", "withdrawn"),
}

NAMED_BY = ("name", "title", "code", "email", "key", "number")


@dataclass(frozen=True)
class Shown:
    """One event as a row of the page."""

    change: Change
    kind: str
    row: str
    url: str
    step: str
    whence: str
    event: str


def shown(entries: list[Entry]) -> list[Shown]:
    """Events in words; a query for the people and one for each kind of row pointed to, however many they are."""
    changes = told_together([(entry, entry.table.model) for entry in entries])
    return [_shown(entry, change) for entry, change in zip(entries, changes, strict=True)]


def _shown(entry: Entry, change: Change) -> Shown:
    said = entry.pgh_context
    return Shown(
        change=change,
        kind=str(entry.table.model._meta.verbose_name),
        row=row_name(entry.pgh_data) or f"№ {entry.pgh_obj_id}",
        url=_history_of(entry),
        step=str(STEPS.get(said.get("action", ""), said.get("action", ""))),
        whence=_past_the_program(said),
        event=f"{entry.table.name} {entry.pgh_id}",
    )


def row_name(data: dict[str, Any]) -> str:
    """What a row calls itself, from its own columns alone: the row may be gone, and its name have changed since."""
    language = (get_language() or "kk")[:2]
    for part in NAMED_BY:
        for name in (f"{part}_{language}", f"{part}_ru", f"{part}_kk", f"{part}_en", part):
            if value := data.get(name):
                return str(value)
    return ""


def _history_of(entry: Entry) -> str:
    meta = entry.table.model._meta
    try:
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_history", args=[entry.pgh_obj_id])
    except NoReverseMatch:  # not every kind of row has a page
        return ""


def _past_the_program(said: dict[str, Any]) -> str:
    if not said.get("database_user"):
        return ""
    return _("past the program, as %(account)s of the database") % {"account": said["database_user"]}
