"""Seals what must be read again but is worth nothing in a copy of the database: by a key that SECRET_KEY leads to."""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(words: str) -> str:
    return _key(settings.SECRET_KEY).encrypt(words.encode()).decode()


def unseal(sealed: str) -> str | None:
    """The words; None if they were sealed under another SECRET_KEY, or never."""
    try:
        return _key(settings.SECRET_KEY).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


@cache
def _key(secret_key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"institutions.sealing").derive(
        secret_key.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))
