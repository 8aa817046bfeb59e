"""One-time codes of an authenticator app (TOTP, RFC 6238: SHA-1, six digits, thirty seconds), and codes for when it is
lost. Arithmetic only: no clock, no database.
"""

import base64
import hmac
import secrets
import struct
from urllib.parse import quote, urlencode

STEP = 30  # seconds for which a code stands
DIGITS = 6
DRIFT = 1  # steps by which a telephone's clock may be off, either way
SECRET_BYTES = 20

RECOVERY_CODES = 10
ALPHABET = (
    "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that can be mistaken for another: five bits a character
)
GROUPS, GROUP = 3, 4


def new_secret() -> str:
    """As apps take it: base32 without padding."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode().rstrip("=")


def code_at(secret: str, step: int) -> str:
    """The code that stands at the given count of steps since 1970 (RFC 4226, 5.3)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 0x0F
    (number,) = struct.unpack(">I", digest[offset : offset + 4])
    return f"{(number & 0x7FFFFFFF) % 10**DIGITS:0{DIGITS}}"


def step_of(typed: str, *, secret: str, at: float, after: int = -1) -> int | None:
    """The step whose code was typed, if it stands at the moment `at` and comes after the last one that was used."""
    now = int(at) // STEP
    matching = [
        step
        for step in range(now - DRIFT, now + DRIFT + 1)
        if hmac.compare_digest(code_at(secret, max(step, 0)).encode(), typed.encode())
    ]
    return next((step for step in matching if step > after), None)


def uri(secret: str, *, account: str, issuer: str) -> str:
    """What the picture for the app says."""
    label = f"{quote(issuer)}:{quote(account)}"
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer, 'digits': DIGITS})}"


def new_recovery_codes() -> list[str]:
    """Each serves once: sixty bits, in groups that one can read out."""
    return [
        "-".join("".join(secrets.choice(ALPHABET) for _letter in range(GROUP)) for _group in range(GROUPS))
        for _code in range(RECOVERY_CODES)
    ]


def plain(typed: str) -> str:
    """A code as it was meant: blanks and hyphens are for the eye."""
    return "".join(typed.split()).replace("-", "").lower()
