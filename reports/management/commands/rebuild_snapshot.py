"""`rebuild_snapshot ID`: make a past snapshot again from history and compare."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reports import snapshots
from reports.errors import Refused
from reports.models import Snapshot


class Command(BaseCommand):
    help = "Recompute a past snapshot from history. Exit 1 and list what differs if anything does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        snapshot = Snapshot.objects.select_related("period").filter(pk=options["id"]).first()
        if snapshot is None:
            raise CommandError(f"There is no snapshot {options['id']}.")
        try:
            rebuilt = snapshots.rebuild(snapshot)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if not rebuilt.agrees:
            raise CommandError(
                "\n".join(
                    [
                        f"fingerprint {rebuilt.fingerprint}, now {rebuilt.fingerprint_now}",
                        *rebuilt.differences,
                    ]
                )
            )
        self.stdout.write(
            f"Snapshot {snapshot.pk}: rebuilt, fingerprint {rebuilt.fingerprint_now} and every cell agree."
        )
