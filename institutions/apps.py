"""The app's name, and what it does whenever migrations have run."""

from django.apps import AppConfig
from django.db.models import signals
from django.utils.translation import gettext_lazy as _


class InstitutionsConfig(AppConfig):
    name = "institutions"
    verbose_name = _("Institutions")

    def ready(self) -> None:
        from institutions.trail.guarding import guard_trail  # models are there by now

        # Not a signal of a row, which this house does without, but the end of `migrate`.
        signals.post_migrate.connect(guard_trail, sender=self)
