"""Makes a backup beside the older ones: under another name until it is whole, so that none is ever half one."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from institutions.locks import consistent_read
from reports.anchoring import newest_anchor
from reports.backups.manifest import DUMP, FILES, Manifest, complete, digest, mark_of, read
from reports.backups.programs import run, server_version
from reports.errors import Refused
from reports.models import Release

Checksums = dict[str, str]


def make(folder: Path, *, keep: int) -> Path:
    """A new backup in the folder; afterwards only the `keep` newest are there. Raises Refused, and leaves the others.

    Files are written once under a name of their own and never changed, but a university may remove one. So they are
    copied before the dump, for those that are removed during it, and again after it, for those that came: no row of
    the dump names a file that is missing.
    """
    media = Path(settings.MEDIA_ROOT)
    if folder.resolve().is_relative_to(media.resolve()):
        raise Refused(f"{folder} lies within MEDIA_ROOT, and would be saved with it; choose another folder.")
    before = os.umask(0o077)  # everything that universities have entered lies open here
    try:
        with alone(folder):
            older = complete(folder)
            part = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.part"
            part.mkdir()
            copied = copy_new(media, part, older[-1] if older else None)
            manifest = dump(part)
            manifest.checksums.update(copied | copy_new(media, part, None))
            manifest.write(part)
            backup = part.rename(part.with_suffix(""))
            flush(folder)
            for old in complete(folder)[:-keep]:
                shutil.rmtree(old)
            return backup
    except OSError as error:
        raise Refused(f"The backup could not be written: {error}. Older ones are as they were.") from error
    finally:
        os.umask(before)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else makes one in the folder; what was left by one that was killed is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"Another backup is being made in {folder}.") from None
        clear(folder)
        try:
            yield
        finally:
            clear(folder)


def clear(folder: Path) -> None:
    for left in folder.glob("*.part"):
        shutil.rmtree(left)


def copy_new(media: Path, part: Path, before: Path | None) -> Checksums:
    """Copy what is not there yet, and what was still being written. What the backup before has is linked: it takes no
    room twice. Checksums by path within the backup."""
    known = read(before).checksums if before else {}
    copied: Checksums = {}
    for source in sorted(path for path in media.rglob("*") if path.is_file()):
        name = f"{FILES}/{source.relative_to(media)}"
        target = part / name
        with suppress(FileNotFoundError):  # removed meanwhile, with its row
            if same(source, target):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)  # never write into what an older backup has as well
            if before and name in known and same(source, before / name):
                os.link(before / name, target)
                copied[name] = known[name]
            else:
                shutil.copy2(source, target)
                copied[name] = digest(target)
    return copied


def same(source: Path, copy: Path) -> bool:
    """By size and time: enough for files that never change."""
    if not copy.exists():
        return False
    one, other = source.stat(), copy.stat()
    return (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def dump(part: Path) -> Manifest:
    """The database as at one moment, and what it must come to when it is restored, as at the same."""
    server = server_version()
    with consistent_read(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL row_security = off")  # an error where rows are hidden from this account
        cursor.execute("SELECT pg_export_snapshot()")
        (moment,) = cursor.fetchone()
        path = part / DUMP
        run("pg_dump", "--format=custom", f"--snapshot={moment}", f"--file={path}", least=server)
        flush(path)
        release = Release.objects.select_related("snapshot").order_by("-number").first()
        return Manifest(
            version=settings.VERSION,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            server=server,
            secret_key=mark_of(settings.SECRET_KEY),
            migrations=sorted(".".join(key) for key in MigrationRecorder(connection).applied_migrations()),
            rows=rows(),
            roles=roles(),
            anchor=newest_anchor(),
            release=release.number if release else None,
            fingerprint=release.snapshot.fingerprint if release else None,
            checksums={DUMP: digest(path)},
        )


def roles() -> list[str]:
    """Accounts of the server that rights or policies of this database name."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT DISTINCT rolname FROM pg_shdepend JOIN pg_roles ON pg_roles.oid = refobjid
            JOIN pg_database ON pg_database.oid = dbid
            WHERE datname = current_database() AND refclassid = 'pg_authid'::regclass
                AND (deptype IN ('a', 'r') OR classid = 'pg_default_acl'::regclass)
            ORDER BY rolname
        """)
        return [name for (name,) in cursor.fetchall()]


def rows() -> dict[str, int]:
    """How many there are in every table."""
    with connection.cursor() as cursor:
        names = sorted(connection.introspection.table_names(cursor))
        if not names:
            return {}
        counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names)  # noqa: S608
        cursor.execute(counts)
        return dict(cursor.fetchall())


def flush(path: Path) -> None:
    """To the disk itself: a folder's names, or a file's content."""
    line = os.open(path, os.O_RDONLY)
    try:
        os.fsync(line)
    finally:
        os.close(line)
