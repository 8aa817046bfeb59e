"""A forgotten filter shows nothing: raw SQL without any, over every table that has rows of institutions."""

from collections import defaultdict
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, models, transaction
from django.test import Client
from django.urls import reverse

from curricula.models import EvidenceFile
from institutions.models import Institution, Membership, User
from institutions.scoping import ScopedQuerySet
from institutions.wall.rules import EVERYBODY, NOBODY, rule_of, tables
from tests.factories import make_period, make_programme, make_version
from tests.institutions.walls import within_request

pytestmark = pytest.mark.django_db

PROTECTED = {model._meta.db_table: model for model in tables() if rule_of(model)}
OWN, FOREIGN, NEW = 1, 2, 3
Keys = dict[str, dict[int, int]]


def run(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def tried(sql: str) -> list[Any] | None:
    """None where the database refuses it."""
    try:
        with transaction.atomic():
            return run(sql)
    except DatabaseError:
        return None


@pytest.fixture
def keys(institution: Institution, editor: User, stranger: User) -> Keys:
    """In each protected table a row of one's own and a foreign one, whatever else the table asks for: without triggers
    and checks, for it is the policies alone that are tried.
    """
    mine, theirs = (user.memberships.get(role="editor") for user in (editor, stranger))
    run("SET CONSTRAINTS ALL IMMEDIATE")
    keys: Keys = defaultdict(lambda: {number: number for number in (OWN, FOREIGN, NEW)})
    keys[Institution._meta.db_table] = {OWN: institution.pk, FOREIGN: theirs.institution_id, NEW: NEW}
    keys[Membership._meta.db_table] = {OWN: mine.pk, FOREIGN: theirs.pk, NEW: NEW}
    there = set(keys)
    for table in PROTECTED:
        loosen(table)
    for table, model in PROTECTED.items():
        if leads(key := key_field(model)):
            keys[table] = keys[key.related_model._meta.db_table]
        if table not in there:
            run(f"DELETE FROM {table}")
            for number in (OWN, FOREIGN):
                run(insertion(table, number, keys))
    return keys


def loosen(table: str) -> None:
    """Nothing is asked of a row; gone with the test's transaction."""
    run(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    checks = run(
        "SELECT quote_ident(conname) FROM pg_constraint"
        f" WHERE conrelid = '{table}'::regclass AND contype IN ('c', 'x')"
    )
    drops = [f"DROP CONSTRAINT {name}" for (name,) in checks]
    drops += [f"ALTER {field.column} DROP NOT NULL" for field in columns(table) if not is_key(field)]
    run(f"ALTER TABLE {table} {', '.join(drops)}")


def columns(table: str) -> list[Any]:
    fields = PROTECTED[table]._meta.concrete_fields
    return [field for field in fields if not isinstance(field, models.GeneratedField)]


def said(table: str, number: int, keys: Keys) -> dict[str, int]:
    """Of a row nothing but its key and whose it is."""
    values = {}
    for field in columns(table):
        if leads(field):
            values[field.column] = keys[field.related_model._meta.db_table][number]
        elif is_key(field):
            values[field.column] = keys[table][number]
    return values


def insertion(table: str, number: int, keys: Keys) -> str:
    values = said(table, number, keys)
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(map(str, values.values()))})"


def giving_away(table: str, keys: Keys) -> str:
    """One's own row made a foreign one."""
    values = said(table, FOREIGN, keys)
    changes = [f"{column} = {value}" for column, value in values.items() if column != key_of(table)]
    changes = changes or [f"{key_of(table)} = -1"]
    return f"UPDATE {table} SET {', '.join(changes)} WHERE {key_of(table)} = {keys[table][OWN]} RETURNING 1"


def leads(field: Any) -> bool:
    return bool(field.is_relation and field.related_model._meta.db_table in PROTECTED)


def is_key(field: Any) -> bool:
    return field in field.model._meta.pk_fields


def key_field(model: Any) -> Any:
    """Of a key of several columns the one that leads to an institution."""
    first, *others = model._meta.pk_fields
    return next(field for field in (first, *others) if leads(field)) if others else first


def key_of(table: str) -> str:
    return str(key_field(PROTECTED[table]).column)


def read() -> dict[str, set[int]]:
    found = {table: tried(f"SELECT {key_of(table)} FROM {table}") for table in PROTECTED}
    return {table: {key for (key,) in rows} if rows is not None else set() for table, rows in found.items()}


@pytest.mark.urls("tests.institutions.walls")
def test_of_every_table_a_member_reads_their_own_rows_and_no_others(keys: Keys, editor: User) -> None:
    found = within_request(editor, read)
    wrong = {}
    for table, model in PROTECTED.items():
        rule = rule_of(model)
        assert rule
        everybodys, nobodys = rule.read == EVERYBODY, rule.read == NOBODY
        expected = set() if nobodys else {keys[table][OWN]}
        if found[table] != expected | ({keys[table][FOREIGN]} if everybodys else set()):
            wrong[table] = found[table]
    assert not wrong


