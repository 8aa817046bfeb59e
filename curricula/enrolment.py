"""How many students study by each curriculum: one column for all drafts of a period, saved in one statement.

A save names the number that was on the screen, draft by draft: where somebody has written another one meanwhile, that
stays, and whoever comes second is shown both. Lines are not touched, so whoever edits those loses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pghistory
from django.db import connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery

from curricula.models import CurriculumVersion, Period
from institutions.models import Institution, User

SAVE = """
    UPDATE curricula_curriculumversion AS draft
    SET students = given.students, edit_number = edit_number + 1, edited_by_id = %(by)s, edited_at = clock_timestamp()
    FROM unnest(%(drafts)s::bigint[], %(was)s::integer[], %(students)s::integer[]) AS given (id, was, students)
    WHERE draft.id = given.id AND draft.institution_id = %(institution)s AND draft.period_id = %(period)s
        AND draft.state = 'draft' AND draft.students IS NOT DISTINCT FROM given.was
    RETURNING draft.id
"""


@dataclass(frozen=True)
class Number:
    """What somebody has typed for one draft, and what was on the screen before."""

    draft: int
    was: int | None
    students: int | None


@dataclass(frozen=True)
class Saved:
    """How many drafts were changed, and those that say something else meanwhile (None: it is a draft no more)."""

    changed: int = 0
    stale: dict[int, CurriculumVersion | None] = field(default_factory=dict)


def drafts_of(institution: Institution, period: Period) -> QuerySet[Any]:
    """The drafts by the code of the programme, with `students_before` and `period_before` of the last approved year."""
    before = (
        CurriculumVersion.objects.valid_now()
        .filter(programme=OuterRef("programme"), period__code__lt=period.code)
        .order_by("-period__code")
    )
    return (
        CurriculumVersion.objects.drafts()
        .filter(institution=institution, period=period)
        .select_related("programme", "edited_by")
        .annotate(
            students_before=Subquery(before.values("students")[:1]),
            period_before=Subquery(before.values("period__code")[:1]),
        )
        .order_by("programme__code")
    )


def save_students(*, institution: Institution, period: Period, numbers: Sequence[Number], by: User) -> Saved:
    """Write the numbers that were changed; three statements, however many. Saving twice is saving once."""
    wanted = {number.draft: number for number in numbers if number.students != number.was}
    if not wanted:
        return Saved()
    with pghistory.context(user=by.pk, action="save"), transaction.atomic():
        mine = CurriculumVersion.objects.filter(institution=institution, period=period, pk__in=wanted)
        # Locked in the order in which submitting locks them, so that the two wait for each other and never for good.
        list(mine.drafts().select_for_update(no_key=True).order_by("pk").values_list("pk"))
        with connection.cursor() as cursor:
            cursor.execute(
                SAVE,
                {
                    "drafts": list(wanted),
                    "was": [number.was for number in wanted.values()],
                    "students": [number.students for number in wanted.values()],
                    "institution": institution.pk,
                    "period": period.pk,
                    "by": by.pk,
                },
            )
            changed = {draft for (draft,) in cursor.fetchall()}
        there = {version.pk: version for version in mine.select_related("edited_by")}
    stale: dict[int, CurriculumVersion | None] = {}
    for draft in wanted.keys() - changed:
        version = there.get(draft)
        if version is None or version.state != CurriculumVersion.State.DRAFT:
            stale[draft] = None
        elif version.students != wanted[draft].students:
            stale[draft] = version
    return Saved(len(changed), stale)
