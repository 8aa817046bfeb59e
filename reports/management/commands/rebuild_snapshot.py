"""`rebuild_snapshot [ID ...]`: make past snapshots again from history and compare; all that were taken, unless told."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reports import snapshots
from reports.errors import Refused
from reports.models import Snapshot


class Command(BaseCommand):
    help = "Recompute past snapshots from history. Exit 1 and list what differs if anything does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int, nargs="*", help="which; all that were taken, unless told")

    def handle(self, *args: Any, **options: Any) -> None:
        taken = Snapshot.objects.exclude(taken_at=None).order_by("pk").values_list("pk", flat=True)
        found = [self.rebuild(number) for number in options["id"] or taken]
        if differing := [text for text in found if text]:
            raise CommandError("\n".join(differing))

    def rebuild(self, number: int) -> str:
        """What differs, in words; nothing if all agrees."""
        snapshot = Snapshot.objects.select_related("period").filter(pk=number).first()
        if snapshot is None:
            raise CommandError(f"There is no snapshot {number}.")
        try:
            rebuilt = snapshots.rebuild(snapshot)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if not rebuilt.agrees:
            about = f"Snapshot {number}: fingerprint {rebuilt.fingerprint}, now {rebuilt.fingerprint_now}"
            return "\n".join([about, *rebuilt.differences])
        self.stdout.write(
            f"Snapshot {number}: rebuilt, fingerprint {rebuilt.fingerprint_now} and every cell agree."
        )
        return ""
