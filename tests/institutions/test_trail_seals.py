"""Seals: what they cover, that no late event slips under them, and that `verify_audit_trail` notices what was altered
even with the rights of a superuser.
"""

import re
import threading
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pghistory
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.db.utils import IntegrityError

from institutions.models import Region, TrailMark, TrailSeal
from institutions.trail import sealing
from institutions.trail.verifying import verify
from tests.at_once import at_once
from tests.factories import make_institution, make_region

# A mark waits for every transaction of the server, those of tests beside it too: so one after another.
pytestmark = [
    pytest.mark.alone,
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.usefixtures("english"),
]

REGIONS = "institutions_regionevent"


def sql(statement: str) -> None:
    """With the rights of a superuser who has switched the triggers off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BLOCK", 4)


@pytest.fixture
def sealed(small_blocks: None) -> list[TrailSeal]:
    """Twelve events of regions in three blocks, and what belongs to one institution."""
    with pghistory.context(user=7, action="load", reason="as decreed"):
        for number in range(10, 22):
            make_region(f"KZ-{number}")
    make_institution(code="kaznu", region=make_region("KZ-10"))
    sealing.seal(patience=60)
    return list(TrailSeal.objects.order_by("number"))


def test_all_events_are_sealed_in_blocks_without_a_gap(sealed: list[TrailSeal]) -> None:
    blocks = [(seal.after_id, seal.upto_id, seal.rows) for seal in sealed if seal.table == REGIONS]
    first = blocks[0][1] - 4
    assert blocks[0][0] == 0
    assert blocks[1:] == [(first + 4, first + 8, 4), (first + 8, first + 12, 4)]
    report = verify()
    assert report.faults == []
    assert (report.seals, report.unsealed) == (len(sealed), 0)
    assert report.sealed == sum(seal.rows for seal in sealed)
    assert report.compared >= 13


def test_what_came_since_waits_for_the_next_seal(sealed: list[TrailSeal]) -> None:
    make_region("KZ-99")
    report = verify()
    assert (report.faults, report.unsealed) == ([], 1)
    assert sealing.seal(patience=60) == 1
    assert verify().unsealed == 0


def test_a_sweep_seals_what_the_one_before_marked_and_not_more_often_than_it_should() -> None:
    make_region("KZ-10")
    assert sealing.seal() == 0  # marks
    assert sealing.seal() == 0  # too soon
    TrailMark.objects.update(marked_at="2026-01-01T00:00Z")
    make_region("KZ-11")
    assert sealing.seal() == 1  # what was there at the mark
    assert TrailSeal.objects.get().rows == 1


def test_no_event_of_a_transaction_that_is_still_open_slips_under_a_seal() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def long_work() -> None:
        with transaction.atomic():
            make_region("KZ-10")
            begun.set()
            may_end.wait(20)
        connections.close_all()

    thread = threading.Thread(target=long_work)
    thread.start()
    begun.wait(20)
    make_region("KZ-11")  # a later id, committed before the earlier one
    for _round in range(2):
        assert sealing.seal(patience=0.2) == 0
    may_end.set()
    thread.join()
    assert sealing.seal(patience=60) == 1
    assert TrailSeal.objects.get().rows == 2
    assert verify().faults == []


def twenty_write_and_seal() -> list[object]:
    """What came of twenty that write an event each and seal whatever there is, all at once."""

    def write_and_seal(number: int) -> int:
        make_region(f"KZ-{number}")
        return sealing.seal(patience=20)

    return at_once(*(partial(write_and_seal, number) for number in range(10, 30)))


def test_twenty_at_once_make_one_chain(small_blocks: None) -> None:
    made = twenty_write_and_seal()
    assert sum(number for number in made if isinstance(number, int)) == TrailSeal.objects.count(), made
    assert verify().faults == []
    assert sum(TrailSeal.objects.filter(table=REGIONS).values_list("rows", flat=True)) == 20


def test_without_the_lock_they_would_be_in_each_others_way(
    small_blocks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: what the lock puts in order, the keys of the database refuse."""
    monkeypatch.setattr(sealing, "one_at_a_time", lambda *_subject, **_how: nullcontext())
    assert [one for one in twenty_write_and_seal() if isinstance(one, Exception)]


def test_a_mark_of_another_servers_database_is_made_anew() -> None:
    """As after a restore into a new server, whose transactions count from the beginning."""
    make_region("KZ-10")
    sealing.seal()
    TrailMark.objects.update(horizon=2**60, marked_at="2026-01-01T00:00Z")
    sealing.seal()
    TrailMark.objects.update(marked_at="2026-01-01T00:00Z")
    assert sealing.seal() == 1


