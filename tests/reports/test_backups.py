"""A backup is complete or absent, and one because it was restored: rows, files, trail and figures agree."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from curricula.models import Import
from institutions.models import Heartbeat
from institutions.wall.standing import ROLE
from reports.anchoring import newest_anchor
from reports.backups import making, manifest, programs, restoring
from reports.backups.making import make
from reports.backups.manifest import Manifest
from reports.backups.restoring import restore
from reports.errors import Refused
from tests.upgrade.country import make_country_with_all
from tests.workers import ROOT, database_url

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.usefixtures("english"),
]


@pytest.fixture
def media(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Uploads of their own, for this process and those that it starts."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setenv("MEDIA_ROOT", str(settings.MEDIA_ROOT))
    monkeypatch.setenv("DATABASE_URL", database_url())
    default_storage.save("evidence/one.pdf", ContentFile(b"%PDF-1.7 of one university"))
    return Path(settings.MEDIA_ROOT)


@pytest.fixture
def country(media: Path) -> None:
    make_country_with_all()


def beat(name: str) -> Any:
    return Heartbeat.objects.filter(name=name).values_list("beat_at", flat=True).first()


@pytest.mark.usefixtures("country")
def test_a_backup_is_restored_beside_the_real_database_and_is_what_was_saved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("backup", tmp_path / "backups")
    backup = Path(capsys.readouterr().out.strip())
    said = manifest.read(backup)
    assert said.rows["reports_release"] == 1
    assert said.release == 1
    assert said.anchor == newest_anchor()
    assert said.checksums.keys() >= {"database.dump", "files/evidence/one.pdf"}
    assert len(said.checksums) == 3
    assert beat("backup")
    assert not beat("backup verified")

    Import.objects.all().delete()  # what happens later is not in it
    call_command("verify_backup", tmp_path / "backups")
    told = capsys.readouterr().out
    assert f"{sum(said.rows.values())} rows in {len(said.rows)} tables, 2 files" in told
    assert "release 1 are what was saved" in told
    assert beat("backup verified")
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE '%\\_verify'")
        assert cursor.fetchall() == []


@pytest.mark.usefixtures("country")
def test_what_is_not_as_it_was_saved_is_named(tmp_path: Path, media: Path) -> None:
    """Each part of the proof can fail, and nothing but what differs is named."""
    said = manifest.read(make(tmp_path / "backups", keep=1))
    assert [*restoring.differing_rows(said), *restoring.differing(said)] == []
    (media / "imports/lines.xlsx").unlink()
    other = {"curricula_line": said.rows["curricula_line"] + 1}
    wrong = replace(said, rows=said.rows | other, anchor=f"9999:{'0' * 64}", fingerprint="f" * 64)
    (rows,) = restoring.differing_rows(wrong)
    file, trail, release = restoring.differing(wrong)
    assert rows.startswith("curricula_line: ")
    assert file == "curricula_import: imports/lines.xlsx is not there."
    assert "9999" in trail
    assert f"fingerprint {'f' * 64}, was saved" in release


def test_a_backup_that_is_damaged_or_of_a_later_program_or_has_no_room_is_refused(
    media: Path, tmp_path: Path
) -> None:
    backup = make(tmp_path / "backups", keep=1)
    with pytest.raises(Refused, match="There are tables in this database already"):
        restore(backup)
    (media / "evidence/one.pdf").unlink()
    said = json.loads((backup / "manifest.json").read_text())

    def says(**over: Any) -> None:
        (backup / "manifest.json").write_text(json.dumps({**said, **over}))

    says(version="9.0.0", migrations=[*said["migrations"], "reports.0999_later"])
    with pytest.raises(Refused, match=r"made by version 9.0.0.*reports.0999_later"):
        restore(backup)
    says(form=2)
    with pytest.raises(Refused, match="in a form that this program does not know"):
        restore(backup)
    says()
    with open(backup / "database.dump", "r+b") as file:
        file.seek(300)
        file.write(b"?")
    with pytest.raises(Refused, match=r"database.dump was altered or is damaged"):
        restore(backup)
    with pytest.raises(CommandError, match=r"database.dump was altered or is damaged"):
        call_command("verify_backup", backup)
    assert not beat("backup verified")
    (backup / "database.dump").unlink()
    with pytest.raises(Refused, match=r"database.dump is missing"):
        restore(backup)
    assert not (media / "evidence/one.pdf").exists()
    with pytest.raises(Refused, match="There is no complete backup"):
        manifest.chosen(tmp_path)


@pytest.fixture
def elsewhere() -> Iterator[Manifest]:
    """A backup's manifest, and a server without the role of the wall, for as long as a transaction."""
    said = manifest_of_rights()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {ROLE} RENAME TO another")
        yield said
        transaction.set_rollback(True)


