"""What the editor's script sends every few seconds, and what arrives after the session has ended: nothing is lost."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from curricula import keeping
from curricula.drafting import Conflict
from curricula.errors import Refused
from curricula.forms.lines import CurriculumForm
from curricula.forms.made_from import MadeFrom
from curricula.models import CurriculumVersion
from curricula.views.editing import Desk, let_typing_go, save

Page = Callable[..., HttpResponse]
OF_ONE_CURRICULUM = ("draft-edit", "draft-compare")


def or_keep_and_sign_in(view: Page) -> Page:
    """Like login_required, but what a form brings whose session has ended is kept for its owner first."""

    @wraps(view)
    def asked(request: HttpRequest, code: str, period: int, programme: str) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, code, period, programme)
        if request.method == "POST":
            return _kept(request, code, period, programme) or redirect_to_login(
                _editor(code, period, programme)
            )
        return redirect_to_login(request.get_full_path())

    return asked


def keep_expired(request: HttpRequest) -> HttpResponse | None:
    """For a form of a curriculum whose token against forgery is of an earlier session: one has signed in again in
    another window. The form proves by its own signature whose it is. None for any other form."""
    match = request.resolver_match
    if request.method != "POST" or match is None or match.url_name not in OF_ONE_CURRICULUM:
        return None
    return _kept(request, **match.kwargs)


def _kept(request: HttpRequest, code: str, period: int, programme: str) -> HttpResponse | None:
    owner = keeping.keep_for_its_owner(data=request.POST, programme_code=programme, period_code=str(period))
    if owner is None:
        return None
    if owner == request.user:
        messages.warning(
            request, _("The page had expired, so nothing was saved. What you typed is here: save it again.")
        )
        return redirect(_editor(code, period, programme))
    messages.warning(request, _("You were signed out. What you typed is kept: sign in, and it is there."))
    return redirect_to_login(_editor(code, period, programme))


def _editor(code: str, period: int, programme: str) -> str:
    return reverse("draft-edit", args=[code, period, programme])


@never_cache
@require_POST
def keep(request: HttpRequest, code: str, period: int, programme: str) -> HttpResponse:
    """Keep what is typed, and save it where it is right and nobody has saved meanwhile. Says in JSON what it did."""
    if not request.user.is_authenticated:
        owner = keeping.keep_for_its_owner(
            data=request.POST, programme_code=programme, period_code=str(period)
        )
        said = _("You are signed out. What you typed is kept; sign in to save it.")
        lost = _("You are signed out. What you typed is kept in this browser; sign in to save it.")
        address = redirect_to_login(_editor(code, period, programme))["Location"]
        return _said("signed-out", said if owner else lost, link=address, stored=owner is not None)
    desk = Desk(request, code, period, programme)
    try:
        return _keep_or_save(desk)
    except Refused as refusal:
        return _said("refused", str(refusal), stored=False)


def _keep_or_save(desk: Desk) -> JsonResponse:
    """What is saved is not kept first: that would write it twice, some 20 kB each time."""
    data, began = desk.request.POST, timezone.now()
    form = CurriculumForm.typed(data)
    if _says_nothing_new(desk, form):
        let_typing_go(desk)
        return _said("unchanged", "")
    if data.get("only") == "keep":
        return _kept_only(desk, _at(_("Kept at %(time)s, not saved yet.")))
    if not form.is_valid(desk.taught):
        first = form.problems[0]
        return _kept_only(desk, _not_saved(first.message), field=first.field)
    if new := form.new_codes():
        line, discipline = new[0]
        why = _("Line %(line)d: %(code)s is new to your university. “Save” adds it.")
        why %= {"line": line, "code": discipline}
        return _kept_only(desk, _not_saved(why), field=f"id_lines-{line - 1}-code")
    try:
        saved = save(desk, form)
    except Conflict:
        _keep(desk)
        return _conflict(desk)
    except Refused as refusal:
        return _kept_only(desk, _not_saved(str(refusal)))
    let_typing_go(desk, before=began)
    return _saved(desk, saved, form)


def _keep(desk: Desk) -> None:
    data = desk.request.POST
    keeping.keep(
        programme=desk.programme,
        period=desk.place.period,
        data=data,
        by=desk.place.user,
        mark=data.get("mark", ""),
    )


def _kept_only(desk: Desk, message: str, **more: Any) -> JsonResponse:
    _keep(desk)
    return _said("kept", message, **more)


def _says_nothing_new(desk: Desk, form: CurriculumForm) -> bool:
    """The form says what it was made from."""
    origin = MadeFrom.read(form.head["made_from"].value() or "")
    students = str(form.head["students"].value() or "").strip()
    return origin is not None and (tuple(form.cells), students) == (origin.rows, origin.students)


def _conflict(desk: Desk) -> JsonResponse:
    current = desk.reread()
    if current and current.edited_by and current.edited_by != desk.place.user:
        text = _("%(person)s has changed this curriculum meanwhile. Yours is kept, not saved.")
        text %= {"person": current.edited_by}
    else:
        text = _("This curriculum was changed meanwhile. Yours is kept, not saved.")
    return _said("conflict", text, link=desk.address("draft-compare"))


def _saved(desk: Desk, saved: CurriculumVersion, form: CurriculumForm) -> JsonResponse:
    """The form stays open: from now on it is made from what it has just saved, and from nothing that came after."""
    origin = replace(
        desk.origin(None),
        edit_number=saved.edit_number,
        draft=saved.pk,
        students="" if saved.students is None else str(saved.students),
        rows=tuple(form.cells),
    )
    return _said(
        "saved",
        _at(_("Saved at %(time)s")),
        fields={"edit_number": origin.edit_number, "draft": origin.draft, "made_from": origin.token()},
    )


def _not_saved(why: str) -> str:
    return _at(_("Kept at %(time)s, not saved yet. %(why)s"), why=why)


def _at(text: str, **words: str) -> str:
    return text % {"time": timezone.localtime().strftime("%H:%M:%S"), **words}


def _said(state: str, message: str, *, stored: bool = True, **more: Any) -> JsonResponse:
    """`stored`: the server has it, so that the browser need not keep it."""
    return JsonResponse({"state": state, "message": message, "stored": stored, **more})
