"""Names in three languages: which one to show, how to search them, and the Kazakh order."""

from django.db import models
from django.db.models import F, Func, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.utils.translation import get_language

LANGUAGES = ("kk", "ru", "en")

KAZAKH_ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
_IN_ORDER = "".join(chr(0x0430 + position) for position in range(len(KAZAKH_ALPHABET)))
_LATIN = "abcdefghijklmnopqrstuvwxyz"

_UPPER = KAZAKH_ALPHABET.upper() + _LATIN.upper()
_LOWER = KAZAKH_ALPHABET + _LATIN


def localized(row: object, field: str) -> str:
    """The value of `<field>_<language>` in the reader's language, else in Russian, Kazakh or English."""
    wanted = (get_language() or "kk")[:2]
    for language in (wanted, "ru", "kk", "en"):
        value: str = getattr(row, f"{field}_{language}", "") or ""
        if value:
            return value
    return ""


def casefolded(text: str) -> str:
    """The same folding as `search_column`, for what a person types into a search box."""
    return text.strip().translate(str.maketrans(_UPPER, _LOWER))


def _translate(expression: models.expressions.Combinable, old: str, new: str) -> Func:
    # `translate` depends on no collation, so it is the same on every PostgreSQL, with or without ICU.
    return Func(expression, Value(old), Value(new), function="translate", output_field=models.TextField())


def folded(column: str) -> Func:
    """A column as `search_column` folds it, for a comparison within a query."""
    return _translate(F(column), _UPPER, _LOWER)


def first_title(prefix: str = "") -> Func:
    """The title by which rows are the same: the Russian one, else the Kazakh, else the English, trimmed."""
    return Trim(
        Coalesce(
            NullIf(F(f"{prefix}title_ru"), Value("")),
            NullIf(F(f"{prefix}title_kk"), Value("")),
            F(f"{prefix}title_en"),
        )
    )


def title_key() -> models.GeneratedField:
    """`first_title`, folded and stored: to fold thousands of titles in a query takes a second."""
    return models.GeneratedField(
        expression=_translate(first_title(), _UPPER, _LOWER), output_field=models.TextField(), db_persist=True
    )


def search_column(*columns: str) -> models.GeneratedField:
    """A stored, casefolded text of several columns, made by the database on every path."""
    joined: models.expressions.Combinable = F(columns[0])
    for column in columns[1:]:
        joined = Concat(joined, Value(" "), F(column), output_field=models.TextField())
    return models.GeneratedField(
        expression=_translate(joined, _UPPER, _LOWER), output_field=models.TextField(), db_persist=True
    )


def kazakh_order(column: str) -> models.GeneratedField:
    """A stored sort key of a Kazakh text: the 42 letters in their order, which byte order does not give."""
    return models.GeneratedField(
        expression=_translate(F(column), KAZAKH_ALPHABET.upper() + KAZAKH_ALPHABET, _IN_ORDER * 2),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )
