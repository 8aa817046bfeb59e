"""Triggers by which the database itself keeps the rules, and the ledger of what must be recomputed.

A `Guard` differs from other triggers in one thing: nobody can ask to have it ignored. `pgtrigger.ignore` works by
a setting that any SQL session may give itself, which is right for history and wrong for "what was signed stays".
"""

from typing import Any

import pgtrigger
from django.db import models
from pgtrigger import compiler

from institutions.moments import MOMENT_LOCK


class GuardSql(compiler.UpsertTriggerSql):
    """Installs a trigger without the library's way round it."""

    def get_template(self) -> str:
        return """
            CREATE OR REPLACE FUNCTION {pgid}()
            RETURNS TRIGGER AS $$
                {declare}
                BEGIN
                    {func}
                END;
            $$ LANGUAGE plpgsql;

            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid}
                {when} {operation} ON {table}
                {timing}
                {referencing}
                FOR EACH {level} {condition}
                EXECUTE PROCEDURE {execute};

            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class Guard(pgtrigger.Trigger):
    """A trigger that holds for every path, `pgtrigger.ignore` and raw SQL included."""

    def compile(self, model: models.Model) -> compiler.Trigger:
        compiled = super().compile(model)
        kwargs: dict[str, Any] = dict(compiled.sql.kwargs)
        kwargs.pop("ignore_func_name", None)
        return compiler.Trigger(name=compiled.name, sql=GuardSql(**kwargs))


def refuse_sql(condition: str, message: str) -> str:
    """PL/pgSQL that raises an integrity error with `message` when `condition` holds."""
    quoted = message.replace("'", "''")
    return f"IF {condition} THEN RAISE EXCEPTION '{quoted}' USING ERRCODE = '23000'; END IF;"


def refuse_truncate() -> Guard:
    """TRUNCATE goes round row triggers, so it has a guard of its own."""
    return Guard(
        name="refuse_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'this table keeps what was signed and is never emptied' USING ERRCODE = '23000';",
    )


def closes_only_once() -> list[pgtrigger.Trigger]:
    """Validity rows are written once; later only an open `valid_to` may be filled in."""
    untouched = "(to_jsonb(NEW) - 'valid_to') = (to_jsonb(OLD) - 'valid_to') AND OLD.valid_to IS NULL"
    return [
        Guard(
            name="closes_only_once",
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete,
            func=refuse_sql("TG_OP = 'DELETE'", "a registry state is never deleted")
            + refuse_sql(f"NOT ({untouched})", "a registry state is closed once and never changed")
            + "RETURN NEW;",
        ),
        refuse_truncate(),
    ]


# Where more programmes than so many have changed, their institution is looked at as a whole.
MOST_PROGRAMMES = 5


def bump_generation(
    *operations: pgtrigger.Operation, programmes: str = "NULL::bigint[]", only: str = "true"
) -> list[pgtrigger.Trigger]:
    """Count every change to a table with `institution_id` in the institution's generation, once a statement.

    `programmes` are those that a change touches, as SQL over the changed rows, NULL for all of the institution;
    `only` says of which rows figures take notice. Statement triggers, because an import of thousands of rows must
    pay for one; transition tables, because admin, shell, SQL and imports must all count. See `Generation`.
    """
    bump = f"""
                INSERT INTO institutions_generation AS g
                    (institution_id, generation, computed, programmes, changed_at, stale_since)
                SELECT institution_id, 1, 0, {programmes}, clock_timestamp(), clock_timestamp()
                FROM changed WHERE {only} GROUP BY institution_id ORDER BY institution_id
                ON CONFLICT (institution_id) DO UPDATE SET
                    generation = g.generation + 1,
                    programmes = CASE
                        WHEN g.generation = g.computed THEN EXCLUDED.programmes
                        WHEN cardinality(g.programmes) + cardinality(EXCLUDED.programmes) <= {MOST_PROGRAMMES}
                            THEN g.programmes || EXCLUDED.programmes
                    END,
                    changed_at = clock_timestamp(),
                    stale_since = CASE WHEN g.generation = g.computed THEN clock_timestamp() ELSE g.stale_since END;
                RETURN NULL;
            """  # noqa: S608 - written in the models, never by who asks
    return [
        Guard(
            name=f"bump_generation_{str(operation).lower()}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=pgtrigger.Referencing(new="changed")
            if operation != pgtrigger.Delete
            else pgtrigger.Referencing(old="changed"),
            func=bump,
        )
        for operation in operations
    ]


def bump_programmes(*operations: pgtrigger.Operation, only: str = "true") -> list[pgtrigger.Trigger]:
    """The same for a table with `programme_id`: no other programmes of the institution are touched by a change."""
    return bump_generation(*operations, programmes="array_agg(DISTINCT programme_id)", only=only)


BUMP_ALL = """
    UPDATE institutions_generation SET
        generation = generation + 1,
        programmes = NULL,
        changed_at = clock_timestamp(),
        stale_since = CASE WHEN generation = computed THEN clock_timestamp() ELSE stale_since END;
    RETURN NULL;
"""


def bump_all() -> pgtrigger.Trigger:
    """Count every change to a table of rules as a change of every institution: any of their figures may move."""
    return Guard(
        name="bump_all",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=BUMP_ALL,
    )


def since_now() -> Guard:
    """Whoever enters the registry counts from the moment of entry, by the database's clock (see `moments`).

    Only what loads history gives another moment. The lock comes before the clock is read, so that a snapshot that is
    being taken either contains the entry or describes a moment before it.
    """
    return Guard(
        name="since_now",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            PERFORM pg_advisory_xact_lock_shared({MOMENT_LOCK});
            NEW.in_registry_since := coalesce(NEW.in_registry_since, clock_timestamp());
            RETURN NEW;
        """,
    )
