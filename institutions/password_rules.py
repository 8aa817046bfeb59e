"""Rules for passwords beside Django's own: not longer than can be meant, and not one of the country's common words.

No rule of composition, and no change by the calendar: both make passwords worse (ASVS 5.0, 6.2.5 and 6.2.10).
"""

from functools import cache
from pathlib import Path
from typing import Any

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


def once(letters: str) -> str:
    """“парольпароль” is “пароль”: the shortest piece that makes up the whole by being repeated."""
    return letters[: (letters * 2).find(letters, 1)] if letters else ""


@cache
def common_words() -> frozenset[str]:
    lines = WORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
