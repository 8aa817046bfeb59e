"""That institutions were reminded of a day."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curricula.models.classifier import Period


class Reminder(models.Model):
    """One row: so many days before a period was due, everybody who had something left to do was written to.

    It is made in the transaction of the letters: they are all there, or none and the next sweep writes them.
    """

    period = models.ForeignKey(Period, models.CASCADE, related_name="reminders", verbose_name=_("period"))
    due_on = models.DateField(_("due on"))
    days_left = models.PositiveSmallIntegerField(_("days left"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(fields=["period", "due_on", "days_left"], name="curricula_reminder_once")
        ]

    def __str__(self) -> str:
        return f"{self.period}: {self.days_left}"
