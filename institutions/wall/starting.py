"""Whether a web process can stand within the wall: asked once before it serves, by a connection of its own."""

from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from institutions.wall.building import REMEDY, unprotected
from institutions.wall.standing import ROLE

ABOUT_ME = """
    SELECT session_user, me.rolsuper OR me.rolbypassrls, role.oid IS NOT NULL,
        coalesce(pg_has_role(me.rolname, role.oid, 'SET'), false),
        coalesce(pg_has_role(me.rolname, role.oid, 'USAGE'), false),
        coalesce(role.rolsuper OR role.rolbypassrls, false)
    FROM pg_roles AS me LEFT JOIN pg_roles AS role ON role.rolname = %s WHERE me.rolname = session_user
"""


def refuse_without_wall() -> None:
    """ImproperlyConfigured where requests could not be kept within the wall, or the ministry not let out of it.

    A database that does not answer is no reason: it will be back, and without the role no connection comes about.
    """
    given = {"connect_timeout": 5, **connection.get_connection_params()}
    outside = {
        name: value for name, value in given.items() if name not in ("options", "cursor_factory", "context")
    }
    try:
        with psycopg.connect(**outside) as database, database.cursor() as cursor:
            fault = fault_of(cursor)
    except psycopg.OperationalError:
        return
    if fault:
        raise ImproperlyConfigured(fault)


def fault_of(cursor: Any) -> str:
    """A sentence with its remedy, "" if there is none; asked outside the wall, by whichever kind of cursor."""
    cursor.execute(ABOUT_ME, [ROLE])
    me, is_above, exists, may_enter, inherits, role_is_above = cursor.fetchone() or (None,) * 6
    if not exists:
        return f"The database has no role {ROLE}, within which web processes serve. {REMEDY}"
    if role_is_above:
        return f"No policy holds for the role {ROLE}: ALTER ROLE {ROLE} NOSUPERUSER NOBYPASSRLS."
    if not may_enter:
        return f"The account {me} may not enter the role {ROLE}. {REMEDY}"
    if inherits and not is_above:
        return (
            f"The account {me} inherits from {ROLE}, so that the ministry and the workers would see nothing: "
            f"GRANT {ROLE} TO {me} WITH INHERIT FALSE, SET TRUE."
        )
    if tables := unprotected(cursor):
        return f"Row-level security is not in force on {', '.join(tables)}: run manage.py migrate."
    return ""
