"""Applying: one discipline of the list is put into the curricula of many programmes in one action.

What will happen is looked at first (`targets`, `effect`); `apply` names what was looked at, and changes nothing if
any of it is different by then. One transaction, a fixed number of statements, undone as a whole (`undoing`).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

import pghistory
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curricula import undoing
from curricula.copying import copy_lines, copy_reasons
from curricula.days import collects_from
from curricula.errors import Refused
from curricula.models import Batch, CurriculumVersion, Discipline, Line, Period, Programme
from curricula.models.versions import LINES_LIMIT
from curricula.progress import programmes_of
from institutions.models import User

State = CurriculumVersion.State


class Effect(models.TextChoices):
    BEGIN = "begin", gettext_lazy("a new draft with this discipline")
    BASED = "based", gettext_lazy("a new draft: the last version with this discipline added")
    BASED_CHANGE = "based_change", gettext_lazy("a new draft: the last version with this line changed")
    ADD = "add", gettext_lazy("added to the draft")
    CHANGE = "change", gettext_lazy("the line in the draft is changed")
    SAME = "same", gettext_lazy("stands there exactly so: nothing changes")
    AWAITS = "awaits", gettext_lazy("not possible: handed in and awaiting review")
    CLOSED = "closed", gettext_lazy("not possible: the period is closed, and there is no draft")
    SEVERAL = (
        "several",
        gettext_lazy("not possible: listed in several semesters; change it in the curriculum"),
    )
    FULL = "full", gettext_lazy("not possible: the curriculum has as many lines as it may have")


WRITES = frozenset({Effect.BEGIN, Effect.BASED, Effect.BASED_CHANGE, Effect.ADD, Effect.CHANGE})


@dataclass(frozen=True, slots=True)
class Setting:
    """How the discipline stands in a curriculum."""

    credits: Decimal
    cycle: str
    component: str
    semester: int
    ai_category: str

    @classmethod
    def of(cls, line: Line) -> Self:
        return cls(line.credits, line.cycle, line.component, line.semester, line.ai_category)


@dataclass(frozen=True)
class Target:
    """A programme as it is now: its newest version of the period, and how that has the discipline."""

    programme: Any  # annotated by `programmes_of`
    lines: list[Line]
    collecting: bool

    @property
    def seen(self) -> str:
        """Names the state that was looked at; another one after any save."""
        return f"{self.programme.version_id or 0}.{self.programme.edits or 0}.{self.programme.newest or ''}"

    def effect(self, setting: Setting) -> Effect:
        newest = self.programme.newest
        if newest == State.SUBMITTED:
            return Effect.AWAITS
        if newest != State.DRAFT and not self.collecting:
            return Effect.CLOSED
        if len(self.lines) > 1:
            return Effect.SEVERAL
        if self.lines and Setting.of(self.lines[0]) == setting:
            return Effect.SAME
        if not self.lines and self.programme.line_count >= LINES_LIMIT:
            return Effect.FULL
        if newest is None:
            return Effect.BEGIN
        if newest == State.DRAFT:
            return Effect.CHANGE if self.lines else Effect.ADD
        return Effect.BASED_CHANGE if self.lines else Effect.BASED


class Moved(Refused):
    """Curricula were changed since they were looked at; nothing has been saved."""

    def __init__(self, programmes: list[Programme]) -> None:
        super().__init__(
            _("Nothing was saved yet: somebody has changed %(programmes)s meanwhile. Look at it again.")
            % {"programmes": ", ".join(programme.code for programme in programmes)},
            code="moved",
        )
        self.programmes = programmes


@dataclass(frozen=True)
class Wish:
    """What one programme shall get, and the state that it was decided on (`Target.seen`)."""

    seen: str
    setting: Setting


@dataclass(frozen=True)
class Applied:
    """The action, to be undone; None if all stood there already. And in how many programmes something changed."""

    batch: Batch | None
    changed: int


def targets(discipline: Discipline, period: Period) -> list[Target]:
    """Every programme that the period asks for, by code; two queries."""
    programmes = list(
        programmes_of(discipline.institution, period).select_related("direction__parent").order_by("code")
    )
    lines: dict[int, list[Line]] = defaultdict(list)
    newest = [programme.version_id for programme in programmes if programme.version_id]
    for line in Line.objects.filter(discipline=discipline, version__in=newest).order_by("semester"):
        lines[line.version_id].append(line)
    collecting = collects_from(discipline.institution, period)
    return [Target(programme, lines[programme.version_id], collecting) for programme in programmes]


def apply(*, discipline: Discipline, period: Period, wishes: Mapping[int, Wish], by: User) -> Applied:
    """Give the programmes (by id) what is wished. Moved if any is not as it was looked at; Refused if it can't be.

    Wishing what is there already is no change: whoever presses the button twice has applied once.
    """
    try:
        with pghistory.context(user=by.pk, action="apply"), transaction.atomic():
            _lock(period, wishes)
            chosen = [one for one in targets(discipline, period) if one.programme.pk in wishes]
            todo = _to_do(chosen, wishes)
            return _write(discipline, period, todo, wishes, by) if todo else Applied(None, 0)
    except IntegrityError:  # a draft was begun at the same moment
        raise Moved(list(Programme.objects.filter(pk__in=wishes).order_by("code"))) from None


def _lock(period: Period, wishes: Mapping[int, Wish]) -> None:
    """The drafts in the order in which submitting locks them; before them the programmes, for two who apply at once
    and find no draft to wait for."""
    programmes = Programme.objects.filter(pk__in=wishes)
    list(programmes.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    drafts = CurriculumVersion.objects.drafts().filter(period=period, programme__in=wishes)
    list(drafts.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _to_do(chosen: list[Target], wishes: Mapping[int, Wish]) -> list[Target]:
    todo = [one for one in chosen if one.effect(wishes[one.programme.pk].setting) != Effect.SAME]
    moved = [one.programme for one in todo if one.seen != wishes[one.programme.pk].seen]
    if moved:
        raise Moved(moved)
    for one in todo:
        effect = one.effect(wishes[one.programme.pk].setting)
        if effect not in WRITES:
            raise Refused(f"{one.programme.code}: {effect.label}", code=effect.value)
    return todo


def _write(
    discipline: Discipline, period: Period, todo: list[Target], wishes: Mapping[int, Wish], by: User
) -> Applied:
    numbers = [one.programme.pk for one in todo]
    batch = undoing.begin(
        institution=discipline.institution,
        period=period,
        action=Batch.Action.APPLY,
        by=by,
        subject=discipline.code,
    )
    undoing.remember(batch=batch, programmes=numbers)
    _begin_drafts(period, todo)
    drafts = CurriculumVersion.objects.drafts().filter(period=period, programme__in=numbers)
    settings = {
        draft: wishes[programme].setting for draft, programme in drafts.values_list("pk", "programme")
    }
    _put_lines(discipline, settings)
    drafts.update(edit_number=F("edit_number") + 1, edited_by=by, edited_at=timezone.now())
    undoing.seal(batch=batch)
    return Applied(batch, len(todo))


def _begin_drafts(period: Period, todo: list[Target]) -> None:
    """With the lines and reasons of the version that was returned or approved last, where there is one."""
    without = [one.programme for one in todo if one.programme.newest != State.DRAFT]
    drafts = CurriculumVersion.objects.bulk_create(
        CurriculumVersion(
            institution_id=programme.institution_id,
            programme=programme,
            period=period,
            number=(programme.version_number or 0) + 1,
            students=programme.students,
        )
        for programme in without
    )
    pairs = zip(drafts, without, strict=True)
    sources = {draft.pk: programme.version_id for draft, programme in pairs if programme.version_id}
    copy_lines(sources)
    copy_reasons(sources)


CHANGE_LINES = """
    UPDATE curricula_line AS line SET credits = wished.credits, cycle = wished.cycle, component = wished.component,
        semester = wished.semester, ai_category = wished.ai_category
    FROM unnest(%s::bigint[], %s::numeric[], %s::text[], %s::text[], %s::smallint[], %s::text[])
        AS wished (draft, credits, cycle, component, semester, ai_category)
    WHERE line.version_id = wished.draft AND line.discipline_id = %s
"""


def _put_lines(discipline: Discipline, settings: Mapping[int, Setting]) -> None:
    """Change the line of the discipline in each draft (by id), or add it as the last."""
    there = Line.objects.filter(discipline=discipline, version__in=settings)
    has = set(there.values_list("version", flat=True))
    wished = [(draft, *(getattr(settings[draft], name) for name in Setting.__slots__)) for draft in has]
    if wished:
        with connection.cursor() as cursor:
            cursor.execute(CHANGE_LINES, [*map(list, zip(*wished, strict=True)), discipline.pk])
    last = (
        CurriculumVersion.objects.filter(pk__in=set(settings) - has)
        .annotate(
            last=Subquery(
                Line.objects.filter(version=OuterRef("pk")).order_by("-position").values("position")[:1]
            )
        )
        .values_list("pk", "last")
    )
    Line.objects.bulk_create(
        Line(
            institution_id=discipline.institution_id,
            version_id=draft,
            position=(position or 0) + 1,
            discipline=discipline,
            evidence_url=discipline.evidence_url,
            **{name: getattr(settings[draft], name) for name in Setting.__slots__},
        )
        for draft, position in last
    )
