"""Undoing: an action on many drafts is taken back, as long as nobody has worked on them since.

Whoever acts on many drafts brackets the change, within its transaction: `begin` and `remember` before, `seal` after. A
fixed number of queries however many drafts.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pghistory
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.errors import Refused
from curricula.importing.restoring import restore_disciplines
from curricula.models import (
    Batch,
    BatchDraft,
    CurriculumVersion,
    Import,
    Line,
    Period,
    Programme,
    WarningReason,
)
from institutions.models import Institution, User

REMEMBER = """
    INSERT INTO curricula_batchdraft
        (institution_id, batch_id, programme_id, lines_before, students_before, edit_number_after)
    SELECT programme.institution_id, %(batch)s, programme.id,
        CASE WHEN draft.id IS NOT NULL THEN coalesce((
            SELECT jsonb_agg(to_jsonb(line) ORDER BY line.position)
            FROM (
                SELECT position, discipline_id, credits, cycle, component, semester, ai_category, evidence_url
                FROM curricula_line WHERE version_id = draft.id
            ) AS line
        ), '[]') END, draft.students, 0
    FROM curricula_programme AS programme
    LEFT JOIN curricula_curriculumversion AS draft
        ON draft.programme_id = programme.id AND draft.period_id = %(period)s AND draft.state = 'draft'
    WHERE programme.id = ANY(%(programmes)s) AND programme.institution_id = %(institution)s
"""

RESTORE = """
    INSERT INTO curricula_line (institution_id, version_id, position, discipline_id, credits, cycle, component,
        semester, ai_category, evidence_url)
    SELECT remembered.institution_id, remembered.draft, line.*
    FROM curricula_batchdraft AS remembered, jsonb_to_recordset(remembered.lines_before) AS line (
        position smallint, discipline_id bigint, credits numeric, cycle text, component text, semester smallint,
        ai_category text, evidence_url text)
    WHERE remembered.id = ANY(%s)
"""


@dataclass(frozen=True)
class UndoResult:
    """How many drafts say again what they said, and the programmes that somebody has worked on since."""

    restored: int
    kept: list[Programme]


def begin(
    *,
    institution: Institution,
    period: Period,
    action: str,
    by: User,
    subject: str = "",
    imported: Import | None = None,
) -> Batch:
    """The record of an action on many drafts; `subject` is what it was done with, e.g. a file's name."""
    return Batch.objects.create(
        institution=institution,
        period=period,
        action=action,
        subject=subject[:300],
        done_by=by,
        imported=imported,
    )


def remember(*, batch: Batch, programmes: Collection[int]) -> None:
    """Keep what the drafts of the programmes (by id) say; to be called before they are changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            REMEMBER,
            {
                "batch": batch.pk,
                "period": batch.period_id,
                "institution": batch.institution_id,
                "programmes": list(programmes),
            },
        )


def seal(*, batch: Batch) -> None:
    """Note how the action left the drafts; to be called after they were changed. A later save then tells itself."""
    drafts = CurriculumVersion.objects.drafts().filter(
        period=batch.period_id, programme=OuterRef("programme")
    )
    rows = BatchDraft.objects.filter(batch=batch)
    rows.update(draft=Subquery(drafts.values("pk")))
    rows.filter(draft=None).delete()
    rows.update(edit_number_after=Subquery(drafts.values("edit_number")))


def undoable(batch: Batch) -> bool:
    """Whether undoing would restore anything: it was not undone yet, and a draft is as the action left it."""
    return bool(undoable_among([batch]))


def undoable_among(batches: Iterable[Batch]) -> set[int]:
    """The ids of those that can be undone; one query. An import that only reworded disciplines has no draft."""
    ids = [batch.pk for batch in batches if batch.undone_at is None]
    drafts = BatchDraft.objects.filter(batch=OuterRef("pk"))
    same = CurriculumVersion.objects.drafts().filter(
        pk=OuterRef("draft"), edit_number=OuterRef("edit_number_after")
    )
    found = Batch.objects.filter(pk__in=ids).filter(Exists(drafts.filter(Exists(same))) | ~Exists(drafts))
    return set(found.values_list("pk", flat=True))


def latest(institution: Institution, period: Period) -> Batch | None:
    """The newest action on many drafts of the period that can be undone; two queries."""
    newest = Batch.objects.filter(institution=institution, period=period, undone_at=None).first()
    return newest if newest and undoable(newest) else None


def undo(*, batch: Batch, by: User) -> UndoResult:
    """Make every draft that the batch touched say what it said before; one that the batch began is deleted.

    A draft that was saved, handed in or discarded since is left as it is and told of. Refused the second time.
    """
    try:
        with pghistory.context(user=by.pk, action="undo"), transaction.atomic():
            return _undo(batch, by)
    except IntegrityError:
        raise Refused(
            _("This can't be undone any more: a discipline that was in the curricula before is gone."),
            code="discipline_gone",
        ) from None


def _undo(batch: Batch, by: User) -> UndoResult:
    claimed = Batch.objects.filter(pk=batch.pk, undone_at=None).update(undone_at=timezone.now(), undone_by=by)
    if not claimed:
        raise Refused(_("This has been undone already."), code="undone_already")
    untouched = list(_untouched(batch).select_for_update(of=("self",)).values_list("pk", flat=True))
    rows = BatchDraft.objects.filter(batch=batch, draft__in=untouched)
    begun = rows.filter(lines_before__isnull=True)
    CurriculumVersion.objects.filter(pk__in=begun.values("draft")).delete()
    changed = rows.filter(lines_before__isnull=False)
    remembered = list(changed.values_list("pk", flat=True))
    drafts = [draft for draft in changed.values_list("draft", flat=True) if draft]
    before = rows.filter(draft=OuterRef("pk"))
    Line.objects.filter(version__in=drafts).delete()
    CurriculumVersion.objects.filter(pk__in=drafts).update(
        students=Subquery(before.values("students_before")),
        edit_number=F("edit_number") + 1,
        edited_by=by,
        edited_at=timezone.now(),
    )
    with connection.cursor() as cursor:
        cursor.execute(RESTORE, [remembered])
    others = BatchDraft.objects.filter(batch=batch).exclude(draft__in=untouched)
    kept = list(Programme.objects.filter(pk__in=others.values("programme")).order_by("code"))
    if batch.imported:
        restore_disciplines(batch.imported, drafts_kept=bool(kept))
    return UndoResult(restored=len(untouched), kept=kept)


def _untouched(batch: Batch) -> QuerySet[CurriculumVersion]:
    """The drafts that are still as the batch left them."""
    left = BatchDraft.objects.filter(batch=batch, draft=OuterRef("pk"))
    # A draft that the batch began would take with it what somebody has explained in it since. What came along from the
    # version before stays with that one.
    explained = WarningReason.objects.filter(version=OuterRef("pk"), given_at__gt=batch.done_at)
    return (
        CurriculumVersion.objects.drafts()
        .filter(pk__in=BatchDraft.objects.filter(batch=batch).values("draft"))
        .filter(edit_number=Subquery(left.values("edit_number_after")))
        .exclude(Exists(left.filter(lines_before__isnull=True)) & Exists(explained))
        .order_by("pk")
    )
