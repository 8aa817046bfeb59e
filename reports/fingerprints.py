"""The fingerprint of a snapshot: SHA-256 over its ordered inputs. Same fingerprint, same figures.

Each institution's inputs become lines of text, sorted by their bytes and hashed; the nation's fingerprint is the hash
of the methodology, the requirements and the institutions' hashes in order. So a difference can be narrowed down to
an institution, and no text grows with the country. The lines are specified in docs/methodology.md and made a second
time, independently, by `verifying`.
"""

from reports.assessing import METHODOLOGY_VERSION

# A SELECT of one value behind `assessing.GIVEN`.
FINGERPRINT = f"""
    WITH line AS (
        SELECT institution_id, concat_ws('|', 'institution', code, region_code, institution.kind) AS text
        FROM institution JOIN institutions_institution named ON named.id = institution_id
        UNION ALL
        SELECT institution_id, concat_ws('|', 'programme', programme_id, level, field_code, language,
            is_ai_dedicated::int, coalesce(version_id::text, '-'), coalesce(number::text, '-'),
            coalesce(content_hash, '-'), coalesce(students::text, '-'))
        FROM programme
        UNION ALL
        SELECT institution_id, concat_ws('|', 'exemption', programme_id, requirement_code)
        FROM exemption JOIN programme USING (programme_id)
        UNION ALL
        SELECT institution_id, concat_ws('|', 'staff', faculty_total, faculty_trained)
        FROM curricula_submission JOIN institution USING (institution_id)
        WHERE period_id = %(period)s AND state = 'approved'
            AND valid_from <= %(as_at)s AND (valid_to IS NULL OR valid_to > %(as_at)s)
        UNION ALL
        SELECT DISTINCT institution_id, 'reported' FROM curricula_submission JOIN institution USING (institution_id)
        WHERE period_id = %(period)s AND signed_at <= %(as_at)s
    ), hashed AS (
        SELECT encode(sha256(convert_to(
            string_agg(text, E'\\n' ORDER BY text COLLATE "C"), 'UTF8')), 'hex') AS hash
        FROM line GROUP BY institution_id
    ), rule AS (
        SELECT concat_ws('|', 'requirement', code, number, array_to_string(levels, ','),
            array_to_string(fields, ','), array_to_string(kinds, ','), min_disciplines, min_credits,
            array_to_string(categories, ','), array_to_string(components, ',')) AS text
        FROM requirement
    )
    SELECT encode(sha256(convert_to(concat_ws(E'\\n', 'methodology|{METHODOLOGY_VERSION}',
        (SELECT string_agg(text, E'\\n' ORDER BY text COLLATE "C") FROM rule),
        (SELECT string_agg(hash, E'\\n' ORDER BY hash COLLATE "C") FROM hashed)), 'UTF8')), 'hex')
"""
