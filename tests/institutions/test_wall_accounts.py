"""With the accounts of docs/operations.md: what the processes' may not, and when a web process won't start."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from institutions.models import Institution, User
from institutions.trail.guarding import guarded_tables
from institutions.wall.rules import tables
from institutions.wall.standing import ROLE
from institutions.wall.starting import fault_of
from tests.factories import make_discipline
from tests.institutions.walls import within_request

pytestmark = pytest.mark.django_db

TABLES = [model._meta.db_table for model in tables()]
NO_RIGHT = "42501"


def run(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def refused(sql: str) -> str:
    """The code of the error with which the database refuses it."""
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        run(sql)
    return str(error.value.__cause__.sqlstate)  # type: ignore[union-attr]


@pytest.fixture
def app(db: None, institution: Institution, editor: User, stranger: User) -> Iterator[str]:
    """The processes' account, at work. All databases share one list of accounts, so it has the name of this one."""
    account = f"app_{connection.settings_dict['NAME']}"
    run(f"CREATE ROLE {account} LOGIN")
    run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {account}")
    run(f"GRANT {ROLE} TO {account} WITH INHERIT FALSE, SET TRUE")
    for user in (editor, stranger):
        make_discipline(user.memberships.all()[0].institution)
    run(f"SET SESSION AUTHORIZATION {account}")
    yield account
    run("RESET SESSION AUTHORIZATION")


def seen() -> int:
    return len(run("SELECT * FROM curricula_discipline"))


@pytest.mark.urls("tests.institutions.walls")
def test_workers_see_all_of_it_and_a_request_its_own(app: str, editor: User) -> None:
    assert seen() == 2
    assert within_request(editor, seen) == 1
    assert within_request(None, seen) == 0
    assert within_request(editor, lambda: run("SELECT current_user, session_user")) == [(ROLE, app)]


@pytest.mark.parametrize("role", ["app", ROLE])
def test_no_table_is_emptied_and_the_rules_are_not_changed(app: str, role: str) -> None:
    if role == ROLE:
        run(f"SET ROLE {ROLE}")
    assert {refused(f"TRUNCATE {table} CASCADE") for table in TABLES} == {NO_RIGHT}
    for change in (
        "ALTER TABLE curricula_line DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE curricula_line DISABLE TRIGGER ALL",
        "CREATE POLICY mine ON curricula_line USING (true)",
        "DROP TABLE curricula_line",
        "SET session_replication_role = replica",
        f"ALTER ROLE {ROLE} BYPASSRLS",
    ):
        assert refused(change) == NO_RIGHT


def test_the_trail_is_neither_altered_nor_written_by_hand(app: str) -> None:
    for table in guarded_tables():
        column = run(f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum = 1")[
            0
        ][0]
        assert refused(f"UPDATE {table} SET {column} = {column}") == "23000"
        assert refused(f"DELETE FROM {table}") == "23000"
        assert refused(f"TRUNCATE {table} CASCADE") == NO_RIGHT


def fault() -> str:
    with connection.cursor() as cursor:
        return fault_of(cursor)


def test_a_web_process_starts_with_either_account(app: str) -> None:
    assert fault() == ""
    run("RESET SESSION AUTHORIZATION")
    assert fault() == ""


@pytest.mark.parametrize(
    ("undone", "sentence"),
    [
        ("REVOKE {role} FROM {app}", "may not enter"),
        ("GRANT {role} TO {app} WITH INHERIT TRUE", "would see nothing"),
        ("ALTER ROLE {role} BYPASSRLS", "No policy holds"),
        ("ALTER ROLE {role} RENAME TO another", "CREATE ROLE qamtu_institution NOLOGIN"),
        ("ALTER TABLE curricula_line DISABLE ROW LEVEL SECURITY", "curricula_line: run manage.py migrate"),
        ("DROP POLICY institutions_wall ON curricula_line", "curricula_line: run manage.py migrate"),
        ("DROP POLICY institutions_wall_select ON curricula_line", "curricula_line: run manage.py migrate"),
        (
            "ALTER POLICY institutions_wall_delete ON curricula_line USING (true)",
            "curricula_line: run manage.py migrate",
        ),
    ],
)
def test_a_web_process_refuses_to_start_with_a_sentence(app: str, undone: str, sentence: str) -> None:
    run("RESET SESSION AUTHORIZATION")
    run(undone.format(role=ROLE, app=app))
    run(f"SET SESSION AUTHORIZATION {app}")
    assert sentence in fault()


def test_an_account_that_may_make_no_role_is_told_what_the_administrator_does(
    app: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from institutions.wall.building import build_wall

    run("RESET SESSION AUTHORIZATION")
    run(f"ALTER ROLE {ROLE} RENAME TO another")
    run(f"SET SESSION AUTHORIZATION {app}")
    build_wall()
    assert f"CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO" in capsys.readouterr().err
