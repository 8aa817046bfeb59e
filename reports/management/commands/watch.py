"""`watch`: whether all is well, asked outside of Celery and of the web server; for a timer."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reports import live, watching


class Command(BaseCommand):
    help = (
        "Say in words whether all is well, and what to do if not. Exit 1 if anything is wrong."
        " It needs neither workers nor the web server, so that it tells when they are gone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--figures",
            action="store_true",
            help="first compare all live figures with a recomputation; what differs is noted for /readyz",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        facts = watching.look()
        differing: list[str] = []
        if options["figures"] and facts.database and (differing := live.disagreements()):
            live.note(live.DIFFERED)
            facts = watching.look()
        found = watching.judge(facts)
        if not found:
            self.stdout.write("All is well.")
            return
        said = [f"{matter.said} {matter.remedy} [{matter.code}]" for matter in found]
        if any(matter.doubts for matter in found):
            said.insert(0, "Figures can't be trusted to be up to date.")
        raise CommandError("\n".join([*said, *differing[:20]]))
