"""Kazakh and Russian are complete where the libraries speak: every string of theirs, dates and numbers."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import django
import django_filters
import polib
import pytest
import rest_framework
from django import forms
from django.utils import formats, translation

LIBRARIES = {
    "django": Path(django.__file__).parent / "conf/locale/en/LC_MESSAGES/django.po",
    "admin": Path(django.__file__).parent / "contrib/admin/locale/en/LC_MESSAGES/django.po",
    "auth": Path(django.__file__).parent / "contrib/auth/locale/en/LC_MESSAGES/django.po",
    "humanize": Path(django.__file__).parent / "contrib/humanize/locale/en/LC_MESSAGES/django.po",
    "filters": Path(django_filters.__file__).parent / "locale/ru/LC_MESSAGES/django.po",
    "rest": Path(rest_framework.__file__).parent / "locale/en/LC_MESSAGES/django.mo",
}
# The same letters in every language.
ALIKE = {
    "URL",
    ", ",
    ":",
    "…",
    ":?.!",
    "IPv4",
    "IPv6",
    "%(truncated_text)s…",
    "%(class_name)s %(instance)s",
    "%s (%s)",
}


def messages(path: Path) -> list[tuple[str | None, str, str]]:
    catalogue = polib.mofile(str(path)) if path.suffix == ".mo" else polib.pofile(str(path))
    entries = [entry for entry in catalogue if entry.msgid and not getattr(entry, "obsolete", False)]
    return [(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in entries]


def translated(context: str | None, text: str, plural: str) -> str:
    if plural:
        return (
            translation.npgettext(context, text, plural, 1)
            if context
            else translation.ngettext(text, plural, 1)
        )
    return translation.pgettext(context, text) if context else translation.gettext(text)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_string_of_the_libraries_is_there(library: str, language: str) -> None:
    with translation.override(language):
        left = [
            text
            for context, text, plural in messages(LIBRARIES[library])
            if translated(context, text, plural) == text
        ]
    assert [text for text in left if text not in ALIKE] == []


@pytest.mark.parametrize(
    ("language", "day", "number"),
    [
        ("kk", "2026\N{NO-BREAK SPACE}ж. 1 қазан", "10\N{NO-BREAK SPACE}142,5"),
        ("ru", "1 октября 2026\N{NO-BREAK SPACE}г.", "10\N{NO-BREAK SPACE}142,5"),
        ("en", "1 October 2026", "10\N{NO-BREAK SPACE}142.5"),
    ],
)
def test_days_and_numbers_are_written_as_the_language_does(language: str, day: str, number: str) -> None:
    with translation.override(language):
        assert formats.date_format(datetime(2026, 10, 1, 9, tzinfo=UTC)) == day
        assert formats.number_format(Decimal("10142.5"), force_grouping=True) == number


def test_a_kazakh_day_is_read_back() -> None:
    with translation.override("kk"):
        assert forms.DateField(localize=True).clean("01.10.2026") == date(2026, 10, 1)


def test_plurals_are_counted_by_the_rules_of_the_language() -> None:
    with translation.override("ru"):
        counted = [translation.ngettext("%(num)d day", "%(num)d days", number) for number in (1, 3, 5, 21)]
    assert [text.replace("%(num)d", "").strip() for text in counted] == ["день", "дня", "дней", "день"]
