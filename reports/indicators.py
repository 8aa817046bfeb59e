"""The indicators of the nation, its regions, kinds and institutions: methodology version 1, in SQL over whole sets."""

NAMES = (
    "institutions_with_ai",
    "programmes_meeting_mandate",
    "ai_programmes",
    "institutions_with_ai_programmes",
    "faculty_trained",
    "students_reached",
    "institutions_reported",
)

DIMENSIONS = ("nation", "region", "kind", "institution")


# A SELECT behind `assessing.GIVEN`. A programme meets the mandate if it meets each requirement in whose scope it is
# and that it is not excused from; it is missing if it does not fail any but lacks data for one: it stands as its worst
# outcome. Students are those reported with the version.
RANK = "CASE outcome WHEN 'exempt' THEN 0 WHEN 'met' THEN 1 WHEN 'no_data' THEN 2 ELSE 3 END"

INDICATORS = f"""
    WITH standing AS (
        SELECT institution_id, programme_id, students, {RANK} AS worst
        FROM assessed WHERE (SELECT count(*) = 1 FROM requirement)
        UNION ALL
        SELECT institution_id, programme_id, students, max({RANK})
        FROM assessed WHERE (SELECT count(*) > 1 FROM requirement) GROUP BY institution_id, programme_id, students
    ), of_standing AS (
        SELECT institution_id,
            count(*) FILTER (WHERE worst > 0) AS mandated,
            count(*) FILTER (WHERE worst = 1) AS meeting,
            count(*) FILTER (WHERE worst = 2) AS missing,
            coalesce(sum(students) FILTER (WHERE worst = 1), 0) AS students_reached
        FROM standing GROUP BY institution_id
    ), of_programmes AS (
        SELECT institution_id,
            count(*) AS programmes,
            count(*) FILTER (WHERE is_ai_dedicated) AS dedicated,
            count(version_id) > 0 AS has_version,
            coalesce(sum(students), 0) AS students,
            count(*) FILTER (WHERE students IS NULL) AS students_missing
        FROM programme
        GROUP BY institution_id
    ), teaching AS (
        SELECT DISTINCT programme.institution_id FROM programme JOIN curricula_aisum USING (version_id)
    ), staff AS (
        SELECT institution_id, faculty_total, faculty_trained FROM curricula_submission
        WHERE period_id = %(period)s AND state = 'approved'
            AND valid_from <= %(as_at)s AND (valid_to IS NULL OR valid_to > %(as_at)s)
    ), reported AS (
        SELECT DISTINCT institution_id FROM curricula_submission
        WHERE period_id = %(period)s AND signed_at <= %(as_at)s
    ), parts AS (
        SELECT region_code, kind, institution_id, part.* FROM institution
        LEFT JOIN of_programmes USING (institution_id)
        LEFT JOIN of_standing USING (institution_id)
        LEFT JOIN teaching AS ai USING (institution_id)
        LEFT JOIN staff USING (institution_id)
        LEFT JOIN reported AS report USING (institution_id),
        LATERAL (VALUES
            ('institutions_with_ai', (ai.institution_id IS NOT NULL)::int::bigint, 1,
                (NOT coalesce(has_version, false))::int::bigint),
            ('programmes_meeting_mandate', coalesce(meeting, 0), coalesce(mandated, 0), coalesce(missing, 0)),
            ('ai_programmes', coalesce(dedicated, 0), coalesce(programmes, 0), 0),
            ('institutions_with_ai_programmes', (coalesce(dedicated, 0) > 0)::int, 1, 0),
            ('faculty_trained', coalesce(faculty_trained, 0), coalesce(faculty_total, 0),
                (faculty_total IS NULL)::int),
            ('students_reached', coalesce(students_reached, 0), coalesce(students, 0), coalesce(students_missing, 0)),
            ('institutions_reported', (report.institution_id IS NOT NULL)::int, 1, 0)
        ) AS part (indicator, numerator, denominator, missing)
    )
    SELECT indicator,
        CASE GROUPING(region_code, parts.kind, institution_id)
            WHEN 7 THEN 'nation' WHEN 3 THEN 'region' WHEN 5 THEN 'kind' WHEN 6 THEN 'institution' END AS dimension,
        coalesce(region_code, parts.kind, CASE WHEN GROUPING(institution_id) = 0 THEN max(named.code) END, '') AS key,
        sum(numerator)::bigint AS numerator, sum(denominator)::bigint AS denominator, sum(missing)::bigint AS missing
    FROM parts LEFT JOIN institutions_institution AS named ON named.id = institution_id
    GROUP BY GROUPING SETS ((indicator), (indicator, region_code), (indicator, parts.kind), (indicator, institution_id))
    """
