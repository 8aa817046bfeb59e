"""Puts the wall into the database: the role, its rights and the policies, at the end of each `migrate`.

A table comes with somebody else's migration, and nobody should have to remember its policy: so, like the trail's
triggers, they are not part of migrations but looked for after each, and put there where they are missing or say
something else.
"""

import hashlib
import sys
from collections.abc import Iterator
from typing import Any

from django.db import connections

from institutions.wall.rules import NOBODY, WRITTEN, Rule, rule_of, tables
from institutions.wall.standing import ROLE

POLICY = "institutions_wall"

# Concurrent databases of one server (those of parallel tests) make the role at the same moment; one of them does.
MAKE_ROLE = f"""
    DO $$ BEGIN
        CREATE ROLE {ROLE} NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
"""

# Whether the role is there, whether this account may make it, and whether it may enter it.
ABOUT_ROLE = """
    SELECT role.oid IS NOT NULL, me.rolsuper OR me.rolcreaterole,
        coalesce(pg_has_role(me.rolname, role.oid, 'SET'), me.rolsuper),
        coalesce(has_schema_privilege(role.oid, current_schema(), 'USAGE'), false)
    FROM pg_roles AS me LEFT JOIN pg_roles AS role ON role.rolname = %s WHERE me.rolname = session_user
"""

# A table's policies as the database has them, so that one which was dropped or altered by hand is noticed.
AS_THEY_ARE = f"""
    SELECT coalesce(md5(string_agg(policy::text, ';' ORDER BY policyname)), '') FROM pg_policies AS policy
    WHERE schemaname = current_schema() AND starts_with(policyname, '{POLICY}') AND tablename ="""  # noqa: S608 - of constants

# Of each table that exists: what its policies are marked with, what they are, whether in force, and the role's rights.
FOUND = f"""
    SELECT name, coalesce(obj_description(mark.oid, 'pg_policy'), ''), ({AS_THEY_ARE} name), class.relrowsecurity,
        array_to_string(ARRAY(
        SELECT privilege FROM unnest('{{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}}'::text[]) AS privilege
        WHERE has_table_privilege(to_regrole(%s), class.oid, privilege)), ', ')
    FROM unnest(%s::text[]) AS name
    JOIN pg_class AS class ON class.oid = to_regclass(quote_ident(name))
    LEFT JOIN pg_policy AS mark ON mark.polrelid = class.oid AND mark.polname = %s
"""  # noqa: S608 - of constants

MAKE_IT = (
    f"Let the administrator of the database server run once, with the names of your accounts in the place of owner and "
    f"app: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO owner, app WITH INHERIT FALSE, SET TRUE;"
)
REMEDY = f"{MAKE_IT} and then migrate."


def build_wall(using: str = "default", **_sent: Any) -> None:
    """Make what is missing. Two queries if nothing is."""
    with connections[using].cursor() as cursor:
        if not have_role(cursor):
            sys.stderr.write(f"The database has no role {ROLE}, and this account may not make it. {REMEDY}\n")
            return
        for statements in missing(cursor).values():
            cursor.execute("; ".join(statements))


def missing(cursor: Any) -> dict[str, list[str]]:
    """For each table that is not as it should be, the statements that make it so."""
    models_by_table = {model._meta.db_table: model for model in tables()}
    cursor.execute(FOUND, [ROLE, list(models_by_table), POLICY])
    wrong = {}
    for table, mark, as_they_are, in_force, rights in cursor.fetchall():
        rule = rule_of(models_by_table[table])
        policies = [] if rule is None else list(_policies(table, rule))
        is_marked = mark == (_mark(policies) + as_they_are if policies else "")
        if rights != _rights(table, rule) or not is_marked or (rule is not None and not in_force):
            wrong[table] = [*_grants(table, rule), *policies]
            if rule is not None:
                wrong[table].append(_put_mark(table, policies))
    return wrong


def unprotected(cursor: Any) -> list[str]:
    """Tables of institutions whose policies are not in force, whichever version of the program they are of."""
    protected = [model._meta.db_table for model in tables() if rule_of(model)]
    cursor.execute(FOUND, [ROLE, protected, POLICY])
    return sorted(
        table
        for table, mark, as_they_are, in_force, _rights in cursor.fetchall()
        if not (mark and mark.endswith(as_they_are) and in_force)
    )


def have_role(cursor: Any) -> bool:
    cursor.execute(ABOUT_ROLE, [ROLE])
    exists, may_make, may_enter, may_look = cursor.fetchone()
    if not exists and not may_make:
        return False
    if not exists:
        cursor.execute(MAKE_ROLE)
    if not may_enter and may_make:
        cursor.execute(f"GRANT {ROLE} TO session_user WITH INHERIT FALSE, SET TRUE")
    if not may_look:
        cursor.execute("SELECT quote_ident(current_schema())")
        cursor.execute(f"GRANT USAGE ON SCHEMA {cursor.fetchone()[0]} TO {ROLE}")
    return True


def _rights(table: str, rule: Rule | None) -> str:
    writes = table in WRITTEN if rule is None else rule.write != NOBODY
    return "SELECT, INSERT, UPDATE, DELETE" if writes else "SELECT"


def _grants(table: str, rule: Rule | None) -> Iterator[str]:
    yield f"REVOKE ALL ON {table} FROM {ROLE}"
    yield f"GRANT {_rights(table, rule)} ON {table} TO {ROLE}"


def _policies(table: str, rule: Rule) -> Iterator[str]:
    """Open to everybody, and narrowed for the role: whoever is outside pays nothing, for `true` folds away."""
    conditions = {
        "SELECT": f"USING ({rule.read})",
        "INSERT": f"WITH CHECK ({rule.write})",
        "UPDATE": f"USING ({rule.write}) WITH CHECK ({rule.write})",
        "DELETE": f"USING ({rule.write})",
    }
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS {POLICY} ON {table}"
    yield f"CREATE POLICY {POLICY} ON {table} USING (true)"
    for command, condition in conditions.items():
        name = f"{POLICY}_{command.lower()}"
        yield f"DROP POLICY IF EXISTS {name} ON {table}"
        yield f"CREATE POLICY {name} ON {table} AS RESTRICTIVE FOR {command} TO {ROLE} {condition}"


def _mark(policies: list[str]) -> str:
    return hashlib.sha256("; ".join(policies).encode()).hexdigest()[:32]


def _put_mark(table: str, policies: list[str]) -> str:
    """What they were made of, and what the database made of it."""
    mark = f"'{_mark(policies)}' || ({AS_THEY_ARE} '{table}')"
    return f"DO $$ BEGIN EXECUTE format('COMMENT ON POLICY {POLICY} ON {table} IS %L', {mark}); END $$"