def test_seals_are_added_at_the_end_and_never_changed(sealed: list[TrailSeal]) -> None:
    with pytest.raises(IntegrityError, match="never changed"):
        TrailSeal.objects.filter(pk=1).update(rows=3)
    with pytest.raises(IntegrityError, match="never changed"):
        TrailSeal.objects.filter(pk=len(sealed)).delete()
    with pytest.raises(IntegrityError, match="follows the newest"):
        TrailSeal.objects.create(
            number=len(sealed) + 2, table="x", after_id=0, upto_id=1, rows=1, columns=[], digest="", previous="x",
            hash="y", sealed_at="2026-01-01T00:00Z",
        )  # fmt: skip


ONE_BYTE = f"UPDATE {REGIONS} SET name_en = overlay(name_en PLACING 'X' FROM 1 FOR 1) WHERE code = 'KZ-15'"
COLUMNS = (
    "pgh_created_at, pgh_label, pgh_obj_id, pgh_context_id, id, code, kind, name_kk, name_ru, name_en, tile_row,"
    " tile_col, reference"
)
# Twelve events: block 1 has KZ-10 to 13, block 2 KZ-14 to 17, block 3 KZ-18 to 21.
TAMPERING = {
    "one byte of an event": (ONE_BYTE, r"Seal \d+ \(institutions_regionevent.*was altered"),
    "the moment of an event": (
        f"UPDATE {REGIONS} SET pgh_created_at = pgh_created_at - interval '1 microsecond' WHERE code = 'KZ-15'",
        "was altered",
    ),
    "who did it": (
        "UPDATE pghistory_context SET metadata = jsonb_set(metadata, '{user}', '8') WHERE metadata->>'user' = '7'",
        "who, whence and why of one, was altered",
    ),
    "an account of who did it removed": ("DELETE FROM pghistory_context", "was altered"),
    "an event removed": (
        f"DELETE FROM {REGIONS} WHERE code = 'KZ-15'",
        "4 events were sealed, 3 are there",
    ),
    "an event added": (
        f"INSERT INTO {REGIONS} (pgh_id, {COLUMNS}) SELECT 0, {COLUMNS} FROM {REGIONS} WHERE code = 'KZ-15'",
        "before the first",
    ),
    "two events swapped between blocks": (
        f"UPDATE {REGIONS} a SET code = b.code FROM {REGIONS} b"
        " WHERE (a.code, b.code) IN (('KZ-15', 'KZ-19'), ('KZ-19', 'KZ-15'))",
        "was altered",
    ),
    "all events of a table removed": (f"TRUNCATE {REGIONS}", "4 events were sealed, 0 are there"),
    "a seal altered": (
        "UPDATE institutions_trailseal SET rows = rows - 1 WHERE number = 2",
        "its hash is not that of its content",
    ),
    "a seal removed": (
        "DELETE FROM institutions_trailseal WHERE number = 2",
        "the seals before it are missing",
    ),
    "two seals swapped": (
        "UPDATE institutions_trailseal SET number = 1003 - number WHERE number IN (1, 2);"
        "UPDATE institutions_trailseal SET number = number - 1000 WHERE number > 1000",
        "the chain is broken",
    ),
    "a row changed without history": (
        "UPDATE institutions_region SET name_en = 'Elsewhere' WHERE code = 'KZ-15'",
        "institutions_region: 1 row is not as its history says",
    ),
    "the trigger switched off": (
        f"ALTER TABLE {REGIONS} DISABLE TRIGGER trail_append_only",
        "the trigger that forbids alterations is missing or switched off",
    ),
    "history switched off": (
        "ALTER TABLE institutions_region DISABLE TRIGGER USER",
        "institutions_region: its trigger .* is missing, altered or switched off",
    ),
    "the function hollowed out": (
        "CREATE OR REPLACE FUNCTION trail_append_only() RETURNS trigger LANGUAGE plpgsql"
        " AS $$BEGIN RETURN NULL; END$$",
        "function trail_append_only is missing or was altered",
    ),
}


