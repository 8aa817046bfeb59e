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
        parser.add_argument(
            "--number", type=int, help="none is asked for: finish this one, which workers have given up"
        )

    def handle(self, *args: Any, number: int | None = None, **options: Any) -> None:
        requested = self.given_up(number) if number else self.asked_for(**options)
        snapshots.take(requested.pk)
        snapshot = verifying.verify(requested.pk)
        self.stdout.write(
            f"Snapshot {snapshot.pk}: period {snapshot.period}, as at {snapshot.as_at:%Y-%m-%d %H:%M:%S%z},"
            f" {snapshot.programmes} programmes, fingerprint {snapshot.fingerprint}, {snapshot.state}"
        )
        if snapshot.state != Snapshot.State.VERIFIED:
            raise CommandError("\n".join(snapshot.differences))

    def given_up(self, number: int) -> Snapshot:
        snapshot = Snapshot.objects.outstanding().filter(pk=number).first()
        if snapshot is None:
            raise CommandError(f"There is no snapshot {number} that is still to be done.")
        return snapshot

    def asked_for(self, *, period: str | None, as_at: str | None, **_options: Any) -> Snapshot:
        of = Period.objects.filter(code=period).first() if period else None
        if period and of is None:
            raise CommandError(f"There is no period {period}.")
        moment = None
        if as_at:
            moment = parse_datetime(as_at)
            if moment is None:
                raise CommandError(f"{as_at} is not a moment; write 2026-06-30T18:00.")
            moment = make_aware(moment) if is_naive(moment) else moment
        try:
            return snapshots.request(period=of, as_at=moment)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
