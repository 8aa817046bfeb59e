"""Seals what must be read again but is worth nothing in a copy of the database: by a key that SECRET_KEY leads to.

While a key is exchanged, SECRET_KEY_FALLBACKS still opens what it sealed: `renewed` seals that anew.
"""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def keys() -> list[str]:
    """The key of today, then those that still open what is from before."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def seal(words: str) -> str:
    return _ring().encrypt(words.encode()).decode()


def unseal(sealed: str) -> str | None:
    """The words; None if they were sealed under a key that is not known any more, or never."""
    try:
        return _ring().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def renewed(sealed: str) -> str | None:
    """The same words under the key of today; the very same seal where it is of that key; None as `unseal`."""
    try:
        _key(settings.SECRET_KEY).decrypt(sealed.encode())
    except InvalidToken:
        words = unseal(sealed)
        return None if words is None else seal(words)
    return sealed


def _ring() -> MultiFernet:
    return MultiFernet([_key(key) for key in keys()])


@cache
def _key(secret_key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"institutions.sealing").derive(
        secret_key.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))
