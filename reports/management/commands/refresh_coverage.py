"""`refresh_coverage`: keep live coverage current without Celery."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from reports import live


class Command(BaseCommand):
    help = "Recompute what is stale, again and again until stopped; with --once, only once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            self.stdout.write(f"{live.refresh()} institutions refreshed.")
            if options["once"]:
                return
            time.sleep(5)
