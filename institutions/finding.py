"""Finding by name: what a person types, in any of three scripts and with a slip, against the names of things.

A word becomes how it sounds, in Latin letters: Назарбаев, Nazarbayev, Nazarbaev are one word. Words are compared by the
pairs of letters that they share; rare ones weigh more than «university»; of the things that have all that was typed,
the one whose whole name is nearest comes first. Pure: no database, no language of a reader.
"""

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nlargest
from typing import NamedTuple

from institutions.sounds import other_layout, words

LIKE = 0.5  # words that share fewer of their pairs of letters are different words
BEGUN = 0.9  # what a word counts that was typed in part, or with an ending
SLIPPED = 0.95  # what pairs of letters count at most, so that the word itself comes before words like it
ONE_SLIP = 0.7  # what a word counts at least that is one slip away: in a short one few pairs are left
PLACED = 0.5  # what a word counts that tells where a thing is, not what it is called
BY_WORDS, BY_NAME = 0.7, 0.3
FOUND, CLOSE = 0.85, 0.5
MOST_COMPARED = 400
LONGEST, MOST_WORDS = 200, 20


@dataclass(frozen=True)
class Named:
    """A thing with all that it is called. `names` are whole names and aliases, `short` are initials formed by rule."""

    kind: str
    code: str
    names: tuple[str, ...]
    short: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


class Hit(NamedTuple):
    """`covered` says how much of what was typed the thing is called; `name` is the nearest name, if one is near."""

    thing: Named
    score: float
    covered: float
    name: str

    @property
    def is_found(self) -> bool:
        return self.covered >= FOUND


