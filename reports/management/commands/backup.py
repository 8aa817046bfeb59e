"""`backup FOLDER`: the database and the uploaded files, as a new folder in FOLDER."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models.functions import Now

from institutions.models import Heartbeat
from reports.backups import making
from reports.errors import Refused


class Command(BaseCommand):
    help = (
        "Save the database and the uploaded files as a new folder in FOLDER, and remove the oldest beyond --keep."
        " SECRET_KEY and the other variables are not in it: keep them elsewhere."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--keep", type=int, default=14, help="how many stay there; 14 unless told")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["keep"] < 1:
            raise CommandError("Keep one at least.")
        try:
            backup = making.make(options["folder"], keep=options["keep"])
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        Heartbeat.objects.update_or_create(name="backup", defaults={"beat_at": Now()})
        self.stdout.write(str(backup))
