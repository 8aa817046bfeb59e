"""`verify_snapshot ID`: recompute a snapshot by the second implementation and compare every cell."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reports import verifying
from reports.errors import Refused
from reports.models import Snapshot


class Command(BaseCommand):
    help = "Recompute a snapshot by the second implementation. Exit 1 and list the cells if any differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        snapshot = Snapshot.objects.select_related("period").filter(pk=options["id"]).first()
        if snapshot is None:
            raise CommandError(f"There is no snapshot {options['id']}.")
        try:
            found = verifying.differences(snapshot)
            verifying.verify(snapshot.pk)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write(f"Snapshot {snapshot.pk}: every cell and the fingerprint agree.")
