"""A request stands within the wall from its first statement to its end, and nothing of it reaches the next one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client
from psycopg_pool import ConnectionPool

from institutions import wall
from institutions.models import Institution, User
from institutions.wall import standing
from institutions.wall.standing import ROLE, SETTING, clean
from tests.factories import make_institution, make_member, make_reviewer
from tests.institutions.walls import ASKED, within_request
from tests.workers import database_url

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.institutions.walls")]

WHERE = f"SELECT current_user, coalesce(current_setting('{SETTING}', true), '')"


def where() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(WHERE)
        return tuple(cursor.fetchone())


def within(*institutions: Institution) -> tuple[str, str]:
    return ROLE, f"{{{','.join(str(one.pk) for one in sorted(institutions, key=lambda one: one.pk))}}}"


@pytest.fixture
def outside() -> tuple[str, str]:
    return where()


def test_a_visitor_has_no_institution_a_member_theirs_and_the_ministry_is_beyond(
    outside: tuple[str, str], institution: Institution, editor: User
) -> None:
    other = make_institution()
    both = make_member(other, "viewer")
    both.memberships.create(institution=institution, role="viewer")
    assert within_request(None, where) == (ROLE, "{}")
    assert within_request(editor, where) == within(institution)
    assert within_request(both, where) == within(institution, other)
    assert within_request(make_reviewer(), where) == outside
    assert outside[0] != ROLE


def test_somebody_of_the_ministry_without_the_second_factor_is_a_visitor(settings: Any) -> None:
    settings.SECOND_FACTOR = "some"
    assert within_request(make_reviewer(), where) == (ROLE, "{}")


def test_whoever_has_left_the_institution_sees_nothing_of_it_any_more(editor: User) -> None:
    client = Client()
    client.force_login(editor)
    editor.memberships.all().delete()
    assert within_request(editor, where) == (ROLE, "{}")


def test_what_a_member_leaves_behind_is_no_use_to_the_next_one(
    outside: tuple[str, str], institution: Institution, editor: User, stranger: User
) -> None:
    """Both by one connection, as the pool may give it to them."""
    theirs = stranger.memberships.all()[0].institution
    raw = connection.connection
    for _turn in range(2):
        assert within_request(editor, where) == within(institution)
        assert within_request(stranger, where) == within(theirs)
        assert within_request(None, where) == (ROLE, "{}")
    assert connection.connection is raw
    assert where() == outside


def dies_plainly() -> None:
    where()
    raise RuntimeError("died")


def dies_in_a_transaction() -> None:
    with transaction.atomic(), wall.beyond("a test"):
        where()
        raise RuntimeError("died")


def dies_in_a_broken_transaction() -> None:
    with transaction.atomic(), wall.beyond("a test"), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


def dies_of_an_interrupt() -> None:
    wall.beyond("a test").__enter__()
    where()
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "death", [dies_plainly, dies_in_a_transaction, dies_in_a_broken_transaction, dies_of_an_interrupt]
)
@pytest.mark.parametrize("committing", [False, True])
def test_a_request_that_dies_leaves_nothing_to_the_next_one(
    death: Any, committing: bool, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("transactional_db" if committing else "db")
    editor, stranger = request.getfixturevalue("editor"), request.getfixturevalue("stranger")
    client = Client()
    client.force_login(editor)
    ASKED.append(death)
    with pytest.raises((RuntimeError, DatabaseError, KeyboardInterrupt)):
        client.get("/probe/")
    theirs = stranger.memberships.all()[0].institution
    assert within_request(stranger, where) == within(theirs)
    assert within_request(None, where) == (ROLE, "{}")


def test_a_rollback_brings_nobody_beyond_the_wall(institution: Institution, editor: User) -> None:
    """What was set amid a transaction is undone with it: what is known of the connection must not outlive that."""

    def back_and_forth() -> Iterator[tuple[str, str]]:
        yield where()
        for savepoint in (True, False):
            try:
                with transaction.atomic(savepoint=savepoint):
                    with wall.beyond("a test"):
                        where()
                    yield where()
                    with transaction.atomic(), wall.beyond("a test"):
                        where()
                    raise RuntimeError
            except RuntimeError:
                transaction.set_rollback(False)
            yield where()
        with wall.beyond("a test"):
            try:
                with transaction.atomic():
                    where()
                    raise RuntimeError
            except RuntimeError:
                pass
        yield where()

    found = within_request(editor, lambda: list(back_and_forth()))
    assert set(found) == {within(institution)}
    assert len(found) == 6


def test_a_request_takes_its_place_once_however_much_it_asks(
    institution: Institution, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    statement = standing._statement

    def heard(wanted: standing.Standing) -> str:
        said.append(wanted)
        return statement(wanted)

    monkeypatch.setattr(standing, "_statement", heard)
    within_request(editor, lambda: [where() for _ in range(5)])
    assert said.count((institution.pk,)) == 1


def test_first_statements_within_a_transaction_that_is_undone_hold_afterwards(
    transactional_db: None, institution: Institution, editor: User
) -> None:
    def undone() -> list[tuple[str, str]]:
        found = []
        for _turn in range(2):
            with transaction.atomic():
                found.append(where())
                transaction.set_rollback(True)
            found.append(where())
        return found

    assert set(within_request(editor, undone)) == {within(institution)}


def test_a_connection_that_was_lost_amid_a_request_is_within_again(
    transactional_db: None, institution: Institution, editor: User
) -> None:
    def lost() -> tuple[str, str]:
        connection.close()
        return where()

    assert within_request(editor, lost) == within(institution)


def test_a_connection_that_is_made_while_others_watch_it_is_watched_for_good(transactional_db: None) -> None:
    """Django takes off the wrapper that came last, whosever it is."""
    found = []

    def first_request_of_a_thread() -> None:
        with connection.execute_wrapper(lambda execute, *given: execute(*given)):
            where()
        wall.enter()
        found.append(where())
        connection.close()
        found.append(where())
        connection.close()

    thread = Thread(target=first_request_of_a_thread)
    thread.start()
    thread.join()
    assert found == [(ROLE, "{}")] * 2


@pytest.mark.parametrize("around", [nullcontext, transaction.atomic])
def test_whoever_leaves_beyond_amid_a_transaction_that_is_undone_is_within_afterwards(
    transactional_db: None, institution: Institution, editor: User, around: Any
) -> None:
    def undone() -> list[tuple[str, str]]:
        with around():
            beyond = wall.beyond("a test")
            beyond.__enter__()
            where()
            with transaction.atomic():
                where()
                beyond.__exit__(None, None, None)
                found = [where()]
                transaction.set_rollback(True)
            return [*found, where()]

    assert within_request(editor, undone) == [within(institution)] * 2


def test_beyond_is_for_the_block_alone_and_may_be_nested(institution: Institution, editor: User) -> None:
    outside = where()

    def nested() -> list[tuple[str, str]]:
        found = [where()]
        with wall.beyond("a test"):
            with wall.beyond("another"):
                found.append(where())
            found.append(where())
        return [*found, where()]

    assert within_request(editor, nested) == [within(institution), outside, outside, within(institution)]


def test_the_pool_lends_a_connection_only_within_and_with_no_institution(transactional_db: None) -> None:
    """Past Django's cursors, too: a cursor of the driver's own asks nobody where it stands."""
    given = {**connection.get_connection_params(), "options": f"-c role={ROLE}", "autocommit": True}
    with ConnectionPool(kwargs=given, min_size=1, max_size=1, reset=clean) as pool:
        for left in ("SET ROLE NONE", f"SET {SETTING} = '{{1,2}}'"):
            with pool.connection() as raw:
                raw.execute(left)
            with pool.connection() as raw:
                assert raw.execute(WHERE).fetchone() == (ROLE, "{}")


# A web process of one connection, in requests of a visitor and of the people named.
WEB = f"""
import django, json, sys
django.setup()
from django.conf import settings
from django.db import close_old_connections, connection
from institutions.models import User
from tests.institutions.walls import within_request

