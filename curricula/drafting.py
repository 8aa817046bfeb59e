"""Drafting: the step in which an institution writes down what a programme teaches.

Of two people who save the same draft the second is told: a save names the `edit_number` that it was made from, and is
carried out only while that is still the newest. Nothing here is final; `submitting` makes it so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pghistory
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.checking.catalogue import Finding
from curricula.checking.rows import facts_of
from curricula.copying import copy_lines, copy_reasons
from curricula.days import collects_from
from curricula.errors import Refused
from curricula.importing.plans import language_of
from curricula.models import CurriculumVersion, Discipline, Line, Period, Programme
from curricula.models.versions import LINES_LIMIT
from curricula.spreadsheets.columns import CREDITS_LEAST, CREDITS_LIMIT
from curricula.suggesting import fill
from institutions.models import User

# What a save may change of a line that stays: all but its discipline and semester, by which it is known.
WRITTEN = ("position", "credits", "cycle", "component", "ai_category", "evidence_url")


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line as it is typed: the discipline by its code, with a title if the institution does not know the code."""

    discipline_code: str
    credits: Decimal
    cycle: str
    component: str
    semester: int
    ai_category: str = Line.AICategory.NONE
    evidence_url: str = ""
    discipline_title: str = ""


class Conflict(Refused):
    """Somebody has saved, handed in or discarded the draft meanwhile. `current` is what there is now, if anything."""

    def __init__(self, current: CurriculumVersion | None) -> None:
        super().__init__(
            _("The curriculum was changed while you worked on it. Nothing of yours was saved yet: compare."),
            code="conflict",
        )
        self.current = current


def latest_version(programme: Programme, period: Period) -> CurriculumVersion | None:
    """The version that counts as the programme's present one in the period: a draft if there is one."""
    return programme.versions.filter(period=period).order_by("-number").first()


def start_draft(*, programme: Programme, period: Period, by: User) -> CurriculumVersion:
    """The programme's draft in the period: the one there is, else a new one.

    A new one has the lines of the version that was returned or approved last, or none if there is no such version.
    Refused while a version awaits review, and outside the days in which the period collects.
    """
    latest = latest_version(programme, period)
    if latest and latest.state == CurriculumVersion.State.DRAFT:
        return latest
    if latest and latest.state == CurriculumVersion.State.SUBMITTED:
        raise Refused(
            _("%(programme)s has been handed in and awaits review. Wait until it is approved or returned.")
            % {"programme": programme.code},
            code="awaiting_review",
        )
    if not collects_from(programme.institution, period):
        raise Refused(
            _("Period %(period)s is not open, so no curriculum can be begun in it.")
            % {"period": period.name},
            code="period_closed",
        )
    return _add_draft(programme=programme, period=period, source=latest, by=by)


def copy_as_draft(*, version: CurriculumVersion, by: User) -> CurriculumVersion:
    """A new draft with the lines of a version, e.g. of one that was returned; a draft that there is stays as it is."""
    return _add_draft(programme=version.programme, period=version.period, source=version, by=by)


def copy_as_drafts(*, versions: Sequence[CurriculumVersion], by: User) -> None:
    """As `copy_as_draft` for each, in five statements however many; one by one if somebody begins one meanwhile."""
    try:
        with transaction.atomic():
            _add_drafts(versions, by)
    except IntegrityError:
        for version in versions:
            copy_as_draft(version=version, by=by)


def _add_drafts(versions: Sequence[CurriculumVersion], by: User) -> None:
    keys = {(version.programme_id, version.period_id) for version in versions}
    programmes, periods = zip(*keys, strict=True)
    siblings = CurriculumVersion.objects.filter(programme__in=programmes, period__in=periods)
    begun = set(siblings.drafts().values_list("programme", "period"))
    newest = siblings.order_by().values_list("programme", "period").annotate(number=Max("number"))
    numbers = {(programme, period): number for programme, period, number in newest}
    sources = [one for one in versions if (one.programme_id, one.period_id) not in begun]
    drafts = CurriculumVersion.objects.bulk_create(
        CurriculumVersion(
            institution_id=source.institution_id,
            programme_id=source.programme_id,
            period_id=source.period_id,
            number=numbers[source.programme_id, source.period_id] + 1,
            students=source.students,
            edited_by=by,
            edited_at=timezone.now(),
        )
        for source in sources
    )
    copied = {draft.pk: source.pk for draft, source in zip(drafts, sources, strict=True)}
    copy_lines(copied)
    copy_reasons(copied)