@pytest.mark.urls("tests.institutions.walls")
def test_with_the_policies_off_the_foreign_rows_would_be_seen(keys: Keys, editor: User) -> None:
    for table in PROTECTED:
        run(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    found = within_request(editor, read)
    assert [table for table in PROTECTED if keys[table][FOREIGN] not in found[table]] == []


@pytest.mark.urls("tests.institutions.walls")
def test_no_foreign_row_is_changed_deleted_added_or_given_away(keys: Keys, editor: User) -> None:
    def write() -> dict[str, list[str]]:
        done = defaultdict(list)
        for table in PROTECTED:
            key, own = key_of(table), keys[table][OWN]
            if tried(insertion(table, NEW, keys)) is not None:
                done[table].append("insert")
            if tried(giving_away(table, keys)):
                done[table].append("give away")
            for change in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):
                if {row for (row,) in tried(f"{change} RETURNING {key}") or []} - {own}:
                    done[table].append(change)
        return done

    run(
        "UPDATE curricula_curriculumversion SET state = 'approved'"
    )  # what can be read is tried to be written
    before = foreign_rows(keys)
    assert not within_request(editor, write)
    assert foreign_rows(keys) == before
    assert all(len(rows) == 1 for rows in before.values())


def foreign_rows(keys: Keys) -> dict[str, list[Any]]:
    return {
        table: run(
            f"SELECT ctid, to_jsonb(t) FROM {table} AS t WHERE {key_of(table)} = {keys[table][FOREIGN]}"
        )
        for table in PROTECTED
    }


@pytest.mark.urls("tests.institutions.walls")
def test_of_other_universities_curricula_there_are_the_approved_ones_alone(
    editor: User, stranger: User
) -> None:
    theirs = make_programme(stranger.memberships.get(role="editor").institution)
    for state in ("draft", "submitted", "returned", "approved"):
        make_version(theirs, period=make_period(f"20{20 + len(state)}"), state=state)
    asked = {
        "versions": "SELECT state FROM curricula_curriculumversion",
        "signed": "SELECT state FROM curricula_signeddiscipline AS s JOIN curricula_curriculumversion AS v"
        " ON v.id = version_id",
        "lines": "SELECT id FROM curricula_line",
    }
    found = within_request(editor, lambda: {name: run(sql) for name, sql in asked.items()})
    assert found["versions"] == found["signed"] == [("approved",)]
    assert found["lines"] == []
    assert len(run(asked["signed"])) == 3


@pytest.mark.parametrize(
    ("publish", "ready", "is_there"),
    [("- '1 minute'", "now()", True), ("+ '1 minute'", "now()", False), ("- '1 minute'", "NULL", False)],
)
@pytest.mark.urls("tests.institutions.walls")
def test_of_other_universities_assessments_there_are_those_that_are_public(
    keys: Keys, editor: User, publish: str, ready: str, is_there: bool
) -> None:
    run("UPDATE reports_assessment SET snapshot_id = 7")
    run("ALTER TABLE reports_release DISABLE TRIGGER ALL")
    needed = "number, released_at, released_by_id, notes_kk, notes_ru, notes_en, correction_reason"
    run(
        f"INSERT INTO reports_release (snapshot_id, publish_at, files_ready_at, {needed})"
        f" VALUES (7, now() {publish}::interval, {ready}, 1, now() - '1 hour'::interval, {editor.pk}, '', '', '', '')"
    )
    seen = within_request(editor, lambda: run("SELECT institution_id FROM reports_assessment"))
    table = keys["reports_assessment"]
    assert ((table[FOREIGN],) in seen) == is_there
    assert (table[OWN],) in seen


def test_a_page_that_forgets_its_filter_finds_nothing_foreign(
    client: Client, editor: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, own = evidence_of(stranger), evidence_of(editor)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    monkeypatch.setattr(ScopedQuerySet, "for_user", lambda self, _user: self.all())
    client.force_login(editor)

    def asked(kept: EvidenceFile) -> int:
        response: Any = client.get(reverse("evidence-file", args=[kept.pk]))
        if response.streaming:
            b"".join(response.streaming_content)  # to its end, which is that of the request
        return int(response.status_code)

    assert (asked(own), asked(theirs)) == (200, 404)
    run("ALTER TABLE curricula_evidencefile DISABLE ROW LEVEL SECURITY")
    assert asked(theirs) == 200


def evidence_of(user: User) -> EvidenceFile:
    return EvidenceFile.objects.create(
        institution=user.memberships.get(role="editor").institution,
        uploaded_by=user,
        file=ContentFile(b"%PDF-1.7", name="syllabus.pdf"),
        file_name="syllabus.pdf",
        size=8,
    )
