"""Load what ships with the program: registry, classifier, periods, default mandate, public statements, roles.

The taxonomy of AI terms ships with it too: what an older one suggested is suggested anew.
"""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

import curricula.reference
import institutions.reference
import reports.reference
from curricula import suggesting


class Command(BaseCommand):
    help = (
        "Load the reference data that ships with the program; may be run again at any time, edits are kept."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.load(options)
        renewed = suggesting.refresh()
        if options["verbosity"]:
            self.stdout.write(f"suggested AI categories: {renewed} renewed")

    @transaction.atomic
    def load(self, options: dict[str, Any]) -> None:
        for app in (institutions.reference, curricula.reference, reports.reference):
            for name, merged in app.load().items():
                if options["verbosity"]:
                    self.stdout.write(
                        f"{name}: {merged.added} added, {merged.renewed} renewed, {merged.unchanged} unchanged, "
                        f"{merged.edited} kept as edited, {merged.deleted} kept deleted"
                    )
