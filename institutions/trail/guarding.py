"""What keeps the trail from being altered: one trigger on every history table, put there after each `migrate`.

A history table comes into being with somebody else's migration, and nobody should have to remember the trigger. So it
is not part of migrations but looked for at the end of each of them, as Django itself does with permissions.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connections

from institutions.trail.tables import CONTEXTS, trail_tables

TRIGGER = "trail_append_only"

# By statement, so that it costs next to nothing. Events and contexts are written by the triggers of the tables that
# they tell of, and thus one level down; whoever writes into them directly makes history up.
APPEND_ONLY = """
BEGIN
    IF TG_OP = 'INSERT' AND pg_trigger_depth() > 1 THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the trail is written by the database alone and never altered: % of %', TG_OP, TG_TABLE_NAME
        USING ERRCODE = '23000';
END
"""

# In the place of the library's own, which lets a later step of the same request write over what an earlier one said.
# Here each saying is a row of its own, never changed; and what is done past the program (a shell, psql) says at least
# by which account of the database and from where. The transaction is part of that key, so that no two wait for one row.
ATTACH_CONTEXT = f"""
DECLARE
    asked TEXT := nullif(current_setting('pghistory.context_id', true), '');
    said JSONB := nullif(current_setting('pghistory.context_metadata', true), '')::jsonb;
    key UUID;
BEGIN
    IF asked IS NULL OR said IS NULL THEN
        asked := now()::text || pg_current_xact_id()::text;
        said := jsonb_strip_nulls(jsonb_build_object(
            'database_user', session_user,
            'program', nullif(current_setting('application_name'), ''),
            'address', host(inet_client_addr())
        ));
    END IF;
    key := encode(substring(sha256(convert_to(asked || said::text, 'UTF8')) FOR 16), 'hex')::uuid;
    INSERT INTO {CONTEXTS} (id, metadata, created_at, updated_at) VALUES (key, said, now(), now())
        ON CONFLICT (id) DO NOTHING;
    RETURN key;
END
"""  # noqa: S608

# Name, what it returns, and its body.
FUNCTIONS = (
    (TRIGGER, "trigger", APPEND_ONLY),
    ("_pgh_attach_context", f"{CONTEXTS}.id%TYPE", ATTACH_CONTEXT),
)

BY_PERSON = f"CREATE INDEX IF NOT EXISTS trail_context_person ON {CONTEXTS} ((metadata ->> 'user'))"


def guarded_tables() -> list[str]:
    return [CONTEXTS, *(table.name for table in trail_tables())]


def unguarded(using: str = "default") -> list[str]:
    """Tables of the trail without the trigger, or with one that somebody has switched off."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            """
            SELECT name FROM unnest(%s::text[]) AS name
            WHERE to_regclass(name) IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM pg_trigger
                WHERE tgrelid = to_regclass(name) AND tgname = %s AND tgenabled IN ('O', 'A')
            )
            ORDER BY 1
            """,
            [guarded_tables(), TRIGGER],
        )
        return [name for (name,) in cursor.fetchall()]


def altered_functions(using: str = "default") -> list[str]:
    """Functions of the trail that are missing or say something else than they should."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc"
            " WHERE pronamespace = current_schema()::regnamespace AND proname = ANY(%s)",
            [[name for name, _returns, _body in FUNCTIONS]],
        )
        there = dict(cursor.fetchall())
    return [name for name, _returns, body in FUNCTIONS if there.get(name) != body]


def guard_trail(using: str = "default", **_sent: Any) -> None:
    """Put functions, triggers and indexes where they are missing. Three queries if none is."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [CONTEXTS])
        if not cursor.fetchone()[0]:
            return  # migrated only so far
        if altered := altered_functions(using):
            for name, returns, body in FUNCTIONS:
                if name in altered:
                    cursor.execute(
                        f"CREATE OR REPLACE FUNCTION {name}() RETURNS {returns} LANGUAGE plpgsql AS $${body}$$"
                    )
            cursor.execute(BY_PERSON)
        for table in unguarded(using):
            cursor.execute("; ".join(_install(table)))


def _install(table: str) -> Iterable[str]:
    yield f'DROP TRIGGER IF EXISTS {TRIGGER} ON "{table}"'
    yield (
        f'CREATE TRIGGER {TRIGGER} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{table}"'
        f" FOR EACH STATEMENT EXECUTE FUNCTION {TRIGGER}()"
    )
    if table != CONTEXTS:
        yield f'CREATE INDEX IF NOT EXISTS "{table[:50]}_when" ON "{table}" (pgh_created_at, pgh_id)'
