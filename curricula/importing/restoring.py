"""Undo what an import did to the disciplines themselves, which all programmes share: their words, and new ones."""

from __future__ import annotations

from django.db import connection

from curricula import suggesting
from curricula.importing.plans import TEXTS
from curricula.models import Discipline, Import

_SAID = ", ".join("%s::text[]" for _number in range(2 * len(TEXTS) + 1))

# Only where the discipline still says what the import made it say.
RESTORE_TEXTS = f"""
    UPDATE curricula_discipline AS d SET title_kk = said.kk, title_ru = said.ru, title_en = said.en,
        description = said.description, suggested_by = ''
    FROM unnest({_SAID}) AS said (code, kk, ru, en, description, new_kk, new_ru, new_en, new_description)
    WHERE d.institution_id = %s AND d.code = said.code AND (d.title_kk, d.title_ru, d.title_en, d.description)
        = (said.new_kk, said.new_ru, said.new_en, said.new_description)
"""  # noqa: S608 - placeholders only

# Only those that nothing was added to and that nobody has used.
REMOVE_NEW = """
    DELETE FROM curricula_discipline AS d
    USING unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) AS said (code, kk, ru, en, description)
    WHERE d.institution_id = %s AND d.code = said.code AND (d.title_kk, d.title_ru, d.title_en, d.description)
        = (said.kk, said.ru, said.en, said.description)
        AND d.credits IS NULL AND d.language = '' AND d.evidence_url = '' AND d.evidence_file_id IS NULL
        AND NOT EXISTS (SELECT FROM curricula_line WHERE discipline_id = d.id)
        AND NOT EXISTS (SELECT FROM curricula_signeddiscipline WHERE discipline_id = d.id)
        AND NOT EXISTS (SELECT FROM curricula_warningreason WHERE discipline_id = d.id)
"""


def restore_disciplines(imported: Import, *, drafts_kept: bool) -> None:
    """Give reworded disciplines their words back, and take the new ones away unless drafts of the import were kept:
    what others have remembered of those may still name them."""
    texts = imported.discipline_texts.items()
    reworded = [(code, *before, *after) for code, (before, after) in texts if before is not None]
    added = [(code, *after) for code, (before, after) in texts if before is None]
    with connection.cursor() as cursor:
        if reworded:
            cursor.execute(RESTORE_TEXTS, [*map(list, zip(*reworded, strict=True)), imported.institution_id])
            suggesting.refresh(
                Discipline.objects.filter(institution=imported.institution_id, suggested_by="")
            )
        if added and not drafts_kept:
            cursor.execute(REMOVE_NEW, [*map(list, zip(*added, strict=True)), imported.institution_id])