def _add_draft(
    *, programme: Programme, period: Period, source: CurriculumVersion | None, by: User
) -> CurriculumVersion:
    siblings = CurriculumVersion.objects.filter(programme=programme, period=period)
    try:
        with transaction.atomic():
            newest = siblings.aggregate(number=Max("number"))["number"] or 0
            draft = CurriculumVersion.objects.create(
                institution_id=programme.institution_id,
                programme=programme,
                period=period,
                number=newest + 1,
                students=source.students if source else None,
                edited_by=by,
                edited_at=timezone.now(),
            )
            if source:
                copy_lines({draft.pk: source.pk})
                copy_reasons({draft.pk: source.pk})
    except IntegrityError:  # somebody else began it at the same moment
        theirs = siblings.drafts().first()
        if theirs is None:  # and has handed it in or discarded it since
            raise Refused(
                _("Somebody else has just changed this curriculum. Open it again."), code="changed"
            ) from None
        return theirs
    return draft


def save_draft(
    *,
    version: CurriculumVersion,
    lines: Sequence[DraftLine],
    students: int | None,
    edit_number: int,
    by: User,
) -> CurriculumVersion:
    """Replace all that the draft says, provided that nobody has saved it since `edit_number`; else Conflict.

    Saving what is there already is not a conflict: whoever presses the button twice has saved once. Disciplines
    that the institution does not have yet are added to its list. As many queries for one line as for all.
    """
    _refuse_impossible(lines)
    with pghistory.context(user=by.pk, action="save"), transaction.atomic():
        claimed = (
            CurriculumVersion.objects.drafts()
            .filter(pk=version.pk, edit_number=edit_number)
            .update(
                students=students, edit_number=F("edit_number") + 1, edited_by=by, edited_at=timezone.now()
            )
        )
        if not claimed:
            return _already_saved(version, lines, students)
        _write_lines(version, unsaved_lines(version, lines, _disciplines(version.institution_id, lines)))
        # Before the commit: after it somebody else may have saved, and the next save would be made from theirs unseen.
        return CurriculumVersion.objects.select_related("edited_by").get(pk=version.pk)


def discard_draft(*, version: CurriculumVersion, by: User, edit_number: int | None = None) -> None:
    """Delete a draft with its lines; Conflict if it is a draft no more, or was saved since `edit_number`."""
    draft = CurriculumVersion.objects.drafts().filter(pk=version.pk)
    if edit_number is not None:
        draft = draft.filter(edit_number=edit_number)
    with pghistory.context(user=by.pk, action="discard"), transaction.atomic():
        if not draft.select_for_update().exists():
            raise Conflict(CurriculumVersion.objects.filter(pk=version.pk).first())
        draft.delete()


def content(version: CurriculumVersion) -> list[DraftLine]:
    """What the lines of a version say, in their order."""
    return [
        DraftLine(
            discipline_code=line.discipline.code,
            credits=line.credits,
            cycle=line.cycle,
            component=line.component,
            semester=line.semester,
            ai_category=line.ai_category,
            evidence_url=line.evidence_url,
            discipline_title=line.discipline.title,
        )
        for line in version.lines.select_related("discipline").order_by("position", "pk")
    ]


def unsaved_lines(
    version: CurriculumVersion, lines: Sequence[DraftLine], disciplines: dict[str, Discipline]
) -> list[Line]:
    """The rows that the lines would be, also to compare them with those that are there."""
    return [
        Line(
            institution_id=version.institution_id,
            version=version,
            position=position,
            discipline=disciplines[line.discipline_code],
            credits=line.credits,
            cycle=line.cycle,
            component=line.component,
            semester=line.semester,
            ai_category=line.ai_category,
            evidence_url=line.evidence_url,
        )
        for position, line in enumerate(lines, start=1)
    ]


