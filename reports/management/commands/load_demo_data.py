"""Fill an empty database with demonstration data and release its figures of the past."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

import curricula.errors
import institutions.errors
import reports.errors
from curricula.demo import loading
from curricula.demo.planning import PERIODS, Wish
from curricula.models import Programme
from institutions.models import Deployment
from reports import demo

SEED = 7
MOST_FOR_ALL_PERIODS = 30_000  # programmes; beyond, only the newest period is loaded


class Command(BaseCommand):
    help = (
        "Load generated programmes and curricula for every open institution (or as many as told, further ones being "
        "invented), mark the database as a demonstration, and release the figures of the past."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--institutions", type=int, help="how many; all that are open, unless told")
        parser.add_argument(
            "--programmes", type=int, help="exactly so many an institution; as usual, unless told"
        )
        parser.add_argument("--lines", type=int, help="exactly so many a curriculum; as usual, unless told")
        parser.add_argument(
            "--periods",
            type=int,
            choices=range(1, len(PERIODS) + 1),
            help=f"the newest so many; {len(PERIODS)}, but 1 beyond {MOST_FOR_ALL_PERIODS} programmes, unless told",
        )
        parser.add_argument("--seed", type=int, default=SEED, help="the same seed makes the same data")
        parser.add_argument("--no-releases", action="store_true", help="leave out snapshots and releases")
        parser.add_argument(
            "--if-needed", action="store_true", help="do only what is left to do, nothing where real data is"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.load(options)
        except (institutions.errors.Refused, curricula.errors.Refused, reports.errors.Refused) as refused:
            raise CommandError(str(refused)) from refused

    def load(self, options: dict[str, Any]) -> None:
        wish = wished(options)
        there = Programme.objects.exists()
        if options["if_needed"] and there and not Deployment.is_demonstration():
            return
        if not (options["if_needed"] and there):
            with transaction.atomic():
                loaded = loading.load(
                    institutions=options["institutions"], wish=wish, say=self.progress(options)
                )
                demo.make_rules(seed=wish.seed)
            self.progress(options)(str(loaded))
        if not options["no_releases"]:
            demo.release_history(periods=wish.periods, say=self.progress(options))

    def progress(self, options: dict[str, Any]) -> Any:
        return self.stdout.write if options["verbosity"] else lambda _text: None


def wished(options: dict[str, Any]) -> Wish:
    many = (options["institutions"] or 0) * (options["programmes"] or 0) > MOST_FOR_ALL_PERIODS
    count = options["periods"] or (1 if many else len(PERIODS))
    return Wish(
        seed=options["seed"],
        periods=PERIODS[-count:],
        programmes=options["programmes"],
        lines=options["lines"],
    )
