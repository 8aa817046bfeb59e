"""Handing over for signature: a program says that all is entered; a person reads and signs (`submitting`).

It changes no state. What would stand against the signature is told at once, and where nothing does, the signatories get
a letter: one for what is there now, however often it is said.
"""

from dataclasses import dataclass
from functools import partial

from django.urls import reverse

from curricula.checking.standing import Problem
from curricula.errors import Refused
from curricula.models import Period
from curricula.submitting import fingerprint, problems, ready
from institutions.access import SIGNATORY, members
from institutions.letters import Composed, drafted, post
from institutions.models import ApiKey, Institution, Letter
from institutions.wall import beyond


class Unready(Refused):
    """What must be mended first."""

    def __init__(self, faults: list[Problem]) -> None:
        super().__init__(" ".join(map(str, faults)), code="unready")
        self.faults = faults


@dataclass(frozen=True)
class HandedOver:
    """`signatories` are those who sign for the institution; `is_new` whether they have been told only now."""

    programmes: int
    signatories: int
    is_new: bool


def hand_over(*, institution: Institution, period: Period, key: ApiKey) -> HandedOver:
    """Tell the signatories that what is drafted waits for them; Unready while anything stands against it."""
    checklist = problems(institution, period)
    if checklist.faults:
        raise Unready(checklist.faults)
    signatories = members(institution, SIGNATORY)
    count = ready(institution, period).count()
    once = f"ready:{institution.pk}:{period.code}:{fingerprint(institution, period)[:40]}"
    with beyond("whether a letter is there already, which is its reader's own"):
        is_new = not Letter.objects.filter(
            once__in=[f"{once}:{person.pk}" for person in signatories]
        ).exists()
    post(
        drafted(
            kind=Letter.Kind.READY,
            to=signatories,
            once=once,
            compose=partial(_of_handing_over, institution, period, key.name, count),
        )
    )
    return HandedOver(count, len(signatories), is_new)


def sign_address(institution: Institution, period: Period) -> str:
    return reverse("sign", args=[institution.code, period.code])


def _of_handing_over(institution: Institution, period: Period, program: str, count: int) -> Composed:
    words = {
        "institution": institution.name,
        "period": period.name,
        "program": program,
        "programmes": count,
    }
    return words, sign_address(institution, period)
