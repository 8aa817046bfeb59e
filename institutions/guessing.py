"""A brake on guessing passwords: ten wrong ones for an e-mail from an address, then a quarter of an hour of rest.

Wherever one is asked for: to sign in, and to change it. By pair, so that nobody can lock a person out from elsewhere;
rows, so that it holds in every process of every machine.
"""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from institutions.models import SignInAttempt
from institutions.tallying import refuse_sign_in

LIMIT = 10
REST = timedelta(minutes=15)


def address_of(request: HttpRequest) -> str:
    """Where the request comes from. Of what a proxy says only the last word is its own; visitors write the others."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    address: str = forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR", "")
    return address[:45]


def folded(email: str) -> str:
    """One key for all spellings that find the same account: the database compares e-mails in capitals, in which the
    dotless ı is an I and the long ſ an S."""
    return email.upper().lower()[:254]


def allow_attempt(email: str, address: str, *, limit: int = LIMIT) -> bool:
    """Count an attempt before it is made; False if it must not be made. `forget_attempts` once it has succeeded.

    Written first and counted then: of a hundred attempts at the same moment no more than ten are let through.
    """
    now = timezone.now()
    attempt = SignInAttempt.objects.create(email=folded(email), address=address)
    SignInAttempt.objects.filter(tried_at__lt=now - REST).delete()
    tried = SignInAttempt.objects.filter(email=attempt.email, address=address).count()
    if tried > limit:
        attempt.delete()  # what is not tried does not lengthen the rest
        refuse_sign_in("too many")
    return tried <= limit


def forget_attempts(email: str, address: str) -> None:
    SignInAttempt.objects.filter(email=folded(email), address=address).delete()
