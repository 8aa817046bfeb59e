"""A migration that can't have its lock at once gives up with a sentence: waiting, it would keep everybody waiting."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import connect

from institutions.management.commands import migrate
from institutions.wall.building import POLICY, missing


def test_a_migration_behind_a_held_lock_fails_clearly_and_lets_others_pass(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "PATIENCE", "200ms")
    given = connection.get_connection_params()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP POLICY {POLICY} ON curricula_line")  # so that there is something to do
    with connect(**given) as reader, connect(**given, autocommit=True) as another:
        reader.execute("SELECT count(*) FROM curricula_line")  # and is at it for hours
        with pytest.raises(CommandError, match="held for more than 200ms, probably by process"):
            call_command("migrate", verbosity=0)
        another.execute("SET lock_timeout = '5s'")
        another.execute("SELECT count(*) FROM curricula_line")
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        assert missing(cursor) == {}
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
