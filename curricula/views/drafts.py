"""Writing down what a programme teaches: the form by whole pages, and discarding a draft."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from curricula import drafting, keeping
from curricula.drafting import Conflict
from curricula.forms.cells import typed_number
from curricula.forms.lines import CurriculumForm, Problem
from curricula.forms.pasting import read_pasted
from curricula.forms.rows import COLUMNS, Row, as_sent, filled, first_free, moved, rows_of, with_spare
from curricula.models import CurriculumVersion
from curricula.models.versions import LINES_LIMIT
from curricula.views.comparing import saved_or_shown
from curricula.views.editing import Desk, State, keep_typing, let_typing_go, page
from curricula.views.keeping import or_keep_and_sign_in


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@or_keep_and_sign_in
def edit(request: HttpRequest, code: str, period: int, programme: str) -> HttpResponse:
    """The form; a draft is begun by the first save, so that looking changes nothing."""
    desk = Desk(request, code, period, programme)
    if request.method == "POST":
        return _posted(desk)
    typing = keeping.kept(programme=desk.programme, period=desk.place.period, by=desk.place.user)
    if not desk.may_be_saved:
        if typing:
            return redirect(desk.address("draft-compare"))
        awaits = desk.newest and desk.newest.state == State.SUBMITTED
        messages.warning(
            request,
            _("This curriculum has been handed in and awaits review.")
            if awaits
            else _("This period is closed, so nothing can be changed in it."),
        )
        return redirect(desk.address("programme-history"))
    if typing:
        return page(desk, CurriculumForm.unchecked(typing.data), typing=typing)
    return page(desk, CurriculumForm.of(desk.origin(desk.newest)))


def _posted(desk: Desk) -> HttpResponse:
    data = desk.request.POST
    action, _colon, detail = data.get("action", "save").partition("-")
    if action == "drop":
        let_typing_go(desk)
        messages.success(desk.request, _("What was typed is let go. This is what is saved."))
        return redirect(desk.address())
    if action in ("add", "up", "down", "paste"):
        return _rearranged(desk, action, detail)
    return saved_or_shown(desk, data, then=desk.tasks if detail == "and-leave" else desk.address())


def _rearranged(desk: Desk, action: str, detail: str) -> HttpResponse:
    """The same rows with more of them, in another order, or with what was pasted."""
    data = desk.request.POST
    rows = rows_of(data)
    if action == "add":
        rows = with_spare(rows)
    elif action in ("up", "down") and detail.isdecimal() and len(detail) < 10:
        rows = moved(rows, int(detail), -1 if action == "up" else 1)
    elif action == "paste":
        return _pasted(desk, rows)
    keep_typing(desk, as_sent(data, rows))
    return page(desk, CurriculumForm.unchecked(data, rows))


def _pasted(desk: Desk, rows: list[Row]) -> HttpResponse:
    data = desk.request.POST
    text, column = data.get("paste", ""), data.get("paste_column", "")
    pasted = read_pasted(
        text, programme_code=desk.programme.code, first_column=column if column in COLUMNS else "code"
    )
    problems = [Problem("id_paste", fault.sentence) for fault in pasted.faults]
    place = data.get("paste_row", "").strip()
    start = int(place) - 1 if place.isdecimal() and 0 < int(place[:9]) <= len(rows) + 1 else first_free(rows)
    if not pasted.rows and not problems:
        problems.append(Problem("id_paste", _("Nothing was pasted. Copy the rows in the spreadsheet first.")))
    elif start + len(pasted.rows) > LINES_LIMIT:
        most = {"limit": LINES_LIMIT, "count": start + len(pasted.rows)}
        too_many = _("A curriculum has at most %(limit)d lines; this one has %(count)d.") % most
        problems.append(Problem("id_paste", too_many))
    if problems:
        keep_typing(desk, data)
        return page(desk, CurriculumForm.unchecked(data), pasted=text, problems=problems)
    before = [*rows[start:], *({} for _row in pasted.rows)]
    pasted.rows = [_completed(desk, row, was) for row, was in zip(pasted.rows, before, strict=False)]
    rows = filled(rows, start, pasted.rows)
    keep_typing(desk, as_sent(data, rows))
    count = len(pasted.rows)
    done = ngettext(
        "%(count)d row is put in, from line %(line)d on. It is not saved yet.",
        "%(count)d rows are put in, from line %(line)d on. They are not saved yet.",
        count,
    )
    messages.success(desk.request, done % {"count": count, "line": start + 1})
    return page(desk, CurriculumForm.unchecked(data, rows))


def _completed(desk: Desk, row: Row, was: Row) -> Row:
    """With the usual credits and category of a discipline that is new in this row and says nothing of them."""
    known = next((one for one in desk.disciplines if one.code == row.get("code")), None)
    if known is None or known.code == was.get("code"):
        return row
    usual = {"title": known.title, "ai_category": known.ai_category}
    if known.credits is not None:
        usual["credits"] = typed_number(known.credits)
    return {**usual, **row}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def discard(request: HttpRequest, code: str, period: int, programme: str) -> HttpResponse:
    desk = Desk(request, code, period, programme)
    draft = desk.draft
    if draft is None:
        messages.warning(request, _("There is no draft to discard."))
        return redirect(desk.address("programme-history"))
    context = {
        "place": desk.place,
        "programme": desk.programme,
        "draft": draft,
        "line_count": draft.lines.count(),
        "others": CurriculumVersion.objects.filter(
            programme=desk.programme, period=desk.place.period, number__lt=draft.number
        ),
    }
    if request.method == "POST":
        seen = (request.POST.get("edit_number", ""), request.POST.get("draft", ""))
        same = seen == (str(draft.edit_number), str(draft.pk))
        try:
            drafting.discard_draft(
                version=draft, by=desk.place.user, edit_number=draft.edit_number if same else -1
            )
        except Conflict:
            context["faults"] = [
                _("The draft was saved again while you were reading. Look at it before you discard it.")
            ]
            return render(request, "curricula/discard.html", context, status=409)
        let_typing_go(desk)
        messages.success(
            request, _("The draft of %(programme)s is discarded.") % {"programme": desk.programme.code}
        )
        return redirect(desk.tasks)
    return render(request, "curricula/discard.html", context)