def asked(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone() if cursor.description else None

def stands():
    before, _none, after = map(asked, [{WHERE!r}, "RESET ROLE", {WHERE!r}])
    return before, after, asked("SELECT pg_backend_pid()")

settings.ROOT_URLCONF = "tests.institutions.walls"
settings.ALLOWED_HOSTS.append("testserver")
for key in (None, *sys.argv[1:]):
    print(json.dumps(within_request(User.objects.get(pk=key) if key else None, stands)))
    close_old_connections()
"""


def test_a_web_process_is_within_from_its_first_statement_on(
    transactional_db: None, institution: Institution, editor: User, stranger: User
) -> None:
    """As on a server, with a pool of one connection; and it takes more than RESET ROLE to leave."""
    theirs = stranger.memberships.all()[0].institution
    done = subprocess.run(
        [sys.executable, "-c", WEB, str(editor.pk), str(stranger.pk)],
        env={**os.environ, "QAMTU_PROCESS": "web", "DATABASE_POOL": "1", "DATABASE_URL": database_url()},
        cwd=settings.BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = [json.loads(line) for line in done.stdout.splitlines()]
    expected = [[ROLE, "{}"], list(within(institution)), list(within(theirs))]
    assert [before for before, _after, _process in found] == expected, done.stderr
    assert [after for _before, after, _process in found] == expected
    assert len({process for _before, _after, (process,) in found}) == 1
