"""What a request was answered with, for whoever sends it a second time."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from institutions.models.keys import ApiKey


class GivenAnswer(models.Model):
    """The answer to one write that named itself by `Idempotency-Key`, written with it; kept for a day.

    `request_hash` is the SHA-256 of method, address and body: under the same name nothing else may be sent.
    """

    key = models.ForeignKey(ApiKey, models.PROTECT, related_name="answers")
    name = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    given_at = models.DateTimeField()

    class Meta:
        verbose_name = _("answer to a program")
        verbose_name_plural = _("answers to programs")
        default_permissions = ()
        indexes = [models.Index(fields=["given_at"], name="given_answer_oldest")]
        constraints = [
            models.UniqueConstraint(fields=["key", "name"], name="institutions_givenanswer_once"),
            models.CheckConstraint(
                condition=Q(status__gte=200, status__lt=300), name="institutions_givenanswer_of_a_success"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.status}"
