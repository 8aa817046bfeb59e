"""The rules that the database keeps for curriculum versions: the arrows, the seal, and lines that stay.

Beside `versions`, in a module of their own only because SQL is long.
"""

import pgtrigger

from institutions.guards import Guard, refuse_sql

SIGNATURE = "'state' - 'submission_id' - 'submitted_by_id' - 'submitted_at' - 'content_hash'"
DECISION = "'state' - 'decided_by_id' - 'decided_at' - 'reason' - 'valid_from'"

# Sums and hash are made here and nowhere else, so that no path can submit a version whose figures differ from its
# lines. The canonical text is one line a discipline: code|credits|cycle|component|semester|category|evidence.
SEAL = """
    SELECT encode(sha256(convert_to(coalesce(NEW.students::text, '') || E'\\n' || coalesce(string_agg(
            concat_ws('|', d.code, l.credits, l.cycle, l.component, l.semester, l.ai_category, l.evidence_url),
            E'\\n' ORDER BY l.position, l.id), ''), 'UTF8')), 'hex'),
        count(*),
        count(*) FILTER (WHERE l.institution_id <> NEW.institution_id OR d.institution_id <> NEW.institution_id)
    INTO NEW.content_hash, line_count, foreign_count
    FROM curricula_line l JOIN curricula_discipline d ON d.id = l.discipline_id
    WHERE l.version_id = NEW.id;
    IF line_count = 0 THEN
        RAISE EXCEPTION 'a curriculum without lines can not be submitted' USING ERRCODE = '23000';
    END IF;
    IF foreign_count > 0 OR NOT EXISTS (
        SELECT 1 FROM curricula_submission s JOIN curricula_programme p ON p.institution_id = s.institution_id
        WHERE s.id = NEW.submission_id AND p.id = NEW.programme_id AND s.institution_id = NEW.institution_id
            AND s.period_id = NEW.period_id AND s.signed_by_id = NEW.submitted_by_id
    ) THEN
        RAISE EXCEPTION 'a curriculum is submitted by its own institution, with its own lines, in its own period'
            USING ERRCODE = '23000';
    END IF;
    IF EXISTS (SELECT 1 FROM curricula_submission s WHERE s.id = NEW.submission_id AND s.content_hash <> '') THEN
        RAISE EXCEPTION 'nothing is added to a submission that is sealed' USING ERRCODE = '23000';
    END IF;
    DELETE FROM curricula_aisum WHERE version_id = NEW.id;
    INSERT INTO curricula_aisum (institution_id, version_id, ai_category, component, lines, credits)
    SELECT NEW.institution_id, NEW.id, l.ai_category, l.component, count(*), sum(l.credits)
    FROM curricula_line l WHERE l.version_id = NEW.id AND l.ai_category <> 'none'
    GROUP BY l.ai_category, l.component;
    DELETE FROM curricula_signeddiscipline WHERE version_id = NEW.id;
    INSERT INTO curricula_signeddiscipline
        (institution_id, version_id, discipline_id, semester, ai_category, credits, suggested_category,
        evidence_file_id, title_kk, title_ru, title_en, description, language, areas, evidence_url)
    SELECT NEW.institution_id, NEW.id, d.id, l.semester, l.ai_category, l.credits, d.suggested_category,
        d.evidence_file_id, d.title_kk, d.title_ru, d.title_en, d.description, d.language, d.suggested_areas,
        coalesce(nullif(l.evidence_url, ''), d.evidence_url)
    FROM curricula_line l JOIN curricula_discipline d ON d.id = l.discipline_id
    WHERE l.version_id = NEW.id AND l.ai_category <> 'none';
"""

