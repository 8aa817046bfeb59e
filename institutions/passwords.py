"""A new password by letter. Asking does the same work for every address, so neither the answer nor its time tells who
has an account; the worker looks for the account when it sends (`institutions.sending`).
"""

import hashlib

from django.conf import settings
from django.utils import timezone

from institutions.guessing import folded
from institutions.letters import post
from institutions.models import Letter

# Of all that is asked for an address in so many seconds, one letter is written: nobody's box can be filled from here.
AT_MOST_EVERY = 600


def ask_for_letter(*, email: str, language: str) -> None:
    """Write the letter for this address, if it has an account. `language` is for who has not chosen one."""
    whose = hashlib.sha256(folded(email).encode()).hexdigest()[:32]
    post(
        [
            Letter(
                kind=Letter.Kind.PASSWORD,
                address=email,
                language=language or settings.LANGUAGE_CODE,
                once=f"password:{whose}:{int(timezone.now().timestamp()) // AT_MOST_EVERY}",
            )
        ]
    )
