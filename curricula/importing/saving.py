"""Write a plan to the database: a few statements over sets of rows, whatever the size of the file.

To be called within the transaction in which the plan was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from django.db import connection

from curricula.importing.plans import TEXTS, Plan, Target
from curricula.models import Period
from curricula.suggesting import as_arrays, suggest
from curricula.taxonomy import taxonomy
from institutions.models import Institution, User

# The bar moves and a wish to cancel is heard each time so many lines have gone to the database.
LINES_A_PIECE = 2_000

UPSERT_DISCIPLINES = """
    INSERT INTO curricula_discipline (institution_id, code, title_kk, title_ru, title_en, description,
        suggested_category, suggested_areas, suggested_terms, suggested_by)
    SELECT %s, said.code, said.kk, said.ru, said.en, said.description, said.category,
        ARRAY(SELECT jsonb_array_elements_text(said.areas)), ARRAY(SELECT jsonb_array_elements_text(said.terms)), %s
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::jsonb[])
        AS said (code, kk, ru, en, description, category, areas, terms)
    ORDER BY said.code
    ON CONFLICT (institution_id, code) DO UPDATE SET
        title_kk = EXCLUDED.title_kk, title_ru = EXCLUDED.title_ru, title_en = EXCLUDED.title_en,
        description = EXCLUDED.description, suggested_category = EXCLUDED.suggested_category,
        suggested_areas = EXCLUDED.suggested_areas, suggested_terms = EXCLUDED.suggested_terms,
        suggested_by = EXCLUDED.suggested_by
"""

ADD_DRAFTS = """
    INSERT INTO curricula_curriculumversion (institution_id, programme_id, period_id, number, state, students,
        edit_number, edited_by_id, edited_at, reason, content_hash)
    SELECT %s, said.programme_id, %s, said.number, 'draft', said.students, 1, %s, statement_timestamp(), '', ''
    FROM unnest(%s::bigint[], %s::smallint[], %s::integer[]) AS said (programme_id, number, students)
    RETURNING programme_id, id
"""

TOUCH_DRAFTS = """
    UPDATE curricula_curriculumversion AS draft
    SET students = said.students, edit_number = edit_number + 1, edited_by_id = %s, edited_at = statement_timestamp()
    FROM unnest(%s::bigint[], %s::integer[]) AS said (id, students)
    WHERE draft.id = said.id AND draft.state = 'draft'
"""

# Not by COPY, which PostgreSQL refuses for a table with row-level security to whoever does not own it.
ADD_LINES = """
    INSERT INTO curricula_line (institution_id, version_id, position, discipline_id, credits, cycle, component,
        semester, ai_category, evidence_url)
    SELECT %s, said.version_id, said.position, said.discipline_id, said.credits, said.cycle, said.component,
        said.semester, said.ai_category, said.evidence_url
    FROM unnest(%s::bigint[], %s::smallint[], %s::bigint[], %s::numeric[], %s::text[], %s::text[], %s::smallint[],
            %s::text[], %s::text[])
        AS said (version_id, position, discipline_id, credits, cycle, component, semester, ai_category, evidence_url)
"""


def save_plan(
    *,
    plan: Plan,
    institution: Institution,
    period: Period,
    by: User | None,
    tell: Callable[[int], None] = lambda _done: None,
) -> None:
    """Carry the plan out. `tell` hears how many lines have been written, and may raise to end it all."""
    targets = [*plan.added, *plan.changed]
    _save_disciplines(institution, plan)
    if not targets:
        return
    with connection.cursor() as cursor:
        _add_drafts(cursor, plan.added, institution, period, by)
        changed = [target.version_id for target in plan.changed]
        if changed:
            students = [target.students for target in plan.changed]
            cursor.execute(TOUCH_DRAFTS, [by.pk if by else None, changed, students])
            cursor.execute("DELETE FROM curricula_line WHERE version_id = ANY(%s)", [changed])
        _add_lines(cursor, institution, targets, tell)


def _save_disciplines(institution: Institution, plan: Plan) -> None:
    if not plan.disciplines:
        return
    # One column an array: as many parameters as columns, not as many as cells.
    columns = [list(column) for column in zip(*plan.disciplines.values(), strict=True)]
    assert len(columns) == len(TEXTS)  # noqa: S101 - the statement above names them one by one
    suggested = as_arrays([suggest(titles, about) for *titles, about in plan.disciplines.values()])
    with connection.cursor() as cursor:
        cursor.execute(
            UPSERT_DISCIPLINES,
            [institution.pk, taxonomy().version, list(plan.disciplines), *columns, *suggested],
        )


def _add_drafts(
    cursor: object, added: Sequence[Target], institution: Institution, period: Period, by: User | None
) -> None:
    if not added:
        return
    arrays = [[target.programme_id for target in added], [target.number for target in added]]
    students = [target.students for target in added]
    cursor.execute(ADD_DRAFTS, [institution.pk, period.pk, by.pk if by else None, *arrays, students])  # type: ignore[attr-defined]
    made = dict(cursor.fetchall())  # type: ignore[attr-defined]
    for target in added:
        target.version_id = made[target.programme_id]


def _add_lines(
    cursor: object, institution: Institution, targets: Sequence[Target], tell: Callable[[int], None]
) -> None:
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT code, id FROM curricula_discipline WHERE institution_id = %s", [institution.pk]
    )
    discipline_ids = dict(cursor.fetchall())  # type: ignore[attr-defined]
    done = 0
    for piece in _pieces(targets, discipline_ids):
        cursor.execute(ADD_LINES, [institution.pk, *map(list, zip(*piece, strict=True))])  # type: ignore[attr-defined]
        done += len(piece)
        tell(done)


def _pieces(
    targets: Iterable[Target], discipline_ids: dict[str, int]
) -> Iterator[Sequence[tuple[object, ...]]]:
    """Lines as the columns of the table, so many at a time."""
    lines = (
        (target.version_id, position, discipline_ids[line.discipline_code], *line[1:])
        for target in targets
        for position, line in enumerate(target.lines, start=1)
    )
    while piece := list(islice(lines, LINES_A_PIECE)):
        yield piece