def manifest_of_rights() -> Manifest:
    nothing: Any = {"migrations": [], "rows": {}, "anchor": None, "release": None, "fingerprint": None}
    return Manifest(
        **nothing, version="", made_at="", server=18, secret_key="", checksums={}, roles=making.roles()
    )


def test_on_another_server_the_role_of_the_wall_is_made(elsewhere: Manifest) -> None:
    assert ROLE in elsewhere.roles
    restoring.refuse_without_roles(elsewhere)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [ROLE])
        assert cursor.fetchone() == (False,)


def test_who_may_make_no_role_is_told_what_to_run_before_anything_is_changed(elsewhere: Manifest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE owner_without_rights")
        cursor.execute("SET SESSION AUTHORIZATION owner_without_rights")
        with pytest.raises(Refused, match=f"CREATE ROLE {ROLE} NOLOGIN; GRANT .* and then restore"):
            restoring.refuse_without_roles(elsewhere)
        cursor.execute("RESET SESSION AUTHORIZATION")


def test_accounts_that_the_server_has_not_are_named_with_what_to_run() -> None:
    said = replace(manifest_of_rights(), roles=["app of old", ROLE])
    with pytest.raises(Refused) as refused:
        restoring.refuse_without_roles(said)
    assert "has not: app of old." in str(refused.value)
    assert f'CREATE ROLE "app of old" LOGIN PASSWORD \'...\'; GRANT {ROLE} TO "app of old" WITH' in str(
        refused.value
    )


def test_so_many_are_kept_and_a_file_takes_room_once(media: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    first = make(folder, keep=2)
    default_storage.save("evidence/two.pdf", ContentFile(b"%PDF-1.7 of another"))
    second = wait_for_a_second_and_make(folder)
    (media / "evidence/one.pdf").unlink()
    third = wait_for_a_second_and_make(folder)
    assert manifest.complete(folder) == [second, third]
    assert not first.exists()
    assert (second / "files/evidence/one.pdf").read_bytes() == b"%PDF-1.7 of one university"
    assert not (third / "files/evidence/one.pdf").exists()
    assert (second / "files/evidence/two.pdf").samefile(third / "files/evidence/two.pdf")
    assert (third.stat().st_mode & 0o777, (third / "database.dump").stat().st_mode & 0o777) == (0o700, 0o600)
    with pytest.raises(CommandError, match="Keep one at least"):
        call_command("backup", folder, keep=0)
    with pytest.raises(CommandError, match="lies within MEDIA_ROOT"):
        call_command("backup", media / "backups")


def wait_for_a_second_and_make(folder: Path) -> Path:
    """They are named by the second."""
    time.sleep(1.1)
    return make(folder, keep=2)


def start_backup(folder: Path, **how: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "backup", str(folder)], cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **how,
    )  # fmt: skip


def test_one_that_was_killed_is_not_taken_for_one_and_the_older_is_whole(media: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    old = make(folder, keep=1)
    (media / "evidence/large.pdf").write_bytes(os.urandom(1 << 20))
    running = start_backup(folder)
    while not list(folder.glob("*.part")):
        assert running.poll() is None, running.communicate()
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    assert manifest.complete(folder) == [old]
    assert manifest.chosen(folder) == old
    manifest.check(old, manifest.read(old))
    time.sleep(1.1)
    new = make(folder, keep=2)
    assert sorted(folder.iterdir()) == [folder / ".lock", old, new]


def test_a_full_disk_leaves_the_older_backup_and_says_so(media: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    old = make(folder, keep=1)

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    running = start_backup(folder, preexec_fn=little_room)
    _out, told = running.communicate(timeout=120)
    assert running.returncode == 1
    assert "pg_dump failed" in told
    assert sorted(folder.iterdir()) == [folder / ".lock", old]
    manifest.check(old, manifest.read(old))
    assert not beat("backup")


def test_two_at_once_make_one(media: Path, tmp_path: Path) -> None:
    from reports.backups.making import alone

    with alone(tmp_path), pytest.raises(Refused, match="Another backup is being made"):
        make(tmp_path, keep=1)


def test_the_program_fits_the_server() -> None:
    assert (
        programs.version_of(programs.find("pg_dump", programs.server_version())) >= programs.server_version()
    )
    with pytest.raises(Refused, match="install postgresql-client-99"):
        programs.find("pg_dump", 99)
