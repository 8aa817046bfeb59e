"""What a new draft takes over from the version that it begins from; one statement, however many drafts begin."""

from collections.abc import Mapping

from django.db import connection

COPY_LINES = """
    INSERT INTO curricula_line (institution_id, version_id, position, discipline_id, credits, cycle, component,
        semester, ai_category, evidence_url)
    SELECT institution_id, copied.draft, position, discipline_id, credits, cycle, component, semester, ai_category,
        evidence_url
    FROM unnest(%s::bigint[], %s::bigint[]) AS copied (draft, source) JOIN curricula_line ON version_id = copied.source
    ORDER BY copied.draft, position, id
"""

# What was said of the version that a draft mends goes on being said, until somebody says something else.
COPY_REASONS = """
    INSERT INTO curricula_warningreason (institution_id, version_id, code, discipline_id, reason, given_by_id, given_at)
    SELECT institution_id, copied.draft, code, discipline_id, reason, given_by_id, given_at
    FROM unnest(%s::bigint[], %s::bigint[]) AS copied (draft, source)
    JOIN curricula_warningreason ON version_id = copied.source
"""


def copy_lines(sources: Mapping[int, int]) -> None:
    """Give each draft the lines of a version, both by id; one statement, however many."""
    _copy(COPY_LINES, sources)


def copy_reasons(sources: Mapping[int, int]) -> None:
    """Give each draft the reasons for warnings that were given for the version that it mends."""
    _copy(COPY_REASONS, sources)


def _copy(statement: str, sources: Mapping[int, int]) -> None:
    if sources:
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(sources), list(sources.values())])
