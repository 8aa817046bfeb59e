"""Bodies that replace a row as a whole: which members there may be, and as what forms read them."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext as _
from rest_framework.request import Request

from institutions.api.problems import Problem, fault_at, refusals_of


def etag_of(row: Mapping[str, Any]) -> str:
    """A strong tag of all that is said of a row: another as soon as any of it is another."""
    said = json.dumps(row, sort_keys=True, ensure_ascii=False, default=str)
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


def tagged(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its own `etag`, so that who has read a list can write without asking for each."""
    return {**row, "etag": etag_of(row)}


def members_of(request: Request, *, writable: Sequence[str], current: Mapping[str, Any]) -> dict[str, str]:
    """The writable members as texts, as a form takes them; what is left out is empty.

    What the server alone writes may come back as it was read (`current`); other values, unknown members and
    values that are no text or number are 422, all at once.
    """
    body = request.data
    if not isinstance(body, dict):
        raise unfit([fault_at("", _("Send one JSON object."), code="not_an_object")])
    faults = []
    for name, value in body.items():
        if name not in writable and name not in current:
            known = [*writable, *(one for one in current if one not in writable)]
            sentence = _("There is no such member; known are %(known)s.") % {"known": ", ".join(known)}
            faults.append(fault_at(pointer(name), sentence, known, code="unknown"))
        elif name not in writable and value != current[name]:
            sentence = _("This is not written here: leave it out, or send it back as it was read.")
            faults.append(fault_at(pointer(name), sentence, code="read_only"))
        elif name in writable and not (value is None or _is_text_or_number(value)):
            faults.append(fault_at(pointer(name), _("Write a text or a number."), code="type"))
    if faults:
        raise unfit(faults)
    return {name: "" if body.get(name) is None else str(body[name]) for name in writable}


def refuse_form(form: forms.BaseForm) -> None:
    """What a form says against a body, in its words."""
    faults = [
        fault_at("" if name == NON_FIELD_ERRORS else pointer(name), sentence, allowed, code="invalid")
        for name, sentence, allowed in refusals_of(form)
    ]
    if faults:
        raise unfit(faults)


def unfit(faults: Iterable[Mapping[str, Any]]) -> Problem:
    """422 that names every fault with its place."""
    faults = list(faults)
    detail = " ".join(f"{fault['pointer']}: {fault['message']}".lstrip(": ") for fault in faults[:10])
    return Problem(422, detail, code="invalid", faults=faults)


def pointer(name: str) -> str:
    return "/" + str(name)[:200].replace("~", "~0").replace("/", "~1")


def _is_text_or_number(value: Any) -> bool:
    return isinstance(value, str | int | Decimal) and not isinstance(value, bool)
