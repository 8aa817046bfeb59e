"""Django's own `migrate`, one at a time: of several that start at once one migrates, the others find nothing to do."""

from typing import Any

from django.core.management.commands import migrate

from institutions.locks import alone


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if options["plan"] or options["check_unapplied"]:  # who only asks need not wait
            return super().handle(*args, **options)
        with alone("migrations"):  # before Django reads what has been applied
            return super().handle(*args, **options)
