"""Letters: what is to be told to whom by e-mail, written with its cause and sent afterwards."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from institutions.models.invitations import Invitation
from institutions.models.users import User


class LetterQuerySet(models.QuerySet["Letter"]):
    def outstanding(self) -> "LetterQuerySet":
        """Neither sent nor given up."""
        return self.filter(sent_at=None, given_up_at=None)

    def due(self) -> "LetterQuerySet":
        """Outstanding, and not resting after a failure."""
        return self.outstanding().filter(next_try_at__lte=Now())


class Letter(models.Model):
    """One e-mail to one person, or to an address that has no account yet.

    The row is the to-do item and the record. `once` is what it is about: a second letter about the same is never
    written. `parameters` are plain words in `language`, so that it tells what was true when it was written. `path`
    leads to the place; where it holds `{secret}`, that is filled in only in the letter itself and forgotten once sent.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitations")
        PASSWORD = "password", _("a new password")
        RETURNED = "returned", _("the ministry has returned something")
        APPROVED = "approved", _("the ministry has approved a submission")
        DEADLINE = "deadline", _("a deadline is near: 14, 3 and 1 days before, while something is left to do")
        IMPORT = "import", _("a spreadsheet has been read after you had left the page")
        REMINDER = "reminder", _("a reminder that the ministry sends by hand")
        READY = "ready", _("a program of the university says that all is ready for signature")
        DAYS = "days", _("the ministry has moved the days of a period")
        WEBHOOK = "webhook", _("a webhook was paused, for nothing has arrived there for days")
        STOPPED = "stopped", _("the ministry has revoked a key or switched off a webhook")

    # What a person may do without.
    OPTIONAL = (Kind.RETURNED, Kind.APPROVED, Kind.DEADLINE, Kind.IMPORT, Kind.READY)

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="letters", verbose_name=_("user")
    )
    address = models.EmailField(_("address"), blank=True)
    invitation = models.ForeignKey(
        Invitation,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="letters",
        verbose_name=_("invitation"),
    )
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    parameters = models.JSONField(_("parameters"), default=dict)
    path = models.CharField(_("link"), max_length=300, blank=True)
    secret = models.CharField(max_length=100, blank=True, editable=False)
    once = models.CharField(_("about"), max_length=150, unique=True)
    created_at = models.DateTimeField(_("written at"), default=timezone.now)
    next_try_at = models.DateTimeField(_("to be sent from"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up at"), null=True, blank=True)
    failure = models.TextField(_("what went wrong"), blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                "next_try_at", condition=Q(sent_at=None, given_up_at=None), name="letter_outstanding"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, address="") | (Q(user=None) & ~Q(address="")),
                name="institutions_letter_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(given_up_at=None), name="institutions_letter_one_end"
            ),
            models.CheckConstraint(
                condition=Q(secret="") | Q(sent_at=None, given_up_at=None),
                name="institutions_letter_secret_until_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.to}"

    @property
    def to(self) -> str:
        """The address that the person has now."""
        return self.user.email if self.user else self.address
