"""Applying a discipline to many programmes: choose them, look at what will happen, do it; undo with one click."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from curricula import applying
from curricula.applying import WRITES, Applied, Moved, Target, Wish
from curricula.errors import Refused
from curricula.forms.applying import NAMES, ChoiceForm, SettingForm, begun_from
from curricula.models import Discipline
from curricula.views.disciplines import discipline_of
from curricula.views.places import Place, place_of
from institutions.access import EDITOR


@dataclass
class Row:
    """A chosen programme on the page that shows what will happen."""

    target: Target
    form: SettingForm
    seen: str

    @property
    def effect(self) -> str:
        return str(self.target.effect(self.form.setting).label) if self.form.is_valid() else ""

    @property
    def is_possible(self) -> bool:
        """With any setting: what stands there exactly so can still be corrected."""
        return not self.form.is_valid() or self.target.effect(self.form.setting) in {*WRITES, "same"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def apply(request: HttpRequest, code: str, period: int, number: int) -> HttpResponse:
    """Two pages, one address: the choice of programmes, then what will happen to each."""
    place = place_of(request, code, period, role=EDITOR)
    discipline = discipline_of(request, place, number)
    targets = applying.targets(discipline, place.period)
    action = request.POST.get("action", "")
    if action in ("preview", "apply"):
        return _previewed(request, place, discipline, targets)
    return _choice(request, place, discipline, targets)


def _chosen(request: HttpRequest) -> set[int]:
    return {int(one) for one in request.POST.getlist("programme") if one.isdecimal() and len(one) < 19}


def _choice(
    request: HttpRequest, place: Place, discipline: Discipline, targets: list[Target], *, error: str = "",
    common: SettingForm | None = None,
) -> HttpResponse:  # fmt: skip
    choice = ChoiceForm(request.POST or None, targets)
    shown = choice.shown()
    there = {one.programme.pk for one in shown}
    chosen = _chosen(request) & {one.programme.pk for one in targets}
    match request.POST.get("action"):
        case "all":
            chosen |= there
        case "none":
            chosen -= there
    if common is None:
        typed = {name: request.POST.get(f"all-{name}", "") for name in NAMES}
        common = SettingForm(
            prefix="all", initial=typed if request.method == "POST" else begun_from(discipline, targets)
        )
    context = {
        "place": place,
        "discipline": discipline,
        "choice": choice,
        "common": common,
        "shown": shown,
        "chosen": chosen,
        "hidden": sorted(chosen - there),
        "corrections": _corrections(request, targets),
        "carryable": sum(one.programme.has_before and one.programme.newest is None for one in targets),
        "total": len(targets),
        "error": error,
    }
    status = 422 if error or common.errors else 200
    return render(request, "curricula/discipline_apply.html", context, status=status)


def _corrections(request: HttpRequest, targets: list[Target]) -> list[tuple[str, str]]:
    """What was corrected for single programmes goes along to the choice and comes back."""
    names = [(f"p{one.programme.pk}-{name}", f"all-{name}") for one in targets for name in NAMES]
    return [
        (own, request.POST[own])
        for own, common in names
        if own in request.POST and request.POST[own] != request.POST.get(common)
    ]


def _previewed(
    request: HttpRequest, place: Place, discipline: Discipline, targets: list[Target]
) -> HttpResponse:
    chosen = [one for one in targets if one.programme.pk in _chosen(request)]
    common = SettingForm(request.POST, prefix="all")
    if not chosen or not common.is_valid():
        error = "" if chosen else _("Choose at least one programme.")
        return _choice(request, place, discipline, targets, error=error, common=common)
    applies = request.POST["action"] == "apply"
    rows = [_row(request, one, applies=applies) for one in chosen]
    status, problem = 200, ""
    if applies:
        status = 422
        faulty = [
            row for row in rows if not row.form.is_valid()
        ]  # all of them, so that each shows its faults
        if not faulty:
            try:
                return _applied(request, place, discipline, rows)
            except Moved as moved:
                status, problem = 409, str(moved)
                rows = _looked_at_again(rows, applying.targets(discipline, place.period))
            except Refused as refusal:
                problem = str(refusal)
    context = {
        "place": place,
        "discipline": discipline,
        "rows": rows,
        "common": common,
        "problem": problem,
        "possible": sum(row.is_possible for row in rows),
        "faulty": [row for row in rows if row.form.errors],
    }
    return render(request, "curricula/discipline_preview.html", context, status=status)


def _row(request: HttpRequest, target: Target, *, applies: bool) -> Row:
    """From what is typed for this programme, else from what is typed for all."""
    prefix = f"p{target.programme.pk}"
    data = {
        f"{prefix}-{name}": request.POST.get(f"{prefix}-{name}", request.POST.get(f"all-{name}", ""))
        for name in NAMES
    }
    seen = request.POST.get(f"{prefix}-seen", "") if applies else target.seen
    return Row(target, SettingForm(data, prefix=prefix), seen)


def _looked_at_again(rows: list[Row], targets: list[Target]) -> list[Row]:
    now = {one.programme.pk: one for one in targets}
    return [
        Row(one, row.form, one.seen) for row in rows if (one := now.get(row.target.programme.pk)) is not None
    ]


def _applied(request: HttpRequest, place: Place, discipline: Discipline, rows: list[Row]) -> HttpResponse:
    # What has become impossible since it was looked at goes along, to be told of: only what was shown so is left out.
    possible = {
        row.target.programme.pk: Wish(row.seen, row.form.setting)
        for row in rows
        if row.is_possible or row.seen != row.target.seen
    }
    done = applying.apply(discipline=discipline, period=place.period, wishes=possible, by=place.user)
    _tell(request, discipline, done)
    return redirect("workspace-disciplines", place.institution.code, place.period.code)


def _tell(request: HttpRequest, discipline: Discipline, done: Applied) -> None:
    facts: dict[str, Any] = {"discipline": discipline.code, "count": done.changed}
    if done.batch is None:
        messages.info(request, _("%(discipline)s stood there exactly so already: nothing changed.") % facts)
        return
    text = ngettext(
        "%(discipline)s is applied to %(count)d programme.",
        "%(discipline)s is applied to %(count)d programmes.",
        done.changed,
    )
    messages.success(request, text % facts)
