"""Finds patterns of word stems in a text, in one pass over its words: no regular expression grows with the patterns or
backtracks over the text, so a long or hostile text takes time in proportion to its length.

A pattern is words with a space between: `машинн* обучени*`. `stem*` is a word that begins so, `*end` one that ends so,
`word` the word itself, and `..` stands for up to two words in between. Case, punctuation, ё and е, and Latin letters
typed for Cyrillic ones make no difference. A pattern never reaches over the end of a sentence.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from institutions.names import casefolded

GAP = ".."
MOST_BETWEEN = 2
LONGEST_WORD = 40  # longer ones are no words, and what is stored of them must stay short
LONGEST_BREAK = 3  # characters between two words of one term

WORD = re.compile(r"[^\W_\u00ad][^\W_]*(?:\u00ad[^\W_]+)*")
SENTENCE_ENDS = re.compile(r"[.!?;\n\r]")
LOOKALIKES = str.maketrans("aceopxyikhmtb", "асеорхуікһмтв")
LATIN, CYRILLIC = re.compile("[a-z]"), re.compile("[а-яәғқңөұүһі]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: how it reads when folded (both ways, if its letters are mixed), where it stands."""

    forms: tuple[str, ...]
    start: int
    end: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it was given (in composed form) and its words."""

    given: str
    words: tuple[Word, ...]

    def between(self, first: int, last: int) -> str:
        """What stands there from one word to another, both included."""
        return self.given[self.words[first].start : self.words[last].end]


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern found: the number of its entry, first and last word."""

    entry: int
    first: int
    last: int


def read(text: str) -> Text:
    given = unicodedata.normalize("NFC", text).strip()
    folded = casefolded(given).replace("ё", "е")
    words, sentence, end = [], 0, 0
    for found in WORD.finditer(folded):
        start = found.start()
        if end and SENTENCE_ENDS.search(folded, end, start):
            sentence += 1
        end = found.end()
        words.append(Word(forms(found[0]), start, end, sentence))
    return Text(given, tuple(words))


@lru_cache(maxsize=50_000)
def forms(word: str) -> tuple[str, ...]:
    plain = word.replace("\u00ad", "")
    if LATIN.search(plain) and CYRILLIC.search(plain):
        return plain, plain.translate(LOOKALIKES)
    return (plain,)


class Matcher:
    """Patterns with the entries they belong to, found by the first word."""

    def __init__(self, patterns: Mapping[str, Sequence[int]]) -> None:
        self.stems: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        self.endings: list[tuple[str, tuple[tuple[str, ...], int]]] = []
        for pattern, entries in patterns.items():
            first, *rest = pattern.split()
            for entry in entries:
                what = (tuple(rest), entry)
                if first.startswith("*"):
                    self.endings.append((first[1:], what))
                else:
                    self.stems.setdefault(first, []).append(what)
        self.beginning = lru_cache(maxsize=50_000)(self._beginning)

    def _beginning(self, word: str) -> tuple[tuple[tuple[str, ...], int], ...]:
        """The patterns whose first word this is."""
        found = list(self.stems.get(word, ()))
        if len(word) <= LONGEST_WORD:
            for length in range(1, len(word) + 1):
                found += self.stems.get(f"{word[:length]}*", ())
            found += [what for ending, what in self.endings if word.endswith(ending)]
        return tuple(found)

    def find(self, text: Text) -> Iterator[Match]:
        for place, word in enumerate(text.words):
            for form in word.forms:
                for rest, entry in self.beginning(form):
                    last = _last(text, place, rest)
                    if last is not None:
                        yield Match(entry, place, last)


def _last(text: Text, place: int, rest: tuple[str, ...]) -> int | None:
    """Where the pattern ends whose first word stands at `place`; None if it does not go on so."""
    if not rest:
        return place
    if rest[0] == GAP:
        for skipped in range(MOST_BETWEEN + 1):
            if not _adjacent(text, place, place + skipped):
                return None
            last = _last(text, place + skipped, rest[1:])
            if last is not None:
                return last
        return None
    following = place + 1
    if not _adjacent(text, place, following):
        return None
    return _last(text, following, rest[1:]) if _is(text.words[following], rest[0]) else None


def _adjacent(text: Text, first: int, last: int) -> bool:
    """Whether the words from one to the other stand in one sentence with no more than a short break between."""
    if last >= len(text.words):
        return False
    words = text.words[first : last + 1]
    return words[0].sentence == words[-1].sentence and all(
        after.start - before.end <= LONGEST_BREAK and after.end - after.start <= LONGEST_WORD
        for before, after in pairwise(words)
    )


def _is(word: Word, element: str) -> bool:
    if element.endswith("*"):
        return any(form.startswith(element[:-1]) for form in word.forms)
    return element in word.forms
