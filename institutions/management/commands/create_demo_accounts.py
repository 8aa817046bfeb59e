"""Make the accounts of a demonstration and print how to sign in."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from institutions import demo_accounts
from institutions.errors import Refused

SHOWN = 3


class Command(BaseCommand):
    help = "Make accounts for a demonstration: an editor and a signatory a university, and the people of the ministry."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print all accounts as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            accounts = demo_accounts.create()
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        if options["json"]:
            self.stdout.write(
                json.dumps({"file": str(demo_accounts.accounts_file()), "accounts": as_json(accounts)})
            )
        elif options["verbosity"]:
            ministry = [account for account in accounts if not account.institution]
            others = [account for account in accounts if account.institution]
            for account in ministry + others[: 2 * SHOWN]:
                self.stdout.write(f"{account.email}  {account.password}")
            self.stdout.write(f"All {len(accounts)} accounts: {demo_accounts.accounts_file()}")


def as_json(accounts: list[demo_accounts.Account]) -> list[dict[str, str]]:
    return [
        {
            "email": account.email,
            "password": account.password,
            "role": account.role,
            "institution": account.institution,
        }
        for account in accounts
    ]