VERSION_GUARD = Guard(
    name="only_along_the_arrows",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    declare=[("line_count", "BIGINT"), ("foreign_count", "BIGINT")],
    func=f"""
    IF TG_OP = 'INSERT' THEN
        {refuse_sql("NEW.state <> 'draft'", "a curriculum version starts as a draft")}
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        {refuse_sql("OLD.state <> 'draft'", "a submitted curriculum version is never deleted")}
        RETURN OLD;
    END IF;
    {
        refuse_sql(
            "(NEW.id, NEW.institution_id, NEW.programme_id, NEW.period_id, NEW.number)"
            " <> (OLD.id, OLD.institution_id, OLD.programme_id, OLD.period_id, OLD.number)",
            "a curriculum version never becomes another programme's or period's",
        )
    }
    CASE OLD.state || '>' || NEW.state
    WHEN 'draft>draft' THEN
        NULL;
    WHEN 'draft>submitted' THEN
        {
        refuse_sql(
            f"(to_jsonb(NEW) - {SIGNATURE}) <> (to_jsonb(OLD) - {SIGNATURE})",
            "a version is submitted as it stands",
        )
    }
        {SEAL}
    WHEN 'submitted>approved', 'submitted>returned' THEN
        {
        refuse_sql(
            f"(to_jsonb(NEW) - {DECISION}) <> (to_jsonb(OLD) - {DECISION})",
            "a submitted curriculum version is never changed",
        )
    }
    WHEN 'approved>approved' THEN
        {
        refuse_sql(
            "OLD.valid_to IS NOT NULL OR (to_jsonb(NEW) - 'valid_to') <> (to_jsonb(OLD) - 'valid_to')",
            "an approved curriculum version is never changed, only superseded once",
        )
    }
    ELSE
        RAISE EXCEPTION 'a curriculum version can not go from % to %', OLD.state, NEW.state USING ERRCODE = '23000';
    END CASE;
    RETURN NEW;
    """,
)


def _line_guard(operation: pgtrigger.Operation, **tables: str) -> Guard:
    touched = " UNION ".join(f"SELECT version_id FROM {table}" for table in tables.values())
    # FOR SHARE waits for a submission that is under way and then reads what it decided.
    return Guard(
        name=f"lines_of_drafts_only_{str(operation).lower()}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**tables),
        func=f"""
            IF EXISTS (
                WITH locked AS MATERIALIZED (
                    SELECT state FROM curricula_curriculumversion
                    WHERE id IN ({touched}) ORDER BY id FOR SHARE
                ) SELECT 1 FROM locked WHERE state <> 'draft'
            ) THEN
                RAISE EXCEPTION 'the lines of a submitted curriculum version are never changed'
                    USING ERRCODE = '23000';
            END IF;
            RETURN NULL;
        """,
    )


LINE_GUARDS = [
    _line_guard(pgtrigger.Insert, new="new_lines"),
    _line_guard(pgtrigger.Update, old="old_lines", new="new_lines"),
    _line_guard(pgtrigger.Delete, old="old_lines"),
]


def _written_with_draft(name: str, message: str) -> Guard:
    # OLD is null on insert and NEW on delete. FOR SHARE as above: a row must not slip in while a submission is under
    # way.
    return Guard(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF EXISTS (
                WITH locked AS MATERIALIZED (
                    SELECT state FROM curricula_curriculumversion
                    WHERE id IN (OLD.version_id, NEW.version_id) ORDER BY id FOR SHARE
                ) SELECT 1 FROM locked WHERE state <> 'draft'
            ) THEN
                RAISE EXCEPTION '{message}' USING ERRCODE = '23000';
            END IF;
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        """,
    )


# For the tables that the seal writes.
WRITTEN_BY_THE_SEAL = _written_with_draft(
    "sums_of_drafts_only", "what was sealed with a curriculum version is never changed"
)
# For what people write beside a draft and what stays with the version.
WRITTEN_WITH_DRAFT = _written_with_draft(
    "of_drafts_only", "what was said of a submitted curriculum version is never changed"
)


def stays_once_submitted(columns: str, versions: str, message: str) -> Guard:
    """Refuses to change `columns` of a row that what was submitted is read by; `versions` says which versions."""
    return Guard(
        name="stays_once_submitted",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns.split())
        ),
        func=refuse_sql(
            f"EXISTS (SELECT 1 FROM curricula_curriculumversion v WHERE v.state <> 'draft' AND {versions})",
            message,
        )
        + "RETURN NEW;",
    )
