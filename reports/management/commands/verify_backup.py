"""`verify_backup FOLDER`: restore a backup into a scratch database beside the real one, prove it, and drop it again."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models.functions import Now

from institutions.models import Heartbeat
from reports.backups import manifest
from reports.errors import Refused


class Command(BaseCommand):
    help = (
        "Restore the newest backup of FOLDER into a scratch database on the same server, compare it with what was"
        " saved, and drop it again. Exit 1 and list what differs if anything does."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder of backups, or one backup")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            backup = manifest.chosen(options["folder"]).resolve()
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        scratch = f"{connection.settings_dict['NAME']}_verify"
        try:
            make_anew(scratch)
            done = self.restore(backup, scratch)
        finally:
            drop(scratch)
        if done.returncode:
            raise CommandError(done.stderr.strip().removeprefix("CommandError: "))
        Heartbeat.objects.update_or_create(name="backup verified", defaults={"beat_at": Now()})
        self.stdout.write(done.stdout.strip())
        if done.stderr:
            self.stderr.write(done.stderr.strip())

    def restore(self, backup: Path, scratch: str) -> "subprocess.CompletedProcess[str]":
        """In a process of its own, for this one is about the real database."""
        address = urlsplit(settings.DATABASE_URL)._replace(path=f"/{scratch}").geturl()
        ours = {name: value for name, value in os.environ.items() if name != "DATABASE_URL_FILE"}
        return subprocess.run(
            [sys.executable, "manage.py", "restore", str(backup)],
            cwd=settings.BASE_DIR,
            env={**ours, "DATABASE_URL": address, "MEDIA_ROOT": str(backup / manifest.FILES)},
            capture_output=True,
            text=True,
            check=False,
        )


def make_anew(scratch: str) -> None:
    drop(scratch)  # one that was left by a run that was killed
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(scratch)} TEMPLATE template0")


def drop(scratch: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(scratch)} WITH (FORCE)")
