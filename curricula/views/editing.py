"""What the pages on which a curriculum is edited have in common: the form, and saving what it says."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property

from curricula import drafting, keeping
from curricula.drafting import Conflict
from curricula.errors import Refused
from curricula.forms.checked import check_beside
from curricula.forms.lines import CurriculumForm, Problem
from curricula.forms.made_from import MadeFrom
from curricula.forms.rows import cells_of_line
from curricula.forms.suggested import suggest_beside
from curricula.models import CurriculumVersion, Discipline, Programme, Typing
from curricula.views.places import Place, place_of, programme_of
from curricula.warnings import warnings
from institutions.access import EDITOR

SUGGESTED = 1000
State = CurriculumVersion.State


class Desk:
    """One curriculum before one editor: whose, what there is of it now, what the institution teaches."""

    def __init__(self, request: HttpRequest, code: str, period: int, programme: str) -> None:
        self.request = request
        self.place: Place = place_of(request, code, period, role=EDITOR)
        self.programme: Programme = programme_of(request, self.place, programme)
        self.newest = drafting.latest_version(self.programme, self.place.period)

    def reread(self) -> CurriculumVersion | None:
        """What there is of the curriculum now, after somebody else has changed it."""
        newest = self.programme.versions.filter(period=self.place.period).select_related(
            "edited_by", "carried_from__period"
        )
        self.newest = newest.order_by("-number").first()
        return self.newest

    @property
    def draft(self) -> CurriculumVersion | None:
        return self.newest if self.newest and self.newest.state == State.DRAFT else None

    @property
    def may_be_saved(self) -> bool:
        """A draft, or none yet where one can be begun."""
        if self.newest and self.newest.state == State.SUBMITTED:
            return False
        return self.draft is not None or self.place.days.is_open

    @property
    def taught(self) -> QuerySet[Discipline]:
        """The disciplines of the institution."""
        mine = Discipline.objects.for_user(self.place.user).filter(institution=self.place.institution)
        return mine.defer("description", "search").order_by("code")

    @cached_property
    def disciplines(self) -> list[Discipline]:
        """What the list beside the codes suggests; a code beyond these may be typed all the same."""
        return list(self.taught)

    def origin(self, version: CurriculumVersion | None) -> MadeFrom:
        """What a form that shows this version is made from; None: there is nothing."""
        is_draft = version is not None and version.state == State.DRAFT
        students = version.students if version else None
        return MadeFrom(
            by=self.place.user.pk,
            programme=self.programme.pk,
            period=self.place.period.pk,
            edit_number=version.edit_number if version and is_draft else 0,
            draft=version.pk if version and is_draft else None,
            students="" if students is None else str(students),
            rows=tuple(cells_of_line(line) for line in drafting.content(version)) if version else (),
        )

    def address(self, name: str = "draft-edit") -> str:
        return reverse(name, args=[self.place.institution.code, self.place.period.code, self.programme.code])

    @property
    def tasks(self) -> str:
        base = reverse("workspace-institution", args=[self.place.institution.code])
        return f"{base}?period={self.place.period.code}"


def save(desk: Desk, form: CurriculumForm) -> CurriculumVersion:
    """One transaction: of a draft that can't be saved, the beginning is undone too."""
    if (form.edit_number or form.draft) and desk.draft is None:
        raise Conflict(desk.newest)  # the draft that was on the screen is none any more
    by = desk.place.user
    with transaction.atomic():
        draft = drafting.start_draft(programme=desk.programme, period=desk.place.period, by=by)
        if form.draft and draft.pk != form.draft:
            raise Conflict(draft)  # it was discarded, and another one begun
        return drafting.save_draft(
            version=draft, lines=form.lines(), students=form.students, edit_number=form.edit_number, by=by
        )


def page(
    desk: Desk,
    form: CurriculumForm,
    *,
    typing: Typing | None = None,
    pasted: str = "",
    problems: Iterable[Problem] = (),
) -> HttpResponse:
    """The form; `typing` is what it shows, if that was kept and is not saved, `pasted` what could not be put in."""
    form.problems += problems
    suggest_beside(form.rows, desk.disciplines)
    check_beside(form.rows, desk.disciplines)
    desk.reread()
    draft = desk.draft
    before = CurriculumVersion.objects.filter(programme=desk.programme, period=desk.place.period)
    if draft:
        before = before.filter(number__lt=draft.number)
    last = before.select_related("decided_by").order_by("-number").first()
    context = {
        "place": desk.place,
        "programme": desk.programme,
        "form": form,
        "blank_row": CurriculumForm.blank_row(),
        "draft": draft,
        "typing": typing,
        "mark": typing.mark if typing else desk.request.POST.get("mark", ""),
        "is_saved": typing is None and desk.request.method != "POST",
        "is_behind": typing is not None and _is_behind(typing, draft),
        "pasted": pasted,
        "paste_row": desk.request.POST.get("paste_row", "") if pasted else "",
        "paste_column": desk.request.POST.get("paste_column", "") if pasted else "",
        "returned": last if last and last.state == State.RETURNED else None,
        "source": last if draft is None else None,
        "disciplines": desk.disciplines[:SUGGESTED],
        "warnings": warnings(draft) if draft and draft.edit_number and not form.problems else [],
    }
    return render(desk.request, "curricula/edit.html", context, status=422 if form.problems else 200)


def keep_typing(desk: Desk, data: Mapping[str, Any]) -> None:
    """What is too large to be kept stays on the page alone."""
    with suppress(Refused):
        keeping.keep(
            programme=desk.programme,
            period=desk.place.period,
            data=data,
            by=desk.place.user,
            mark=desk.request.POST.get("mark", ""),
        )


def let_typing_go(desk: Desk, before: datetime | None = None) -> None:
    keeping.let_go(programme=desk.programme, period=desk.place.period, by=desk.place.user, before=before)


def _is_behind(typing: Typing, draft: CurriculumVersion | None) -> bool:
    """Somebody has saved or discarded the draft since the form was made that it was typed into."""
    seen = (typing.data.get("edit_number", ""), typing.data.get("draft", ""))
    now = (str(draft.edit_number), str(draft.pk)) if draft else ("0", "")
    return seen != now and not (draft and seen == ("0", "") and not draft.edit_number)