class Finder:
    """Finds things by their names; made once for a state of the names. See `find`."""

    def __init__(self, things: Iterable[Named]) -> None:
        self.things = list(things)
        self.called: dict[str, list[int]] = defaultdict(list)
        self.short: dict[str, list[int]] = defaultdict(list)
        self.placed: dict[str, list[int]] = defaultdict(list)
        for place, thing in enumerate(self.things):
            for known, names in (
                (self.called, thing.names),
                (self.short, thing.short),
                (self.placed, thing.places),
            ):
                for word in {word for name in names for word in words(name)}:
                    known[word].append(place)
        self.vocabulary = sorted({*self.called, *self.placed})
        self.sharing: dict[str, list[str]] = defaultdict(list)
        for word in self.vocabulary:
            for pair in pairs(word):
                self.sharing[pair].append(word)
        self._pairs: dict[str, frozenset[str]] = {}

    def find(self, text: str, limit: int = 10) -> list[Hit]:
        """The things that are called so, best first; if none is, those with the nearest names.

        What was typed with the keyboard in the other script is read as what was meant.
        """
        hits = self._find(text, limit)
        if not any(hit.is_found for hit in hits):
            meant = self._find(other_layout(text), limit)
            hits = max(hits, meant, key=lambda found: found[0].covered if found else 0)
        found = [hit for hit in hits if hit.is_found]
        return found or [hit for hit in hits if hit.covered >= CLOSE]

    def _find(self, text: str, limit: int) -> list[Hit]:
        typed = self._respaced(words(text[:LONGEST])[:MOST_WORDS])
        if len("".join(typed)) < 2:
            return []
        covered = self._covered([self._like(word) for word in typed], typed)
        whole = pairs("".join(typed))
        hits = [
            Hit(self.things[place], BY_WORDS * share + BY_NAME * nearest, share, name)
            for place, share in nlargest(MOST_COMPARED, covered.items(), key=lambda item: item[1])
            for nearest, name in [self._nearest(whole, self.things[place])]
        ]
        letters = text.strip().casefold()  # KAZGUU and КазГУ sound alike: the very letters come first
        return nlargest(
            limit,
            hits,
            key=lambda hit: (hit.score, letters in map(str.casefold, hit.thing.names), hit.thing.code),
        )

    def _respaced(self, typed: list[str]) -> list[str]:
        """With one space less or more where that makes words that are known."""
        found: list[str] = []
        for word in typed:
            if found and found[-1] + word in self.called and not {found[-1], word} <= self.called.keys():
                found[-1] += word
            elif word not in self.called and (parts := self._halves(word)):
                found += parts
            else:
                found.append(word)
        return found

    def _halves(self, word: str) -> list[str]:
        for place in range(2, len(word) - 1):
            if word[:place] in self.called and word[place:] in self.called:
                return [word[:place], word[place:]]
        return []

    def _like(self, word: str) -> dict[str, float]:
        """Known words that a typed one may stand for, and how well: itself, begun, with an ending, or with a slip."""
        found: dict[str, float] = {}
        if word not in self.called:
            shared = Counter(known for pair in pairs(word) for known in self.sharing.get(pair, ()))
            for known, number in shared.items():
                likeness = SLIPPED * 2 * number / (len(word) + len(known) + 2)
                if likeness < ONE_SLIP and is_one_slip(word, known):
                    likeness = ONE_SLIP
                if likeness >= LIKE:
                    found[known] = likeness
        if len(word) > 1:
            for place in range(bisect_left(self.vocabulary, word), len(self.vocabulary)):
                if not self.vocabulary[place].startswith(word):
                    break
                found[self.vocabulary[place]] = BEGUN
        for end in range(max(4, len(word) - 3), len(word)):
            if word[:end] in self.called:
                found[word[:end]] = BEGUN
        if word in self.called or word in self.short or word in self.placed:
            found[word] = 1
        return found

    def _covered(self, like: list[dict[str, float]], typed: list[str]) -> dict[int, float]:
        """How much of what was typed each thing has, by the weight of the words."""
        total, covered = 0.0, Counter[int]()
        for word, known in zip(typed, like, strict=True):
            best: dict[int, float] = {}
            for name, likeness in known.items():
                held = [(self.called, likeness), (self.placed, likeness * PLACED)]
                held += [(self.short, likeness)] if name == word else []
                for holders, worth in held:
                    for place in holders.get(name, ()):
                        if worth > best.get(place, 0):
                            best[place] = worth
            weight = self._weight(max(known, key=known.__getitem__, default=word))
            total += weight
            for place, worth in best.items():
                covered[place] += weight * worth  # type: ignore[assignment]
        return {place: share / total for place, share in covered.items()}

    def _weight(self, word: str) -> float:
        """The rarer, the heavier; initials weigh little."""
        holders = max(len(known.get(word, ())) for known in (self.called, self.short, self.placed)) or 1
        return math.log(1 + len(self.things) / holders) * min(len(word), 4) / 4

    def _nearest(self, whole: frozenset[str], thing: Named) -> tuple[float, str]:
        """Which of its names is nearest to all that was typed, and how near."""
        near, name = max((likeness(whole, self._pairs_of(name)), name) for name in thing.names)
        return near, name if near >= LIKE else ""

    def _pairs_of(self, name: str) -> frozenset[str]:
        if name not in self._pairs:
            self._pairs[name] = pairs("".join(words(name)))
        return self._pairs[name]


def pairs(word: str) -> frozenset[str]:
    """Pairs of neighbouring letters, with the ends."""
    padded = f" {word} "
    return frozenset(padded[place : place + 2] for place in range(len(padded) - 1))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """From 0, nothing shared, to 1, the same."""
    return 2 * len(one & other) / (len(one) + len(other))


def is_one_slip(one: str, other: str) -> bool:
    """Whether a letter too many, too few, another, or two that changed places make one word of the other."""
    short, long = sorted((one, other), key=len)
    start = next(
        (place for place, pair in enumerate(zip(short, long, strict=False)) if pair[0] != pair[1]), len(short)
    )
    rest, more = short[start:], long[start:]
    if len(short) < len(long):
        return rest == more[1:]
    return rest[1:] == more[1:] or (rest[:2] == more[1::-1] and rest[2:] == more[2:])
