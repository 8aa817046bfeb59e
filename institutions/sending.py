"""Sending letters: workers take what is due, one letter at a time, until nothing is left.

A letter's row is locked from before it goes to the mail server until it is marked as sent, and others skip locked rows:
two workers never send one letter at the same time. A worker that dies in between leaves it to the next one. So each
letter arrives at least once; a second copy is possible only if a worker dies in the instant after the mail server has
taken a letter and before the row says so. What fails is tried again after a while, and given up after the last pause.
"""

import hashlib
import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import parseaddr
from enum import Enum
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

import structlog
from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import override

from institutions.letters import worded
from institutions.models import Invitation, Letter, User

log = structlog.get_logger(__name__)

# After the first, second ... failure; after the last one there is no further attempt: two days in all.
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 960, 1440)]
KEPT = timedelta(days=180)


class Undeliverable(Exception):
    """The mail server will never take this letter."""


class Unreachable(Exception):
    """The mail server takes no letter at all now."""


class Outcome(Enum):
    SENT, NOT_SENT, NONE_LEFT, NO_SERVER = range(4)


def send_outstanding(*, seconds: float = 60) -> int:
    """Send what is due, oldest first, for about so long; the next sweep goes on. Returns how many were sent."""
    deadline = time.monotonic() + seconds
    sent = 0
    server = Server()
    try:
        while time.monotonic() < deadline:
            outcome = send_one(server.send)
            sent += outcome is Outcome.SENT
            if outcome in (Outcome.NONE_LEFT, Outcome.NO_SERVER):
                break
    finally:
        server.close()
    return sent


def forget_old() -> None:
    """Letters of half a year ago are nobody's business any more."""
    Letter.objects.filter(created_at__lt=Now() - KEPT).delete()


def send_one(send: Callable[[EmailMultiAlternatives], None]) -> Outcome:
    """Take the letter that has waited longest, and send it."""
    with transaction.atomic():
        letter = (
            Letter.objects.due()
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("user", "invitation")
            .order_by("next_try_at", "pk")
            .first()
        )
        if letter is None:
            return Outcome.NONE_LEFT
        if not still_wanted(letter):
            letter.delete()
            return Outcome.NOT_SENT
        try:
            send(message(letter))
        except (
            Exception
        ) as error:  # whatever went wrong: the letter stays, and the others must not wait for it
            postpone(letter, error)
            return Outcome.NO_SERVER if isinstance(error, Unreachable) else Outcome.NOT_SENT
        mark_as_sent(letter)
        return Outcome.SENT


def still_wanted(letter: Letter) -> bool:
    """Fill in what is known only now; False if the letter has lost its cause since it was written."""
    if letter.kind == Letter.Kind.INVITATION:
        invitation = letter.invitation
        digest = hashlib.sha256(letter.secret.encode()).hexdigest()
        return (
            invitation is not None
            and invitation.state == Invitation.State.OPEN
            and invitation.token_hash == digest
        )
    if letter.kind == Letter.Kind.PASSWORD:
        return find_account(letter)
    return letter.user is not None and letter.user.is_active


def find_account(letter: Letter) -> bool:
    """Whose password it is about, and the link. Made here and not when it was asked for: so asking takes the same time
    whether or not there is such an account, and the link is stored nowhere."""
    user = next(iter(PasswordResetForm().get_users(letter.address)), None)
    if not isinstance(user, User):
        return False
    letter.language = user.language or letter.language
    token = [urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)]
    with override(letter.language):
        letter.path = reverse("password-reset-confirm", args=token)
    letter.parameters = {"person": str(user)}
    letter.address = user.email
    return True


def message(letter: Letter) -> EmailMultiAlternatives:
    """Headers hold no line breaks: subjects are one line, addresses were checked, and Django refuses any other."""
    words = worded(letter)
    composed = EmailMultiAlternatives(subject=words.subject, body=words.text, to=[letter.to])
    composed.attach_alternative(words.html, "text/html")
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    composed.extra_headers |= {
        "Auto-Submitted": "auto-generated",  # no answer from whoever is on leave
        "Message-ID": f"<letter-{letter.pk}@{host}>",  # by which a second copy is known
    }
    return composed


def mark_as_sent(letter: Letter) -> None:
    letter.attempts += 1
    letter.sent_at, letter.secret, letter.failure = timezone.now(), "", ""
    letter.save(update_fields=["attempts", "sent_at", "secret", "failure"])


def postpone(letter: Letter, error: Exception) -> None:
    """Rest, longer each time; give up at once what the server refuses for good, and after the last pause."""
    letter.attempts += 1
    letter.failure = f"{type(error).__name__}: {error}".replace("\x00", "")[:500]
    if isinstance(error, Undeliverable) or letter.attempts > len(PAUSES):
        letter.given_up_at, letter.secret = timezone.now(), ""
    else:
        letter.next_try_at = timezone.now() + PAUSES[letter.attempts - 1]
    letter.save(update_fields=["attempts", "failure", "given_up_at", "next_try_at", "secret"])
    log.warning("letter not sent", letter_id=letter.pk, attempts=letter.attempts, error=letter.failure)


class Server:
    """The mail server: one connection for all letters of a round, a new one after a failure."""

    def __init__(self) -> None:
        self.connection: BaseEmailBackend | None = None

    def send(self, composed: EmailMultiAlternatives) -> None:
        try:
            self.open().send_messages([composed])
        except (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError) as refusal:
            self.close()
            if is_final(refusal):
                raise Undeliverable(str(refusal)) from refusal
            raise
        except Exception:
            self.close()
            raise

    def open(self) -> BaseEmailBackend:
        if self.connection is None:
            connection = get_connection()
            try:
                connection.open()
            except (OSError, SMTPException) as error:
                raise Unreachable(f"{type(error).__name__}: {error}") from error
            self.connection = connection
        return self.connection

    def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            try:
                connection.close()
            except Exception as error:  # it was lost already
                log.info("mail server did not say goodbye", error=str(error))


def is_final(refusal: SMTPRecipientsRefused | SMTPSenderRefused | SMTPDataError) -> bool:
    """A code of 500 and more says never, one of 400 and more says not now."""
    if isinstance(refusal, SMTPRecipientsRefused):
        codes = [code for code, _words in refusal.recipients.values()]
    else:
        codes = [refusal.smtp_code]
    return all(code >= 500 for code in codes)
