"""Webhooks: where an institution's systems are told of what happened, and each message on its way there."""

import json
import uuid
from typing import Any, ClassVar, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from institutions.models.registry import Institution
from institutions.scoping import ScopedQuerySet

MOST = 5
LONGEST_ANSWER = 500


class Event(models.TextChoices):
    RETURNED = "curricula.returned", _("the ministry has returned curricula or staff figures")
    APPROVED = "curricula.approved", _("the ministry has approved curricula or staff figures")
    PUBLISHED = "release.published", _("figures have been published")


class Failure(models.TextChoices):
    ADDRESS = (
        "address",
        _("The address can't be used. Give one that begins with https:// and leads to a public host."),
    )
    NAME = "name", _("There is no such host. Correct the address, or wait until its name is known.")
    PRIVATE = (
        "private",
        _("The host's address is not a public one. Let its name lead to an address on the internet."),
    )
    CONNECTION = (
        "connection",
        _("The host takes no connection. See that the system runs and that its firewall lets us in."),
    )
    CERTIFICATE = (
        "certificate",
        _("The host's certificate is not trusted. Install a valid one, with its whole chain."),
    )
    TIME = "time", _("No answer within 10 seconds. Answer first, and work on the message afterwards.")
    ANSWER = "answer", _("What came back is no answer of a web server. Look at what listens there.")
    SECRET = "secret", _("The secret can't be read any more. Make a new one on the page of the webhook.")


