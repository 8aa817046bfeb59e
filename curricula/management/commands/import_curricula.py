"""Import a spreadsheet of curriculum lines from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from curricula.importing import Outcome, import_file
from curricula.models import Period
from curricula.spreadsheets.faults import Unreadable
from curricula.spreadsheets.safety import SIZE_LIMIT
from curricula.spreadsheets.weights import MEGABYTE
from institutions.models import Institution


class Command(BaseCommand):
    help = "Import an XLSX, ODS or CSV file of curriculum lines: all of it, or nothing if a row is faulty."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--institution", required=True, help="code of the institution")
        parser.add_argument("--period", required=True, help="code of the period, 2025 for the year 2025/26")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and save nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--language", default="en", help="language of the messages: kk, ru or en")

    def handle(self, *_args: Any, **options: Any) -> None:
        with override(options["language"]):
            outcome = self.run(options)
            if options["json"]:
                self.stdout.write(json.dumps(outcome.as_json(), ensure_ascii=False))
            else:
                self.report(outcome, dry_run=options["dry_run"])
        if outcome.faults:
            raise SystemExit(1)

    def run(self, options: dict[str, Any]) -> Outcome:
        try:
            institution = Institution.objects.get(code=options["institution"])
        except Institution.DoesNotExist:
            raise CommandError(f"There is no institution {options['institution']}.") from None
        try:
            period = Period.objects.get(code=options["period"])
        except Period.DoesNotExist:
            known = ", ".join(Period.objects.values_list("code", flat=True)) or "none"
            raise CommandError(f"There is no period {options['period']}; known are {known}.") from None
        path: Path = options["file"]
        try:
            if path.stat().st_size > SIZE_LIMIT:
                size = f"{path.stat().st_size / MEGABYTE:.1f}"
                refusal = Unreadable("too_large", size=size, limit=SIZE_LIMIT // MEGABYTE)
                return Outcome(faults=[refusal.fault])
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} can't be read: {error.strerror}.") from error
        return import_file(
            institution=institution,
            period=period,
            content=content,
            file_name=path.name,
            by=None,
            dry_run=options["dry_run"],
        )

    def report(self, outcome: Outcome, *, dry_run: bool) -> None:
        rows = ngettext("%(count)s row read", "%(count)s rows read", outcome.read) % {"count": outcome.read}
        parts = {
            "rows": rows,
            "accepted": outcome.accepted,
            "rejected": outcome.rejected,
            "blank": outcome.blank,
        }
        self.stdout.write(
            _("%(rows)s: %(accepted)s accepted, %(rejected)s rejected, %(blank)s blank.") % parts
        )
        for fault in outcome.faults:
            self.stdout.write(fault.sentence)
        if outcome.faults:
            self.stdout.write(_("Nothing was saved."))
            return
        numbers = {
            "added": len(outcome.added),
            "changed": len(outcome.changed),
            "unchanged": len(outcome.unchanged),
        }
        if dry_run:
            self.stdout.write(
                _("Would be saved: %(added)s curricula added, %(changed)s changed, %(unchanged)s unchanged.")
                % numbers
            )
        else:
            self.stdout.write(
                _("Saved: %(added)s curricula added, %(changed)s changed, %(unchanged)s unchanged.") % numbers
            )
