"""`verify_audit_trail`: prove that no change on record was altered or removed."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from institutions.trail import sealing, verifying
from reports.anchoring import newest_anchor, read_anchor, released_anchors
from reports.live import note
from reports.watching.matters import TRAIL_BROKEN, TRAIL_WHOLE

PATIENCE = 30


def anchor(text: str) -> tuple[int, str]:
    """A hash that was kept outside, with the number of its seal: "17:4f…"."""
    found = read_anchor(text)
    if not found:
        raise ArgumentTypeError(f"{text!r} is no anchor; write NUMBER:HASH as this command prints it.")
    return found


class Command(BaseCommand):
    help = (
        "Recompute the chain of seals over all changes on record, and look for the anchors of all releases."
        " Exit 1 and list what is wrong if anything is."
        " What came of it is noted for /readyz and the page Operations."
        " The anchor that it prints, kept outside of the database, proves later that the end was not cut off."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anchor",
            type=anchor,
            action="append",
            default=[],
            metavar="NUMBER:HASH",
            help="kept from before",
        )
        parser.add_argument("--anchors", type=Path, metavar="FILE", help="a file of anchors, one a line")
        parser.add_argument("--seal", action="store_true", help="first seal what is not sealed yet")
        parser.add_argument(
            "--seals-only", action="store_true", help="do not compare present rows with their history"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        anchors = released_anchors() | dict(options["anchor"])
        if options["anchors"]:
            try:
                lines = options["anchors"].read_text(encoding="utf-8").splitlines()
                anchors |= dict(anchor(line) for line in lines if line.strip())
            except (OSError, ArgumentTypeError) as error:
                raise CommandError(str(error)) from error
        if options["seal"]:
            sealing.seal(patience=PATIENCE)
        report = verifying.verify(anchors=anchors, rows=not options["seals_only"])
        note(TRAIL_BROKEN if report.faults else TRAIL_WHOLE)
        if report.faults:
            raise CommandError("\n".join(report.faults))
        self.stdout.write(
            f"The trail is whole: {report.sealed} events in {report.seals} seals, {report.unsealed} not sealed yet;"
            f" {report.compared} rows stand as their history says."
        )
        if anchored := newest_anchor():
            self.stdout.write(f"Anchor: {anchored}")
