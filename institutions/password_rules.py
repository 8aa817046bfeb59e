"""Rules for passwords beside Django's own: not longer than can be meant, not one of the country's common words, and not
one that a breach has made known.

No rule of composition, and no change by the calendar: both make passwords worse (ASVS 5.0, 6.2.5 and 6.2.10).
"""

import hashlib
import os
from bisect import bisect_left
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WORDS = Path(__file__).parent / "reference" / "common_passwords.txt"
LONGEST, FEW = 256, 5


class MaximumLengthValidator:
    """Any sentence fits; what is beyond only keeps the hash busy."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return _("Your password must have at most %(most)d characters.") % {"most": LONGEST}


class CommonHereValidator:
    """Django's list has twenty thousand passwords, nearly all English and most too short to be chosen here at all. What
    is long enough is a word with digits or signs around it, or twice the same: so only the letters are compared. Nor is
    a few signs over and over a password.
    """

    def validate(self, password: str, user: Any = None) -> None:
        letters = "".join(filter(str.isalpha, password.casefold()))
        typed = "".join(password.casefold().split())  # some words' keys are no letters on a Latin keyboard
        if len(once(typed)) < FEW or {once(letters), once(typed)} & common_words():
            raise ValidationError(
                _("This is a word that many people use, with or without digits around it."),
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return _("Your password can’t be a word that many people use, with or without digits around it.")


class BreachedValidator:
    """Nobody outside is asked: a file on this machine holds hashes of passwords that breaches have made known.

    One a line, SHA-1 in capitals, ascending, whatever follows it: the form of the whole list of Have I Been Pwned. Ours
    has the first twelve digits of each. A line is found by halving, so that a file of any size takes no memory.
    """

    def validate(self, password: str, user: Any = None) -> None:
        if any(is_listed(word) for word in {password, password.casefold()}):
            raise ValidationError(
                _(
                    "This password is known from a theft of passwords elsewhere. Take one that was never used."
                ),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return _("Your password can’t be one that is known from a theft of passwords elsewhere.")


def is_listed(password: str) -> bool:
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with open(settings.BREACHED_PASSWORDS, "rb") as file:

        def hash_from(place: int) -> bytes:
            """That of the first line that begins there or later; beyond the last line, what is beyond all hashes."""
            file.seek(max(place - 1, 0))
            if place:
                file.readline()
            return file.readline().split(b":")[0].strip() or b"~"

        wanted = wanted[: len(hash_from(0))]
        places = range(file.seek(0, os.SEEK_END))
        return hash_from(bisect_left(places, wanted, key=hash_from)) == wanted


def once(letters: str) -> str:
    """“парольпароль” is “пароль”: the shortest piece that makes up the whole by being repeated."""
    return letters[: (letters * 2).find(letters, 1)] if letters else ""


@cache
def common_words() -> frozenset[str]:
    lines = WORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
