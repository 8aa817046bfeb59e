"""`take_snapshot`: all figures of a period as at a moment, taken and verified at once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware

from curricula.models import Period
from reports import snapshots, verifying
from reports.errors import Refused
from reports.models import Snapshot


class Command(BaseCommand):
    help = (
        "Take a snapshot of a period's figures and verify it. Exit 1 if the verification finds a difference."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--period", help="code of the period, e.g. 2025; the newest that has opened unless told"
        )
        parser.add_argument("--as-at", help="a past moment, e.g. 2026-06-30T18:00; now unless told")

    def handle(self, *args: Any, **options: Any) -> None:
        period = Period.objects.filter(code=options["period"]).first() if options["period"] else None
        if options["period"] and period is None:
            raise CommandError(f"There is no period {options['period']}.")
        as_at = None
        if options["as_at"]:
            as_at = parse_datetime(options["as_at"])
            if as_at is None:
                raise CommandError(f"{options['as_at']} is not a moment; write 2026-06-30T18:00.")
            as_at = make_aware(as_at) if is_naive(as_at) else as_at
        try:
            requested = snapshots.request(period=period, as_at=as_at)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        snapshots.take(requested.pk)
        snapshot = verifying.verify(requested.pk)
        self.stdout.write(
            f"Snapshot {snapshot.pk}: period {snapshot.period}, as at {snapshot.as_at:%Y-%m-%d %H:%M:%S%z},"
            f" {snapshot.programmes} programmes, fingerprint {snapshot.fingerprint}, {snapshot.state}"
        )
        if snapshot.state != Snapshot.State.VERIFIED:
            raise CommandError("\n".join(snapshot.differences))
