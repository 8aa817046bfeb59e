"""`coverage_as_at MOMENT`: what the coverage was at any past moment, from history; nothing is kept."""

import csv
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware

from curricula.models import Period
from reports.crossing import PARTS, crossed_as_at, in_order, period_of

COUNTED = ("in_scope", "met", "not_met", "no_data", "exempt")


class Command(BaseCommand):
    help = "Print the coverage as at a past moment as CSV, by any combination of dimensions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "moment", help="e.g. 2026-03-01T12:00, in the country's time unless it names another"
        )
        parser.add_argument("--period", help="code of the period; the newest that had opened unless told")
        parser.add_argument("--by", default="", help=f"dimensions joined by commas, of {', '.join(PARTS)}")

    def handle(self, *args: Any, **options: Any) -> None:
        moment = parse_datetime(options["moment"])
        if moment is None:
            raise CommandError(f"{options['moment']} is not a moment; write 2026-03-01T12:00.")
        moment = make_aware(moment) if is_naive(moment) else moment
        if moment > timezone.now():
            raise CommandError("Nothing is known of the future: choose a past moment.")
        by = [part for part in options["by"].split(",") if part]
        if unknown := set(by) - set(PARTS):
            raise CommandError(
                f"There is no dimension {', '.join(sorted(unknown))}; write some of {', '.join(PARTS)}."
            )
        code = options["period"]
        period = Period.objects.filter(code=code).first() if code else period_of(moment)
        if period is None:
            raise CommandError(
                f"There is no period {code}." if code else "No period had opened at that moment."
            )
        table = csv.writer(self.stdout, lineterminator="\n")
        table.writerow(["period", "as_at", "requirement", "dimension", "key", *COUNTED])
        about = [period.code, moment.isoformat()], ",".join(in_order(by)) or "nation"
        for cell in crossed_as_at(moment, by, period=period):
            counts = [getattr(cell.counts, name) for name in COUNTED]
            table.writerow([*about[0], cell.requirement, about[1], cell.key, *counts])
