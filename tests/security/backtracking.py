"""Counts what a regular expression tries, by walking through its parsed form as Python's own engine does.

Time would do as well, on a quiet machine; steps are the same on every one.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from re import _constants as op, _parser as parser  # isort: skip

Then = Callable[[int], bool]
sys.setrecursionlimit(max(sys.getrecursionlimit(), 20_000))
CATEGORIES: dict[Any, Callable[[str], bool]] = {
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_DIGIT: str.isdigit,
    op.CATEGORY_WORD: lambda letter: letter.isalnum() or letter == "_",
}
OPPOSITES = {
    op.CATEGORY_NOT_SPACE: op.CATEGORY_SPACE,
    op.CATEGORY_NOT_DIGIT: op.CATEGORY_DIGIT,
    op.CATEGORY_NOT_WORD: op.CATEGORY_WORD,
}


class TooMany(Exception):
    pass


def steps(pattern: str, text: str, *, most: int = 200_000) -> int:
    """Letters that are looked at, and turns of repetitions, until it is found from anywhere or nowhere."""
    walk = Walk(text, most)
    parsed = list(parser.parse(pattern))
    for start in range(len(text) + 1):
        if walk.match(parsed, 0, start, lambda _at: True):
            break
    return walk.steps


@dataclass
class Walk:
    text: str
    most: int
    steps: int = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps > self.most:
            raise TooMany

    def match(self, nodes: Sequence[Any], place: int, at: int, then: Then) -> bool:
        if place == len(nodes):
            return then(at)
        kind, what = nodes[place]

        def rest(after: int) -> bool:
            return self.match(nodes, place + 1, after, then)

        if kind in (op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY):
            self.step()
            return at < len(self.text) and fits(kind, what, self.text[at]) and rest(at + 1)
        if kind is op.BRANCH:
            return any(self.match(list(branch), 0, at, rest) for branch in what[1])
        if kind is op.SUBPATTERN:
            return self.match(list(what[3]), 0, at, rest)
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            return self.repeat(kind is op.MAX_REPEAT, what, 0, at, rest)
        if kind is op.AT:
            return self.stands(what, at) and rest(at)
        if kind in (op.ASSERT, op.ASSERT_NOT):
            return self.looks(what, at) == (kind is op.ASSERT) and rest(at)
        raise NotImplementedError(str(kind))

    def repeat(self, greedy: bool, what: Any, count: int, at: int, rest: Then) -> bool:
        least, most, inner = what
        self.step()

        def more() -> bool:
            return count < int(most) and self.match(
                list(inner),
                0,
                at,
                lambda after: (
                    (after != at or count < least) and self.repeat(greedy, what, count + 1, after, rest)
                ),
            )

        if count < least:
            return more()
        return more() or rest(at) if greedy else rest(at) or more()

    def looks(self, what: Any, at: int) -> bool:
        direction, inner = what
        if direction > 0:
            return self.match(list(inner), 0, at, lambda _at: True)
        return any(self.match(list(inner), 0, start, lambda after: after == at) for start in range(at + 1))

    def stands(self, where: Any, at: int) -> bool:
        if where in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
            return at == 0
        if where in (op.AT_END, op.AT_END_STRING):
            return at == len(self.text)
        word = CATEGORIES[op.CATEGORY_WORD]
        sides = [bool(side) and word(side) for side in (self.text[at - 1 : at], self.text[at : at + 1])]
        return (sides[0] != sides[1]) == (where is op.AT_BOUNDARY)


def fits(kind: Any, what: Any, letter: str) -> bool:
    if kind is op.ANY:
        return True
    if kind is op.LITERAL:
        return letter == chr(what)
    if kind is op.NOT_LITERAL:
        return letter != chr(what)
    negated = what[0][0] is op.NEGATE
    return negated != any(within(item, letter) for item in what if item[0] is not op.NEGATE)


def within(item: Any, letter: str) -> bool:
    kind, what = item
    if kind is op.LITERAL:
        return letter == chr(what)
    if kind is op.RANGE:
        return bool(what[0] <= ord(letter) <= what[1])
    if what in OPPOSITES:
        return not CATEGORIES[OPPOSITES[what]](letter)
    return bool(CATEGORIES[what](letter))


def letters(pattern: str) -> list[str]:
    """Some that it speaks of, one for each way in which it does."""
    found: dict[str, None] = {}

    def look(nodes: Any) -> None:
        for kind, what in nodes:
            if kind in (op.LITERAL, op.NOT_LITERAL):
                found[chr(what)] = None
            elif kind is op.RANGE:
                found[chr(what[0])] = None
            elif kind is op.CATEGORY:
                found[next(letter for letter in " 7a-" if within((kind, what), letter))] = None
            elif kind is op.IN:
                look(what)
            elif kind is op.BRANCH:
                for branch in what[1]:
                    look(branch)
            elif kind is op.SUBPATTERN:
                look(what[3])
            elif kind in (op.MAX_REPEAT, op.MIN_REPEAT):
                look(what[2])
            elif kind in (op.ASSERT, op.ASSERT_NOT):
                look(what[1])

    look(parser.parse(pattern))
    return list(found)