def _write_lines(version: CurriculumVersion, lines: Sequence[Line]) -> None:
    """Write what differs from the lines that are there, no more: drafts save by themselves every few seconds, and
    history keeps each row that is written."""
    there = {(line.discipline_id, line.semester): line for line in Line.objects.filter(version=version)}
    changed, new = [], []
    for line in lines:
        old = there.pop((line.discipline_id, line.semester), None)
        if old is None:
            new.append(line)
        elif any(getattr(line, name) != getattr(old, name) for name in WRITTEN):
            line.pk = old.pk
            changed.append(line)
    if there:
        Line.objects.filter(pk__in=[line.pk for line in there.values()]).delete()
    if changed:
        Line.objects.bulk_update(changed, WRITTEN)
    if new:
        Line.objects.bulk_create(new)


def repeated(lines: Sequence[DraftLine]) -> dict[int, int]:
    """Where a discipline stands twice in a semester: the index of the second line to that of the first."""
    first: dict[tuple[str, int], int] = {}
    found = {}
    for index, line in enumerate(lines):
        before = first.setdefault((line.discipline_code, line.semester), index)
        if before != index:
            found[index] = before
    return found


def _refuse_impossible(lines: Sequence[DraftLine]) -> None:
    if len(lines) > LINES_LIMIT:
        raise Refused(
            _("A curriculum has at most %(limit)d lines; this one has %(count)d.")
            % {"limit": LINES_LIMIT, "count": len(lines)},
            code="too_many_lines",
        )
    for line in lines:
        if not CREDITS_LEAST <= line.credits <= CREDITS_LIMIT:
            facts = facts_of("credits_range", line.discipline_title or line.discipline_code, line.credits)
            raise Refused(str(Finding("credits_range", facts)), field="credits", code="credits_range")
    for second in repeated(lines):
        line = lines[second]
        raise Refused(
            _("%(discipline)s is listed twice in semester %(semester)d. Remove one of the two.")
            % {"discipline": line.discipline_code, "semester": line.semester},
            code="duplicate_line",
        )


def _already_saved(
    version: CurriculumVersion, lines: Sequence[DraftLine], students: int | None
) -> CurriculumVersion:
    current = CurriculumVersion.objects.select_related("edited_by").filter(pk=version.pk).first()
    if current and current.state == CurriculumVersion.State.DRAFT and current.students == students:
        there = [_without_title(line) for line in content(current)]
        if there == [_without_title(line) for line in lines]:
            return current
    raise Conflict(current)


def _without_title(line: DraftLine) -> tuple[str, Decimal, str, str, int, str, str]:
    return (line.discipline_code, line.credits, line.cycle, line.component, line.semester, line.ai_category,
            line.evidence_url)  # fmt: skip


def _disciplines(institution_id: int, lines: Sequence[DraftLine]) -> dict[str, Discipline]:
    """The disciplines of the lines by code; those that are new are added, their title in the language it is in."""
    codes = {line.discipline_code for line in lines}
    mine = Discipline.objects.filter(institution=institution_id, code__in=codes)
    known = {discipline.code: discipline for discipline in mine}
    new: dict[str, Discipline] = {}
    for line in lines:
        if line.discipline_code in known or line.discipline_code in new:
            continue
        if not line.discipline_title:
            raise Refused(
                _("Your institution has no discipline %(discipline)s yet. Write its title too.")
                % {"discipline": line.discipline_code},
                code="discipline_unknown",
            )
        title = {f"title_{language_of(line.discipline_title)}": line.discipline_title}
        new[line.discipline_code] = Discipline(
            institution_id=institution_id, code=line.discipline_code, **title
        )
    if not new:
        return known
    fill(new.values())
    # Another form or an import may add the same code at this moment: whoever comes second takes the first one's.
    Discipline.objects.bulk_create(new.values(), ignore_conflicts=True)
    return {discipline.code: discipline for discipline in mine.all()}
