"""`renew_seals`: put what was sealed under SECRET_KEY_FALLBACKS under SECRET_KEY, so that the old keys can go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from institutions.models import SecondFactor, Webhook
from institutions.sealing import renewed

SEALED = ((SecondFactor, "secret"), (Webhook, "secret"), (Webhook, "old_secret"))


class Command(BaseCommand):
    help = (
        "Put secrets of second factors and webhooks that were sealed under a key of SECRET_KEY_FALLBACKS under"
        " SECRET_KEY. Exit 1 if there are some that no key opens. Twice is once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = lost = 0
        for model, column in SEALED:
            kept = model._default_manager.exclude(**{column: ""})
            for pk, sealed in kept.values_list("pk", column):
                anew = renewed(sealed)
                lost += anew is None
                if anew not in (None, sealed):  # unless it has become another one meanwhile
                    done += kept.filter(pk=pk, **{column: sealed}).update(**{column: anew})
        self.stdout.write(f"Put under the key of today: {done}.")
        if lost:
            raise CommandError(
                f"Under no key that is known: {lost}. Add the key of before to SECRET_KEY_FALLBACKS, or have these"
                " second factors and secrets of webhooks set up anew."
            )
