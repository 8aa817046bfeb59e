"""Two at one curriculum: the second saver compares, and merges or drops."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from curricula import keeping
from curricula.drafting import Conflict
from curricula.errors import Refused
from curricula.forms.comparing import Comparison
from curricula.forms.lines import CurriculumForm, Problem
from curricula.forms.made_from import MadeFrom, base_of
from curricula.forms.rows import as_sent, rows_of, typed_as, with_spare
from curricula.views.editing import Desk, State, keep_typing, let_typing_go, page, save
from curricula.views.keeping import or_keep_and_sign_in

NOT_TYPED = ("action", "csrfmiddlewaretoken", "theirs", "mark", "paste", "paste_row", "paste_column")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@or_keep_and_sign_in
def compare(request: HttpRequest, code: str, period: int, programme: str) -> HttpResponse:
    """What was typed and not saved beside what is saved now."""
    desk = Desk(request, code, period, programme)
    if request.method == "POST":
        return _posted(desk)
    typing = keeping.kept(programme=desk.programme, period=desk.place.period, by=desk.place.user)
    if typing is None:
        return redirect(desk.address())
    return conflict_page(desk, typing.data, mark=typing.mark)


def conflict_page(
    desk: Desk,
    typed: Mapping[str, Any],
    *,
    theirs: MadeFrom | None = None,
    chosen: Mapping[str, str] | None = None,
    mark: str = "",
    status: int = 200,
) -> HttpResponse:
    """Both sides; `theirs` is what is saved now unless told, `chosen` what a person has chosen already."""
    current = desk.reread()
    theirs = theirs or desk.origin(current)
    fields = {name: value for name, value in typed.items() if name not in NOT_TYPED and name[:5] != "keep-"}
    context = {
        "place": desk.place,
        "programme": desk.programme,
        "current": current,
        "is_draft": current is not None and current.state == State.DRAFT,
        "may_be_saved": desk.may_be_saved,
        "comparison": comparison_of(desk, typed, theirs, chosen),
        "theirs": theirs.token(),
        "typed": fields.items(),
        "mark": mark or desk.request.POST.get("mark", ""),
    }
    return render(desk.request, "curricula/conflict.html", context, status=status)


def comparison_of(
    desk: Desk, typed: Mapping[str, Any], theirs: MadeFrom, chosen: Mapping[str, str] | None = None
) -> Comparison:
    token = str(typed.get("made_from", ""))
    students, base = base_of(token, programme=desk.programme.pk, period=desk.place.period.pk)
    mine = str(typed.get("students", "")).strip()
    return Comparison(
        base=base,
        theirs=theirs.rows,
        mine=CurriculumForm.unchecked(typed).cells,
        students=(students, theirs.students, mine),
        chosen=chosen or {},
        asked=chosen is not None,
    )


def _posted(desk: Desk) -> HttpResponse:
    data = desk.request.POST
    action = data.get("action", "")
    if action == "theirs":
        let_typing_go(desk)
        messages.success(desk.request, _("What you typed is dropped. This is what is saved."))
        return redirect(desk.address())
    theirs = MadeFrom.read(data.get("theirs", ""))
    mine = {"by": desk.place.user.pk, "programme": desk.programme.pk, "period": desk.place.period.pk}
    if theirs is None or not theirs.is_of(**mine) or action not in ("mine", "merge", "merge-edit"):
        return conflict_page(desk, data, status=409)
    if action == "mine":
        return saved_or_shown(desk, rebased(data, theirs), then=desk.address())
    comparison = comparison_of(desk, data, theirs, data)
    if not comparison.is_answered:
        return conflict_page(desk, data, theirs=theirs, chosen=data, status=422)
    students, cells = comparison.merged()
    rows = with_spare([typed_as(one) for one in cells])
    merged = as_sent({**_head(theirs), "students": students}, rows)
    if action == "merge-edit":
        keep_typing(desk, merged)
        messages.success(desk.request, _("Both are put together. It is not saved yet."))
        return page(desk, CurriculumForm.unchecked(merged))
    return saved_or_shown(desk, merged, then=desk.address())


def rebased(data: Mapping[str, Any], theirs: MadeFrom) -> dict[str, str]:
    """What was typed, as if it had been made from what is saved now."""
    return as_sent({"students": data.get("students", ""), **_head(theirs)}, rows_of(data))


def _head(theirs: MadeFrom) -> dict[str, Any]:
    return {"edit_number": theirs.edit_number, "draft": theirs.draft, "made_from": theirs.token()}


def saved_or_shown(desk: Desk, data: Mapping[str, Any], *, then: str) -> HttpResponse:
    """Save what was typed and go on to `then`; else keep it, and show what is wrong or who saved meanwhile."""
    form = CurriculumForm.typed(data)
    if not form.is_valid(desk.taught):
        keep_typing(desk, data)
        return page(desk, form)
    try:
        saved = save(desk, form)
    except Conflict:
        keep_typing(desk, data)
        return conflict_page(desk, data, status=409)
    except Refused as refusal:
        keep_typing(desk, data)
        return page(desk, form, problems=[Problem("", str(refusal))])
    let_typing_go(desk)
    done = {"programme": desk.programme.code, "number": saved.number}
    messages.success(desk.request, _("%(programme)s is saved, version %(number)d.") % done)
    return redirect(then)