class WebhookQuerySet(ScopedQuerySet):
    def told_of(self, event: str) -> Self:
        """Those that want this event; also while they are paused: then it waits for them."""
        return self.filter(wants__contains=[event])

    def in_state(self, state: str) -> Self:
        paused = Q(paused_at__isnull=False)
        if state == Webhook.State.PAUSED:
            return self.filter(paused)
        return self.filter(~paused, failing_since__isnull=state == Webhook.State.ON)

    def with_log(self) -> Self:
        """With `delivered_at`, when a message arrived last, and `failed`, how many of the last 30 days have not: those
        that were given up, and those that are still tried."""
        sent = WebhookDelivery.objects.filter(webhook=OuterRef("pk")).order_by()
        failed = sent.filter(Q(given_up_at__isnull=False) | Q(delivered_at=None, tries__gt=0))
        last = sent.values("webhook").annotate(last=Max("delivered_at")).values("last")
        many = failed.values("webhook").annotate(many=Count("pk")).values("many")
        return self.annotate(delivered_at=Subquery(last), failed=Coalesce(Subquery(many), 0))


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["secret", "old_secret", "failing_since", "rests_until", "tried_at"],
)
class Webhook(models.Model):
    """One address of an institution's system that is told of events; `number` is its place, 1 to 5.

    Secrets are sealed by `institutions.sealing`. The old one signs, too, until `old_secret_until`. `failing_since` is
    the first failure after the last success; until `rests_until` nothing else is tried there. Paused, it is sent
    nothing: by a signatory, by the ministry (`paused_because` says why), or because nothing has arrived for days (then
    it is failing as well). What comes up meanwhile waits.
    """

    Event = Event

    class State(models.TextChoices):
        ON = "on", _("on")
        FAILING = "failing", _("failing")
        PAUSED = "paused", _("paused")

    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="webhooks", verbose_name=_("institution")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    address = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=200, blank=True)
    wants = ArrayField(models.CharField(max_length=30, choices=Event), verbose_name=_("events"))
    secret = models.TextField(editable=False)
    old_secret = models.TextField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(_("old secret valid until"), null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    paused_at = models.DateTimeField(_("paused at"), null=True, blank=True)
    paused_because = models.TextField(_("why the ministry has switched it off"), blank=True, db_default="")
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    rests_until = models.DateTimeField(null=True, blank=True, editable=False)
    tried_at = models.DateTimeField(_("last tried at"), null=True, blank=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        default_permissions = ()
        permissions = [
            ("oversee_webhook", "Can see the webhooks of all institutions"),
            ("pause_webhook", "Can switch off the webhook of an institution"),
        ]
        ordering: ClassVar[list[str]] = ["institution", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "number"], name="institutions_webhook_number_once"
            ),
            models.UniqueConstraint(
                fields=["institution", "address"], name="institutions_webhook_address_once"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MOST), name="institutions_webhook_so_many"
            ),
            models.CheckConstraint(
                condition=Q(address__startswith="https://"), name="institutions_webhook_https"
            ),
            models.CheckConstraint(
                condition=Q(wants__len__gte=1, wants__contained_by=Event.values),
                name="institutions_webhook_has_events",
            ),
            models.CheckConstraint(condition=~Q(secret=""), name="institutions_webhook_has_secret"),
            models.CheckConstraint(
                condition=Q(old_secret="", old_secret_until=None)
                | (~Q(old_secret="") & Q(old_secret_until__isnull=False)),
                name="institutions_webhook_old_secret_ends",
            ),
            models.CheckConstraint(
                condition=Q(paused_because="") | Q(paused_at__isnull=False),
                name="institutions_webhook_paused_because",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def state(self) -> str:
        if self.paused_at:
            return self.State.PAUSED
        return self.State.FAILING if self.failing_since else self.State.ON

    @property
    def state_name(self) -> str:
        return str(self.State(self.state).label)

    @property
    def signs_with_both(self) -> bool:
        return self.old_secret_until is not None and self.old_secret_until > timezone.now()

    @property
    def event_names(self) -> list[str]:
        return [str(self.Event(event).label) for event in self.wants]


class DeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def outstanding(self) -> Self:
        """Neither delivered nor given up."""
        return self.filter(delivered_at=None, given_up_at=None)

    def due(self) -> Self:
        """Outstanding, and neither it nor its webhook rests or is paused. A test message goes out in any case."""
        awake = Q(webhook__rests_until=None) | Q(webhook__rests_until__lte=Now())
        return self.outstanding().filter(
            (awake & Q(webhook__paused_at=None)) | Q(event=WebhookDelivery.PING), next_try_at__lte=Now()
        )

    def fairly(self) -> Self:
        """Test messages first, for somebody waits for them; then what serves all best: no webhook that fails or that
        was just served comes before one that has waited."""
        return self.order_by(
            models.Case(models.When(event=WebhookDelivery.PING, then=0), default=1),
            F("webhook__failing_since").asc(nulls_first=True),
            F("webhook__tried_at").asc(nulls_first=True),
            "next_try_at",
            "pk",
        )


class WebhookDelivery(models.Model):
    """One message to one webhook: the to-do item and the record.

    `body` is what goes out, letter by letter, for it is signed; `message` is its number, the same at each attempt.
    `once` is what it is about: there is one message about it to a webhook. `tries` counts since it was last asked for.
    """

    PING = "ping"
    EVENTS = [*Webhook.Event.choices, (PING, _("test message"))]

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", verbose_name=_("webhook"))
    event = models.CharField(_("event"), max_length=30, choices=EVENTS)
    once = models.CharField(_("about"), max_length=100)
    message = models.UUIDField(_("message"), default=uuid.uuid4, unique=True, editable=False)
    body = models.TextField(_("body"))
    created_at = models.DateTimeField(_("happened at"), default=timezone.now)
    next_try_at = models.DateTimeField(_("to be sent from"), default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up at"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                "next_try_at", condition=Q(delivered_at=None, given_up_at=None), name="delivery_due"
            ),
            models.Index(fields=["webhook", "-created_at", "-id"], name="delivery_log"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "once"], name="institutions_webhookdelivery_once"),
            models.UniqueConstraint(
                fields=["webhook"],
                condition=Q(event="ping", delivered_at=None, given_up_at=None),
                name="institutions_webhookdelivery_one_ping",
            ),
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(given_up_at=None),
                name="institutions_webhookdelivery_one_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} · {self.webhook}"

    @property
    def message_id(self) -> str:
        return f"msg_{self.message.hex}"

    @property
    def is_outstanding(self) -> bool:
        return self.delivered_at is None and self.given_up_at is None

    @property
    def may_be_sent_again(self) -> bool:
        return not self.webhook.paused_at or self.event == self.PING

    @property
    def content(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def last_attempt(self) -> "WebhookAttempt | None":
        """Of those that were fetched with it."""
        return max(self.attempts.all(), key=lambda attempt: attempt.pk, default=None)


class WebhookAttempt(models.Model):
    """One try to deliver: what came back, or why nothing did.

    `status` is the answer's; None where none came, and then `failure` says why and `detail` how the machine puts it.
    `answer` is the beginning of the answer's body.
    """

    delivery = models.ForeignKey(
        WebhookDelivery, models.CASCADE, related_name="attempts", verbose_name=_("delivery")
    )
    at = models.DateTimeField(_("at"))
    duration_ms = models.PositiveIntegerField(_("duration in milliseconds"))
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=LONGEST_ANSWER, blank=True)
    failure = models.CharField(_("failure"), max_length=20, choices=Failure, blank=True)
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=None, answer="", failure__in=Failure.values)
                | Q(status__isnull=False, failure=""),
                name="institutions_webhookattempt_answer_or_failure",
            ),
        ]

    def __str__(self) -> str:
        return str(self.status or self.failure)

    @property
    def words(self) -> str:
        """What came of it, with the remedy."""
        if self.failure:
            return str(self.get_failure_display())
        told = {"status": self.status}
        if self.is_success:
            return gettext("Answered %(status)d: received.") % told
        if 300 <= (self.status or 0) < 400:
            return (
                gettext(
                    "Answered %(status)d and led elsewhere, which is not followed. Give the final address."
                )
                % told
            )
        return (
            gettext("Answered %(status)d. See your system’s log; only 200 to 299 counts as received.") % told
        )

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300
