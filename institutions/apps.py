"""The app's name, and what it does whenever migrations have run or the database was connected to."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models import signals
from django.utils.translation import gettext_lazy as _


class InstitutionsConfig(AppConfig):
    name = "institutions"
    verbose_name = _("Institutions")

    def ready(self) -> None:
        from institutions.trail.guarding import guard_trail  # models are there by now
        from institutions.wall.building import build_wall
        from institutions.wall.standing import watch

        # Not signals of a row, which this house does without, but the end of `migrate`, and a new connection.
        signals.post_migrate.connect(guard_trail, sender=self)
        signals.post_migrate.connect(build_wall, sender=self)
        connection_created.connect(watch)
