"""How words sound, whatever script they are written in; and the initials by which institutions are known."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# Kazakh letters sound like those that stand for them on a Russian keyboard.
CYRILLIC = {
    "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "g", "д": "d", "е": "e", "ё": "e", "ж": "ž", "з": "z",
    "и": "i", "й": "i", "і": "i", "ы": "i", "к": "k", "қ": "k", "л": "l", "м": "m", "н": "n", "ң": "n", "о": "o",
    "ө": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ұ": "u", "ү": "u", "ф": "f", "х": "h", "һ": "h",
    "ц": "ts", "ч": "č", "ш": "š", "щ": "š", "ъ": "", "ь": "", "э": "e", "ю": "iu", "я": "ia",
}  # fmt: skip
# Latin alphabets for Kazakh of 2018 and 2021, and the library standard ISO 9, where to drop the mark would mislead.
MARKED = str.maketrans(
    {"ş": "š", "ŝ": "š", "š": "š", "ç": "č", "č": "č", "ž": "ž", "ý": "u", "ı": "i", "â": "ia", "û": "iu"}
)

# Ways of writing one sound in Latin letters, in the order in which they are read.
LATIN = [
    (re.compile(spelling), sounds)
    for spelling, sounds in (
        ("shch|sch|sh", "š"),
        ("ch", "č"),
        ("zh", "ž"),
        ("(?<=[aeiouy])j(?![aeiouy])", "i"),  # Abaj; but Jambyl, Qoja
        ("j", "ž"),
        ("kh", "h"),
        ("gh", "g"),
        ("ph", "f"),
        ("tz", "ts"),
        ("ck|c|q", "k"),
        ("x", "ks"),
        ("w", "u"),
        ("(?<![aeiou])yo", "e"),  # Gumilyov as Гумилёв
        ("y", "i"),
    )
]
# What is written in one way and in another also within a script.
EITHER = [
    (re.compile(spelling), sounds)
    for spelling, sounds in (
        ("ie", "e"),  # Nazarbayev, Назарбаев
        ("ng", "n"),  # ң
        (r"(.)\1+", r"\1"),  # Yassawi, Ясауи
    )
]

LAYOUTS = ("qwertyuiop[]asdfghjkl;'zxcvbnm,.", "йцукенгшщзхъфывапролджэячсмитьбю")
OTHER_LAYOUT = str.maketrans("".join(LAYOUTS), "".join(reversed(LAYOUTS)))

# What a name says of whom an institution is named after, which initials leave out.
NAMED_AFTER = [
    re.compile(r"\s+(?:имени|им\.)\s.*", re.IGNORECASE),
    re.compile(r".*\sатындағы\s+", re.IGNORECASE),
]
SMALL = {"и", "при", "по", "в", "на", "және", "мен", "and", "of", "the", "for", "under", "in"}
WORD, PART = re.compile(r"[^\W_]+"), re.compile(r"[^\W\d_]+")
APOSTROPHES = re.compile(r"(?<=\w)['’ʼʹ`](?=\w)")


def words(text: str) -> list[str]:
    """The words of a text as they sound."""
    sounds = (sound(word) for word in WORD.findall(APOSTROPHES.sub("", text)))
    return [word for word in sounds if word]


@lru_cache(maxsize=100_000)
def sound(word: str) -> str:
    """A word as it sounds, in Latin letters; empty for one that makes no sound."""
    heard = "".join(map(_unmarked, unicodedata.normalize("NFC", word.lower()).translate(MARKED)))
    for spelling, sounds in LATIN:
        heard = spelling.sub(sounds, heard)
    heard = "".join(CYRILLIC.get(letter, letter) for letter in heard)
    for spelling, sounds in EITHER:
        heard = spelling.sub(sounds, heard)
    return heard


def _unmarked(letter: str) -> str:
    if letter in CYRILLIC or letter in "šžč":
        return letter
    parts = unicodedata.normalize("NFKD", letter).lower()  # ᴬ comes apart into a capital
    return "".join(part for part in parts if not unicodedata.combining(part))


def other_layout(text: str) -> str:
    """What the same keys write with the keyboard in the other script: `rfpye` is казну."""
    return text.lower().translate(OTHER_LAYOUT)


def initials(name: str) -> set[str]:
    """The short names that a name may have: КНУ and КазНУ of «Казахский национальный университет имени аль-Фараби».

    The first letter of each word, of the first word also three; without whom it is named after, with and without
    small words; a word of capitals is taken whole. In English nothing marks whom it is named after, so every end of
    three words or more counts.
    """
    name = without_whom(name)
    parts = PART.findall(name)
    return {
        short
        for kept in (parts, [part for part in parts if part.lower() not in SMALL])
        for ending in (kept[start:] for start in range(max(1, len(kept) - 2) if name.isascii() else 1))
        for short in _initials(ending)
        if len(short) > 1
    }


def without_whom(name: str) -> str:
    """A Russian or Kazakh name without whom the institution is named after."""
    for rule in NAMED_AFTER:
        name = rule.sub("", name)
    return name


def _initials(parts: list[str]) -> Iterator[str]:
    letters = [part if part.isupper() else part[0] if part in SMALL else part[0].upper() for part in parts]
    yield "".join(letters)
    if parts and not parts[0].isupper():
        yield "".join([parts[0][:3].capitalize(), *letters[1:]])
