"""`restore BACKUP`: put a backup into the empty database of DATABASE_URL and into MEDIA_ROOT, and prove it."""

from argparse import ArgumentParser
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reports.backups import manifest, restoring
from reports.errors import Refused


class Command(BaseCommand):
    help = (
        "Put a backup into the database of DATABASE_URL, which must be empty, and into MEDIA_ROOT; bring it to this"
        " version's schema; then compare rows, files, the trail and the newest release with what was saved."
        " Exit 1 and list what differs if anything does."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "backup", type=Path, help="the folder of a backup, or one with several: the newest"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = monotonic()
        try:
            backup = manifest.chosen(options["backup"])
            faults = restoring.restore(backup)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if faults:
            raise CommandError("\n".join(faults))
        said = manifest.read(backup)
        self.stdout.write(
            f"{backup}, made by {said.version} on {said.made_at}, is restored in {monotonic() - began:.0f} s:"
            f" {sum(said.rows.values())} rows in {len(said.rows)} tables, {len(said.checksums) - 1} files, the trail"
            f" and release {said.release or 'none'} are what was saved."
        )
        if restoring.unreadable_secrets(said):
            self.stderr.write(
                "SECRET_KEY is another one than when it was made: second factors and secrets of webhooks can't be"
                " read. Put the old one back, or have them set up anew."
            )
