"""Signatures of messages, as https://www.standardwebhooks.com describes them, and the secrets that make them.

A receiver proves a message with the secret, so it must be kept readable; it is sealed in its row, so that neither a
copy of the database nor SECRET_KEY alone is enough to forge one (docs/adr/0030-webhook-secrets-are-sealed.md).
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from institutions.models import Webhook
from institutions.sealing import seal, unseal

PREFIX = "whsec_"


class Unreadable(Exception):
    """The secret was sealed under a SECRET_KEY that is not known any more."""


def new_secret() -> str:
    """Sealed; 32 random bytes, in the form in which receivers' libraries take them."""
    return seal(PREFIX + base64.b64encode(secrets.token_bytes(32)).decode())


def secret_of(webhook: Webhook) -> str:
    return _opened(webhook.secret)


def headers(webhook: Webhook, message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """What goes with a message: its number, the time, and a signature by each secret that is valid now.

    Raises Unreadable.
    """
    timestamp = str(int(now.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    sealed = [webhook.secret]
    if webhook.signs_with_both:
        sealed.append(webhook.old_secret)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(_opened(one), signed) for one in sealed),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _opened(sealed: str) -> str:
    secret = unseal(sealed)
    if secret is None:
        raise Unreadable
    return secret