@pytest.fixture
def schema_restored() -> Any:
    yield
    with connection.cursor() as cursor:
        for table in (REGIONS, "institutions_region"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    call_command("migrate", verbosity=0, interactive=False)


@pytest.mark.usefixtures("schema_restored")
@pytest.mark.parametrize(("tampering", "noticed"), TAMPERING.values(), ids=TAMPERING.keys())
def test_what_a_superuser_altered_is_noticed(sealed: list[TrailSeal], tampering: str, noticed: str) -> None:
    call_command("verify_audit_trail", verbosity=0)
    sql(tampering)
    with pytest.raises(CommandError, match=noticed):
        call_command("verify_audit_trail")


def test_the_seal_of_an_altered_byte_is_the_only_one_that_is_named(sealed: list[TrailSeal]) -> None:
    sql(ONE_BYTE)
    named = {int(number) for fault in verify().faults for number in re.findall(r"^Seal (\d+)", fault)}
    second = [seal.number for seal in sealed if seal.table == REGIONS][1]
    assert named == {second}


WRONG = 5_000  # of ids that are two apart
ALTERED = {
    "changed": (f"UPDATE {REGIONS} SET name_en = 'x' WHERE pgh_id = {WRONG}", WRONG),
    "removed": (f"DELETE FROM {REGIONS} WHERE pgh_id = {WRONG}", WRONG),
    "added": (
        f"INSERT INTO {REGIONS} (pgh_id, {COLUMNS}) OVERRIDING SYSTEM VALUE"
        f" SELECT {WRONG + 1}, {COLUMNS} FROM {REGIONS} WHERE pgh_id = {WRONG}",
        WRONG + 1,
    ),
    "swapped": (
        f"UPDATE {REGIONS} a SET name_en = b.name_en FROM {REGIONS} b"
        f" WHERE (a.pgh_id, b.pgh_id) IN (({WRONG}, {WRONG + 8}), ({WRONG + 8}, {WRONG}))",
        WRONG,
    ),
}


@pytest.mark.parametrize(("tampering", "event"), ALTERED.values(), ids=ALTERED.keys())
def test_of_ten_thousand_events_the_one_that_was_altered_is_named(tampering: str, event: int) -> None:
    make_region("KZ-10")
    names = ", ".join("n::text" if name == "name_en" else name for name in COLUMNS.split(", "))
    sql(
        f"INSERT INTO {REGIONS} (pgh_id, {COLUMNS}) OVERRIDING SYSTEM VALUE"
        f" SELECT 2 * n, {names} FROM {REGIONS}, generate_series(1, 9999) AS n"
    )
    sealing.seal(patience=60)
    assert TrailSeal.objects.get(table=REGIONS).rows == 10_000
    assert not verify(rows=False).faults
    sql(tampering)
    (_what, which) = verify(rows=False).faults
    assert which.endswith(f"the first that is not as it was is event {event}.")


def test_a_seal_of_the_version_before_is_verified_without_marks(sealed: list[TrailSeal]) -> None:
    sql("UPDATE institutions_trailseal SET marks = NULL")
    assert not verify().faults
    sql(ONE_BYTE)
    assert len([fault for fault in verify(rows=False).faults if fault.startswith("Seal")]) == 1


def cut_off(sealed: list[TrailSeal]) -> None:
    """The last block of regions with its seal and all that follow, and the rows themselves."""
    last = [seal for seal in sealed if seal.table == REGIONS][-1]
    sql(f"DELETE FROM institutions_trailseal WHERE number >= {last.number}")
    sql(f"DELETE FROM {REGIONS} WHERE pgh_id > {last.after_id}")
    sql("DELETE FROM institutions_region WHERE code >= 'KZ-18'")


def forge(sealed: list[TrailSeal]) -> None:
    """One byte, and all seals computed anew, as somebody with this program and a superuser's rights can."""
    sql(ONE_BYTE)
    sql("UPDATE institutions_region SET name_en = 'Xegion KZ-15' WHERE code = 'KZ-15'")
    sql("TRUNCATE institutions_trailseal")
    sealing.seal(patience=60)


@pytest.mark.parametrize(
    ("forgery", "noticed"),
    [(cut_off, "is gone: the end was cut off"), (forge, "is not the one whose hash was kept")],
)
def test_an_end_cut_off_or_a_chain_made_anew_is_noticed_by_a_hash_kept_outside(
    sealed: list[TrailSeal],
    forgery: Callable[[list[TrailSeal]], None],
    noticed: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("verify_audit_trail")
    anchor = re.findall(r"Anchor: (\d+:[0-9a-f]{64})", capsys.readouterr().out)[0]
    call_command("verify_audit_trail", anchor=[(sealed[-1].number, sealed[-1].hash)])
    forgery(sealed)
    kept = tmp_path / "anchors"
    kept.write_text(f"{anchor}\n")
    with pytest.raises(CommandError, match=noticed):
        call_command("verify_audit_trail", "--anchors", str(kept))


def test_the_command_says_what_it_looked_at(
    sealed: list[TrailSeal], capsys: pytest.CaptureFixture[str]
) -> None:
    Region.objects.filter(code="KZ-10").update(name_en="Abai")
    call_command("verify_audit_trail", "--seal")
    assert re.match(
        r"The trail is whole: \d+ events in \d+ seals, 0 not sealed yet;", capsys.readouterr().out
    )
    with pytest.raises(CommandError, match="is no anchor"):
        call_command("verify_audit_trail", "--anchor", "17")
