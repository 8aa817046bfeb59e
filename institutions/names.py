"""Names in three languages: which one to show, how to search them, and the Kazakh order.

Two foldings. `casefolded` makes texts the same that differ in case only: titles are told apart by it. `search_column`
and `matching` also forgive Kazakh letters that were typed without their marks: nobody has to find them on a Russian
keyboard to find a row.
"""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.utils.translation import get_language

LANGUAGES = ("kk", "ru", "en")

KAZAKH_ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
_IN_ORDER = "".join(chr(0x0430 + position) for position in range(len(KAZAKH_ALPHABET)))
_LATIN = "abcdefghijklmnopqrstuvwxyz"

_UPPER = KAZAKH_ALPHABET.upper() + _LATIN.upper()
_LOWER = KAZAKH_ALPHABET + _LATIN

# What people type for the letters that a Russian keyboard lacks, and for the one that they don't bother with.
WITHOUT_MARKS = str.maketrans("әғқңөұүһіё", "агкноуухие")
_PUNCTUATION = "«»„“”\"'’ʼ()[].,;:!?/-–—\t\r\n\u00a0"
_TYPED = _UPPER + KAZAKH_ALPHABET + _PUNCTUATION
_SEARCHED = (_LOWER + KAZAKH_ALPHABET).translate(WITHOUT_MARKS) + " " * len(_PUNCTUATION)

MOST_WORDS = 12
SHORT = 3  # a word of so many letters is searched from the start of a word: ИИ is not in "химии"


def localized(row: object, field: str) -> str:
    """The value of `<field>_<language>` in the reader's language, else in Russian, Kazakh or English."""
    wanted = (get_language() or "kk")[:2]
    for language in (wanted, "ru", "kk", "en"):
        value: str = getattr(row, f"{field}_{language}", "") or ""
        if value:
            return value
    return ""


def casefolded(text: str) -> str:
    """The same folding as `folded` and `title_key`."""
    return text.strip().translate(str.maketrans(_UPPER, _LOWER))


def search_words(text: str) -> list[str]:
    """The words of what a person types into a search box, folded as `search_column` is; all of them must be in it."""
    words = text.translate(str.maketrans(_TYPED, _SEARCHED)).split()
    return [f" {word}" if len(word) <= SHORT and word.isalpha() else word for word in words[:MOST_WORDS]]


def matching(text: str, column: str = "search") -> Q:
    """The rows whose `search_column` has every word of the text; all rows for a text without a word."""
    return Q(*((f"{column}__contains", word) for word in search_words(text)))


def _translate(expression: models.expressions.Combinable, old: str, new: str) -> Func:
    # `translate` depends on no collation, so it is the same on every PostgreSQL, with or without ICU.
    return Func(expression, Value(old), Value(new), function="translate", output_field=models.TextField())


def folded(column: str) -> Func:
    """A column as `casefolded` folds a text, for a comparison within a query."""
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
    """A stored text of several columns to search in, made by the database on every path; see `matching`."""
    joined: models.expressions.Combinable = Value("")
    for column in columns:
        joined = Concat(joined, Value(" "), F(column), output_field=models.TextField())
    return models.GeneratedField(
        expression=_translate(joined, _TYPED, _SEARCHED), output_field=models.TextField(), db_persist=True
    )


def in_kazakh_order(column: str) -> Func:
    """What to order a text by: the 42 letters in their order, which byte order does not give."""
    return _translate(F(column), KAZAKH_ALPHABET.upper() + KAZAKH_ALPHABET, _IN_ORDER * 2)


def kazakh_order(column: str) -> models.GeneratedField:
    """A stored sort key of a Kazakh text."""
    return models.GeneratedField(
        expression=in_kazakh_order(column),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )
