"""Puts a backup into an empty database, brings it to this program's schema, and proves that it is what was saved."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader

from institutions.sealing import keys
from institutions.trail.verifying import verify as verify_trail
from institutions.wall.building import MAKE_IT, have_role
from institutions.wall.standing import ROLE
from reports import snapshots, verifying
from reports.anchoring import read_anchor, released_anchors
from reports.backups.making import rows
from reports.backups.manifest import DUMP, FILES, Manifest, check, mark_of, read
from reports.backups.programs import run, server_version
from reports.errors import Refused
from reports.models import Release


def restore(backup: Path) -> list[str]:
    """Sentences about what is not as it was when the backup was made; none if all is. Raises Refused for what can't
    be restored here, and changes nothing then: the database is filled in one transaction, and only an empty one."""
    manifest = read(backup)
    check(backup, manifest)
    refuse_newer(manifest)
    if rows():
        raise Refused(
            "There are tables in this database already. Make an empty one beside it, and let DATABASE_URL lead there."
        )
    refuse_without_roles(manifest)
    copy_files(backup)
    run(
        "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", str(backup / DUMP),
        least=max(manifest.server, server_version()),
    )  # fmt: skip
    faults = list(differing_rows(manifest))  # before migrations add some
    call_command("migrate", interactive=False, verbosity=0)
    return [*faults, *differing(manifest)]


def differing(manifest: Manifest) -> list[str]:
    """What is not as it was saved, apart from rows by their number."""
    return [*missing_files(), *trail(manifest), *figures(manifest)]


def refuse_newer(manifest: Manifest) -> None:
    loader = MigrationLoader(None)
    known = {".".join(key) for key in loader.disk_migrations}
    ours = {name for name in manifest.migrations if name.partition(".")[0] in loader.migrated_apps}
    if unknown := sorted(ours - known):  # what is not installed any more, an earlier version has had
        raise Refused(
            f"This backup was made by version {manifest.version}, which knows migrations that this one does not"
            f" ({unknown[0]}): restore it with that version."
        )


def refuse_without_roles(manifest: Manifest) -> None:
    """A dump holds rights, not the accounts that have them: those are the server's. The wall's own is made here."""
    with connection.cursor() as cursor:
        if not have_role(cursor):
            raise Refused(
                f"There is no role {ROLE}, and this account may not make it. {MAKE_IT} and then restore."
            )
        cursor.execute("SELECT rolname FROM pg_roles")
        there = {name for (name,) in cursor.fetchall()}
    lacking = [name for name in manifest.roles if name not in there]
    statements = [
        f"CREATE ROLE {connection.ops.quote_name(name)} LOGIN PASSWORD '...';"
        f" GRANT {ROLE} TO {connection.ops.quote_name(name)} WITH INHERIT FALSE, SET TRUE;"
        for name in lacking
    ]
    if lacking:
        raise Refused(
            f"This backup gives rights to accounts that this server has not: {', '.join(lacking)}. Let its"
            f" administrator run, and then restore: {' '.join(statements)}"
        )


def copy_files(backup: Path) -> None:
    """Into MEDIA_ROOT. Nothing there is overwritten: names are given out once."""
    media, saved = Path(settings.MEDIA_ROOT), backup / FILES
    if saved.resolve() == media.resolve():
        return  # they are looked at where they lie
    for source in sorted(path for path in saved.rglob("*") if path.is_file()):
        target = media / source.relative_to(saved)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = target.with_name(f"{target.name}.part")
            shutil.copy2(source, part)
            os.replace(part, target)


def differing_rows(manifest: Manifest) -> Iterator[str]:
    now = rows()
    for table in sorted(manifest.rows.keys() | now.keys()):
        if manifest.rows.get(table) != now.get(table):
            yield f"{table}: {manifest.rows.get(table)} rows were saved, {now.get(table)} are there."


def missing_files() -> Iterator[str]:
    """Every file that a row names."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, models.FileField):
                names = model._default_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)
                for name in names.iterator():
                    if not field.storage.exists(name):
                        yield f"{model._meta.db_table}: {name} is not there."


def trail(manifest: Manifest) -> list[str]:
    kept = read_anchor(manifest.anchor or "")
    return verify_trail(anchors=released_anchors() | dict([kept] if kept else [])).faults


def figures(manifest: Manifest) -> Iterator[str]:
    """Those of the newest release: from history, and by the second implementation."""
    release = Release.objects.select_related("snapshot__period").order_by("-number").first()
    found = (release and release.number, release and release.snapshot.fingerprint)
    if found != (manifest.release, manifest.fingerprint):
        yield f"Release {manifest.release}, fingerprint {manifest.fingerprint}, was saved; there is {found}."
    if release is None:
        return
    yield from snapshots.rebuild(release.snapshot).differences
    yield from verifying.differences(release.snapshot)


def unreadable_secrets(manifest: Manifest) -> bool:
    """Whether second factors and secrets of webhooks were sealed under a SECRET_KEY that is not known here."""
    return manifest.secret_key not in map(mark_of, keys())
