"""Fifty people at one curriculum at the same moment: every row whose save was acknowledged is there at the end."""

import random
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import transaction

from curricula import drafting
from curricula.drafting import Conflict, DraftLine
from curricula.forms.rows import cells_of_line
from curricula.merging import Cells, merge, resolve, unanswered
from curricula.models import CurriculumVersion, Discipline, Line, Period
from institutions.models import Institution, User
from tests.at_once import at_once
from tests.factories import make_discipline, make_member, make_programme, make_version

EDITORS = 50
ROWS = 2
Save = Callable[[CurriculumVersion, list[DraftLine], User], CurriculumVersion]

pytestmark = [
    pytest.mark.processes,  # fifty threads with a connection each want the machine for themselves
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("english"),
]


@pytest.fixture
def draft(institution: Institution, period: Period) -> CurriculumVersion:
    for editor in range(EDITORS):
        for row in range(ROWS):
            make_discipline(institution, code=f"E{editor}-{row}")
    return make_version(make_programme(institution), period=period, lines=[{}])


def new_row(editor: int, row: int) -> DraftLine:
    return DraftLine(f"E{editor}-{row}", Decimal(1), "basic", "elective", 1)


def as_line(cells: Cells) -> DraftLine:
    return DraftLine(
        cells.code,
        Decimal(cells.credits),
        cells.cycle,
        cells.component,
        int(cells.semester),
        cells.ai_category,
        cells.evidence_url,
    )


def by_the_step(seen: CurriculumVersion, lines: list[DraftLine], by: User) -> CurriculumVersion:
    return drafting.save_draft(version=seen, lines=lines, students=1, edit_number=seen.edit_number, by=by)


def without_the_number(seen: CurriculumVersion, lines: list[DraftLine], by: User) -> CurriculumVersion:
    """The control: read, change, write, as most forms do it."""
    with transaction.atomic():
        CurriculumVersion.objects.select_for_update().get(pk=seen.pk)
        disciplines = {one.code: one for one in Discipline.objects.filter(institution=seen.institution_id)}
        Line.objects.filter(version=seen).delete()
        Line.objects.bulk_create(drafting.unsaved_lines(seen, lines, disciplines))
    return CurriculumVersion.objects.get(pk=seen.pk)


def work(draft: CurriculumVersion, editor: int, by: User, save: Save) -> list[str]:
    """Open the form, add own rows one by one, and whenever somebody was quicker merge and save again.

    The codes of the rows whose save was acknowledged.
    """
    acknowledged = []
    seen = CurriculumVersion.objects.get(pk=draft.pk)
    base = drafting.content(seen)
    for row in range(ROWS):
        mine = [*base, new_row(editor, row)]
        random.shuffle(mine)
        while True:
            try:
                seen = save(seen, mine, by)
                break
            except Conflict as conflict:
                theirs = _read(conflict.current or draft)
                sides = [[cells_of_line(line) for line in side] for side in (base, theirs[1], mine)]
                rows = merge(base=sides[0], theirs=sides[1], mine=sides[2])
                assert not unanswered(rows, {})
                seen, base = theirs
                mine = [as_line(cells) for cells in resolve(rows, {})]
        acknowledged.append(f"E{editor}-{row}")
        base = mine  # as the script does: the form stays open, made from what it has just saved
    return acknowledged


def _read(version: CurriculumVersion) -> tuple[CurriculumVersion, list[DraftLine]]:
    """What a form is made from: number and rows of one and the same edit."""
    with transaction.atomic():
        seen = CurriculumVersion.objects.select_for_update().get(pk=version.pk)
        return seen, drafting.content(seen)


def lost(draft: CurriculumVersion, people: list[User], save: Save) -> set[str]:
    """Rows that were acknowledged and are not there, after all have worked at once."""
    results = at_once(
        *(lambda editor=editor, by=by: work(draft, editor, by, save) for editor, by in enumerate(people))
    )
    assert not [result for result in results if not isinstance(result, list)]
    acknowledged = {code for result in results if isinstance(result, list) for code in result}
    assert len(acknowledged) == EDITORS * ROWS
    return acknowledged - {line.discipline_code for line in drafting.content(draft)}


@pytest.fixture
def people(institution: Institution) -> list[User]:
    return [make_member(institution, "editor") for _number in range(EDITORS)]


def test_fifty_editors_lose_nothing(draft: CurriculumVersion, people: list[User]) -> None:
    assert lost(draft, people, by_the_step) == set()
    draft.refresh_from_db()
    assert draft.edit_number == EDITORS * ROWS
    assert draft.lines.count() == EDITORS * ROWS + 1


def test_the_check_notices_lost_rows_where_the_number_is_not_compared(
    draft: CurriculumVersion, people: list[User]
) -> None:
    assert lost(draft, people, without_the_number)
