"""`publish_release`: make a verified snapshot public, with its files, at once; two people answer for it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from institutions import demo
from institutions.models import User
from reports import releasing
from reports.errors import Refused
from reports.models import Release, ReleaseProposal, Snapshot

LANGUAGES = ("kk", "ru", "en")


class Command(BaseCommand):
    help = (
        "Release a verified snapshot (the newest unless told) in the names of two members of the ministry: one who "
        "proposes it and one who confirms. What was proposed in the admin takes the second only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--snapshot", type=int)
        parser.add_argument("--by", required=True, metavar="E-MAIL", help="who releases")
        parser.add_argument(
            "--confirmed-by",
            metavar="E-MAIL",
            help="the second person; for demonstration data the lead's deputy unless told",
        )
        for language in LANGUAGES:
            parser.add_argument(f"--notes-{language}", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        by = self.person(options["by"], "reports.add_releaseproposal")
        verified = Snapshot.objects.verified().filter(release=None).order_by("-as_at")
        if options["snapshot"]:
            verified = verified.filter(pk=options["snapshot"])
        snapshot = verified.first()
        if snapshot is None:
            raise CommandError("There is no verified snapshot to release; run take_snapshot first.")
        try:
            release = releasing.prepare(self.released(snapshot, by, options).pk)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"Release {release.number}: snapshot {snapshot.pk}, public since {release.publish_at}."
        )

    def released(self, snapshot: Snapshot, by: User, options: dict[str, Any]) -> Release:
        waiting = ReleaseProposal.objects.waiting().filter(snapshot=snapshot).first()
        if waiting is not None:
            self.person(by.email, "reports.confirm_releaseproposal")
            if any(options[f"notes_{language}"] for language in LANGUAGES):
                raise CommandError(
                    f"Snapshot {snapshot.pk} was proposed with its notes, which stay as they are: leave out --notes."
                )
            return releasing.confirm(proposal=waiting, by=by)
        second = options["confirmed_by"] or (
            demo.DEPUTY if snapshot.demonstration and by.email != demo.DEPUTY else None
        )
        if second is None:
            raise CommandError("A release takes two people: name the second with --confirmed-by.")
        return releasing.release(
            snapshot=snapshot,
            by=by,
            confirmed_by=self.person(second, "reports.confirm_releaseproposal"),
            notes={language: options[f"notes_{language}"] for language in LANGUAGES},
        )

    def person(self, email: str, right: str) -> User:
        found = User.objects.filter(email__iexact=email).first()
        if found is None or not found.has_perm(right):
            raise CommandError(f"{email} may not release; name an account with the role lead.")
        return found
