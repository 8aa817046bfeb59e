"""`publish_release`: make a verified snapshot public, with its files, at once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from institutions.models import User
from reports import releasing
from reports.errors import Refused
from reports.models import Snapshot


class Command(BaseCommand):
    help = "Release a verified snapshot (the newest unless told) in the name of a member of the ministry."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--snapshot", type=int)
        parser.add_argument("--by", required=True, metavar="E-MAIL", help="who releases")
        for language in ("kk", "ru", "en"):
            parser.add_argument(f"--notes-{language}", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        by = User.objects.filter(email__iexact=options["by"]).first()
        if by is None or not by.has_perm("reports.add_release"):
            raise CommandError(f"{options['by']} may not release; name an account with the role lead.")
        verified = Snapshot.objects.verified().filter(release=None).order_by("-as_at")
        if options["snapshot"]:
            verified = verified.filter(pk=options["snapshot"])
        snapshot = verified.first()
        if snapshot is None:
            raise CommandError("There is no verified snapshot to release; run take_snapshot first.")
        notes = {language: options[f"notes_{language}"] for language in ("kk", "ru", "en")}
        try:
            release = releasing.prepare(releasing.release(snapshot=snapshot, by=by, notes=notes).pk)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"Release {release.number}: snapshot {snapshot.pk}, public since {release.publish_at}."
        )
