"""Django's own `migrate`, one at a time: of several that start at once one migrates, the others find nothing to do."""

from contextlib import nullcontext
from typing import Any

from django.core.management.commands import migrate

from institutions.locks import alone


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        only_asks = options["plan"] or options["check_unapplied"]
        with nullcontext() if only_asks else alone("migrations"):  # before Django reads what has been applied
            super().handle(*args, **options)
