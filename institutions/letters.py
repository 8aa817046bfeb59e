"""Writing letters: a row each, in the transaction of their cause. `institutions.sending` sends them afterwards.

A letter is worded when it is sent, by the template of its kind (`templates/letters/<kind>.txt`: paragraphs parted by
blank lines, of which the first is the subject and the last the words of the link). Its parameters are plain words in
the reader's language, put down when it was written.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from institutions.bell import ring
from institutions.models import Letter, User
from institutions.wall import beyond

SEND_TASK = "institutions.tasks.send_letters"

Composed = tuple[dict[str, Any], str]


@dataclass(frozen=True)
class Worded:
    subject: str
    text: str
    html: str


def language_of(user: User) -> str:
    return user.language or settings.LANGUAGE_CODE


def drafted(*, kind: str, to: Iterable[User], once: str, compose: Callable[[], Composed]) -> list[Letter]:
    """One letter for each person who wants this kind, to be stored by `post`.

    `compose` gives the parameters and the path, and is called once for each language, with that language active.
    """
    composed: dict[str, Composed] = {}
    letters = []
    for user in to:
        if kind in user.quiet and kind in Letter.OPTIONAL:
            continue
        language = language_of(user)
        if language not in composed:
            with override(language):
                composed[language] = compose()
        parameters, path = composed[language]
        letters.append(
            Letter(
                kind=kind,
                user=user,
                language=language,
                parameters=parameters,
                path=path,
                once=f"{once}:{user.pk}",
            )
        )
    return letters


def post(letters: list[Letter]) -> None:
    """Store the letters in the running transaction, less those about which there is one already (`once`), and ring for
    them after its commit."""
    if letters:
        with beyond("letters go to people who may belong to any institution or to none"):
            Letter.objects.bulk_create(letters, ignore_conflicts=True, batch_size=500)
        transaction.on_commit(partial(ring, SEND_TASK))


def worded(letter: Letter) -> Worded:
    """The letter as it will be read. The language is the letter's, whoever asks."""
    with override(letter.language):
        context = {
            **{name: on_one_line(value) for name, value in letter.parameters.items()},
            "link": f"{settings.SITE_URL}{letter.path.replace('{secret}', letter.secret)}",
            "preferences": f"{settings.SITE_URL}{reverse('preferences')}" if letter.user_id else "",
        }
        filled = render_to_string(f"letters/{letter.kind}.txt", context)
        subject, *paragraphs, button = (
            on_one_line(paragraph) for paragraph in filled.split("\n\n") if paragraph.strip()
        )
        context |= {"subject": subject, "paragraphs": paragraphs, "button": button}
        context["optional"] = letter.kind in Letter.OPTIONAL
        return Worded(
            subject=subject,
            text=render_to_string("letters/letter.txt", context),
            html=render_to_string("letters/letter.html", context),
        )


def on_one_line(value: Any) -> Any:
    """What people have typed can neither begin a paragraph nor a header of its own."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, list):
        return [on_one_line(part) for part in value]
    if isinstance(value, dict):
        return {name: on_one_line(part) for name, part in value.items()}
    return value
