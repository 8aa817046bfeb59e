"""Managing: a signatory says where the institution's systems are told of what, tries it, has messages sent again."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pghistory
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from institutions.access import signs_now
from institutions.bell import ring
from institutions.dates import day_and_time
from institutions.errors import Refused
from institutions.models import Institution, User, Webhook, WebhookDelivery
from institutions.models.webhooks import MOST
from institutions.webhooks import announcing, reaching, signing

BOTH_SECRETS_FOR = timedelta(days=1)


def add(
    *, institution: Institution, address: str, events: Collection[str], by: User, description: str = ""
) -> Webhook:
    """With a new secret. Raises Refused for an address that can't be one or is there already, and for a sixth."""
    address, chosen = _address(address), _events(events)
    with _at(institution, by, "add webhook"):
        there = dict(institution.webhooks.values_list("number", "address"))
        free = [number for number in range(1, MOST + 1) if number not in there]
        if not free:
            raise Refused(
                _("There are %(most)d webhooks already. Change one, or remove one that is no longer needed.")
                % {"most": MOST},
                code="too_many",
            )
        _refuse_twice(address, there.values())
        return Webhook.objects.create(
            institution=institution,
            number=free[0],
            address=address,
            description=description.strip(),
            wants=chosen,
            secret=signing.new_secret(),
            made_by=by,
        )


def change(
    *, webhook: Webhook, address: str, events: Collection[str], by: User, description: str = ""
) -> Webhook:
    """What waits goes to the new address; messages that were made keep their webhook."""
    address, chosen = _address(address), _events(events)
    with _at(webhook.institution, by, "change webhook"):
        webhook = _locked(webhook)
        others = webhook.institution.webhooks.exclude(pk=webhook.pk)
        _refuse_twice(address, others.values_list("address", flat=True))
        webhook.address, webhook.wants, webhook.description = address, chosen, description.strip()
        webhook.save(update_fields=["address", "wants", "description"])
    return webhook


def remove(*, webhook: Webhook, by: User) -> None:
    """With its messages, also those that wait."""
    with _at(webhook.institution, by, "remove webhook"):
        webhook = _locked(webhook)
        waiting = webhook.deliveries.outstanding()
        free = waiting.order_by().select_for_update(skip_locked=True).values_list("pk", flat=True)
        if len(free) < waiting.count():
            raise Refused(_being_sent(), code="being_sent")
        webhook.delete()


def pause(*, webhook: Webhook, by: User) -> None:
    with _at(webhook.institution, by, "pause webhook"):
        Webhook.objects.filter(pk=webhook.pk, paused_at=None).update(paused_at=timezone.now())


def resume(*, webhook: Webhook, by: User) -> None:
    """What came up meanwhile goes out now."""
    now = timezone.now()
    with _at(webhook.institution, by, "resume webhook"):
        Webhook.objects.filter(pk=webhook.pk).update(
            paused_at=None, paused_because="", failing_since=None, rests_until=None
        )
        webhook.deliveries.outstanding().filter(next_try_at__gt=now).update(next_try_at=now)
        transaction.on_commit(_ring)


def renew_secret(*, webhook: Webhook, by: User) -> None:
    """For a day both sign, so that no message is refused while the receiver changes over."""
    now = timezone.now()
    with _at(webhook.institution, by, "renew webhook secret"):
        locked = _locked(webhook)
        if locked.old_secret_until and locked.signs_with_both:
            raise Refused(
                _(
                    "The secret was renewed already: the one before still signs until %(moment)s. Renew it after."
                )
                % {"moment": day_and_time(locked.old_secret_until)},
                code="just_renewed",
            )
        locked.old_secret, locked.old_secret_until = locked.secret, now + BOTH_SECRETS_FOR
        locked.secret = signing.new_secret()
        locked.save(update_fields=["secret", "old_secret", "old_secret_until"])


def try_out(*, webhook: Webhook, by: User) -> WebhookDelivery:
    """Send a test message; also while it is paused."""
    with _at(webhook.institution, by, "try webhook"):
        webhook = _locked(webhook)
        if webhook.deliveries.outstanding().filter(event=WebhookDelivery.PING).exists():
            raise Refused(_("A test message is on its way. Wait until it has an answer."), code="being_tried")
        return announcing.ping(webhook)


def send_again(*, delivery: WebhookDelivery, by: User) -> None:
    """The same message under the same number, whether it arrived or was given up; one that waits goes out at once."""
    webhook = delivery.webhook
    with _at(webhook.institution, by, "send webhook again"):
        found = (
            webhook.deliveries.filter(pk=delivery.pk)
            .select_for_update(skip_locked=True, of=("self",))
            .first()
        )
        if found is None:
            raise Refused(_being_sent(), code="being_sent")
        if webhook.paused_at and found.event != WebhookDelivery.PING:
            raise Refused(
                _("This webhook is paused. Resume it first: what waits is sent then."), code="paused"
            )
        found.delivered_at = found.given_up_at = None
        found.next_try_at, found.tries = timezone.now(), 0
        found.save(update_fields=["delivered_at", "given_up_at", "next_try_at", "tries"])
        Webhook.objects.filter(pk=webhook.pk).update(rests_until=None)
        transaction.on_commit(_ring)


@contextmanager
def _at(institution: Institution, by: User, action: str) -> Iterator[None]:
    """One transaction at a time per institution: of two that add a fifth, one does."""
    with pghistory.context(user=by.pk, action=action), transaction.atomic():
        Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
        if not signs_now(by, institution):
            raise Refused(
                _("Only a signatory of %(institution)s can change its webhooks.")
                % {"institution": institution.name},
                code="not_signatory",
            )
        yield


def _locked(webhook: Webhook) -> Webhook:
    """As it is now; nobody removes it, and nothing is announced to it, before the transaction ends."""
    found = (
        Webhook.objects.select_for_update(no_key=True, of=("self",))
        .select_related("institution")
        .filter(pk=webhook.pk)
        .first()
    )
    if found is None:
        raise Refused(_("This webhook was removed meanwhile."), code="removed")
    return found


def _address(address: str) -> str:
    address = address.strip()
    try:
        reaching.check(address)
    except reaching.Unreached as error:
        raise Refused(str(error.failure.label), field="address", code="address") from error
    return address


def _events(events: Collection[str]) -> list[str]:
    chosen = [event for event in Webhook.Event.values if event in events]
    if not chosen:
        raise Refused(_("Choose at least one event."), field="events", code="no_event")
    return chosen


def _refuse_twice(address: str, others: Collection[str]) -> None:
    if address in others:
        raise Refused(
            _("There is a webhook with this address already. Change that one."), field="address", code="twice"
        )


def _being_sent() -> str:
    return _("A message is being sent this moment. Try again in a few seconds.")


def _ring() -> None:
    ring(announcing.SEND_TASK)
