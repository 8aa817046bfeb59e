"""What a request says beside its body: parameters, and what its sender has read before."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from rest_framework.request import Request

from curricula.documents.replacing import Condition
from curricula.models import Period
from curricula.spreadsheets.faults import Fault as FaultOfRows
from curricula.spreadsheets.vocabulary import CHOICES
from institutions.api.conditions import tags_of, wants_nothing_there
from institutions.api.problems import BadParameters, Fault, fault_at

Told = dict[str, object]


def flag(asked: Mapping[str, str], name: str) -> bool:
    said = asked.get(name, "false")
    if said not in ("true", "false"):
        raise bad_parameter(name, _("%(name)s: write true or false.") % {"name": name}, ("true", "false"))
    return said == "true"


def period_of(asked: Mapping[str, str]) -> Period:
    """The academic year that the request names."""
    period = Period.objects.filter(code=asked.get("period", "")).first()
    if period is None:
        known = list(Period.objects.order_by("code").values_list("code", flat=True))
        raise bad_parameter(
            "period", _("period: write one of %(known)s.") % {"known": ", ".join(known)}, known
        )
    return period


def condition_of(request: Request) -> Condition:
    return Condition(tags_of(request), absent=wants_nothing_there(request))


def bad_parameter(name: str, sentence: str, allowed: Iterable[str] = ()) -> BadParameters:
    return BadParameters(Fault(name, sentence, allowed))


def told(fault: FaultOfRows) -> Told:
    """A fault as programs read it: where in the body, or in which row and cell of a spreadsheet."""
    allowed = list(CHOICES[fault.column]) if fault.code == "not_choice" else []
    places = {"row": fault.row, "column": fault.column, "cell": fault.cell, "value": fault.value}
    said = {name: value for name, value in places.items() if value}
    found = fault_at(fault.path or "", fault.message, allowed, code=fault.code, **said)
    if fault.path is None:
        del found["pointer"]
    return found
