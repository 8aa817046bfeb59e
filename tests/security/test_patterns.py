"""No regular expression of ours can be kept busy: twice as long a text takes at most about four times the steps."""

import ast
from collections.abc import Iterator
from functools import cache
from itertools import permutations
from pathlib import Path

import pytest

from tests.security.backtracking import TooMany, letters, steps

ROOT = Path(__file__).resolve().parents[2]
APPS = ("institutions", "curricula", "reports", "config")
CALLS = {"compile", "match", "search", "fullmatch", "findall", "finditer", "sub", "split"}
SHORT, LONG = 14, 28
GROWTH = 6  # twice the length: a square takes 4 times, a cube 8 times the steps


@cache
def patterns() -> list[str]:
    """Every pattern that stands in our code as it is."""
    return sorted(
        {found for app in APPS for path in ROOT.glob(f"{app}/**/*.py") for found in written_in(path)}
    )


def written_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            first = node.args[0]
            if (
                ast.unparse(node.func.value) == "re"
                and node.func.attr in CALLS
                and isinstance(first, ast.Constant)
            ):
                yield first.value.decode("latin-1") if isinstance(first.value, bytes) else str(first.value)


def texts(pattern: str, length: int) -> Iterator[str]:
    """Of what the pattern speaks of, over and over, and at the end what it does not expect."""
    known = letters(pattern)[:5]
    for unit in [*known, *("".join(pair) for pair in permutations(known, 2))]:
        for before in ("", "".join(known[:2])):
            yield before + (unit * length)[:length] + "\x00"


def growth(pattern: str) -> float:
    worst = 0.0
    for short, long in zip(texts(pattern, SHORT), texts(pattern, LONG), strict=True):
        worst = max(worst, steps(pattern, long) / max(steps(pattern, short), LONG))
    return worst


def test_no_pattern_of_ours_takes_more_than_a_square_of_steps() -> None:
    assert len(patterns()) > 50
    slow = {}
    for pattern in patterns():
        try:
            if (found := growth(pattern)) > GROWTH:
                slow[pattern] = found
        except TooMany:
            slow[pattern] = float("inf")
    assert slow == {}


@pytest.mark.parametrize(
    "pattern", [r"(a+)+b", r"(a|a)*b", r"(\w+\s?)*$", r"a*a*a*a*b", r"(?:x\d*)*y|(?:\d+x?)+z"]
)
def test_such_patterns_would_be_found(pattern: str) -> None:
    with pytest.raises((TooMany, AssertionError)):
        assert growth(pattern) <= GROWTH


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [(r"a+b", "aaab", True), (r"(?<=;)\s*=", "x; =", True), (r"^x|y$", "zy", True)],
)
def test_the_walk_ends_where_python_finds_it(pattern: str, text: str, found: bool) -> None:
    assert (steps(pattern, text) < steps(pattern, "z" * 40 + text + "z" * 40)) == found
