"""Reset a lost second factor where nobody at the ministry can: the last superuser's own."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from institutions import proving
from institutions.errors import Refused
from institutions.models import User


class Command(BaseCommand):
    help = "Reset the second factor of an account; the person is signed out and sets up a new one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--reason", required=True, help="why; the trail keeps it")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['email']}.")
        try:
            proving.reset(user=user, by=None, reason=options["reason"])
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        if options["verbosity"]:
            self.stdout.write(f"{user.email} is signed out and sets up a new second factor.")
