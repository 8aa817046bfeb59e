"""docs/security.md names every requirement of the standard, and only tests that there are."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# OWASP ASVS 5.0.0: by section, the level of each requirement in turn.
LEVELS = {
    "1.1": "22", "1.2": "1111122223", "1.3": "112222222223", "1.4": "222", "1.5": "123",
    "2.1": "122", "2.2": "112", "2.3": "12223", "2.4": "23",
    "3.1": "3", "3.2": "113", "3.3": "12223", "3.4": "11222233", "3.5": "11122333", "3.6": "3", "3.7": "22333",
    "4.1": "12233", "4.2": "23333", "4.3": "22", "4.4": "1222",
    "5.1": "2", "5.2": "112333", "5.3": "113", "5.4": "222",
    "6.1": "122", "6.2": "111111112222", "6.3": "11223333", "6.4": "112233", "6.5": "22222333", "6.6": "2223",
    "6.7": "33", "6.8": "2222",
    "7.1": "222", "7.2": "1111", "7.3": "22", "7.4": "11222", "7.5": "223", "7.6": "22",
    "8.1": "1233", "8.2": "1123", "8.3": "133", "8.4": "23",
    "9.1": "111", "9.2": "1222",
    "10.1": "22", "10.2": "223", "10.3": "22223", "10.4": "1111122222233333", "10.5": "22222", "10.6": "22",
    "10.7": "222",
    "11.1": "2233", "11.2": "22233", "11.3": "11233", "11.4": "1222", "11.5": "23", "11.6": "23", "11.7": "33",
    "12.1": "12233", "12.2": "11", "12.3": "22223",
    "13.1": "2333", "13.2": "222223", "13.3": "2233", "13.4": "1222233",
    "14.1": "22", "14.2": "12223333", "14.3": "122",
    "15.1": "12233", "15.2": "12233", "15.3": "1222222", "15.4": "3333",
    "16.1": "2", "16.2": "22222", "16.3": "2222", "16.4": "222", "16.5": "2223",
    "17.1": "23", "17.2": "22223333", "17.3": "22",
}  # fmt: skip
NUMBER = r"(\d+\.\d+)\.(\d+)"


def text() -> str:
    return (ROOT / "docs/security.md").read_text("utf-8")


def rows() -> Iterator[tuple[list[str], str]]:
    """The numbers of each line of the tables, and its answer."""
    for line in text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and re.match(NUMBER, cells[0]):
            yield [number for part in cells[0].split(", ") for number in numbers(part)], cells[-1]


def numbers(part: str) -> list[str]:
    """1.2.6–1.2.8 are three."""
    found = re.findall(NUMBER, part)
    assert found, part
    (section, first), (same, last) = found[0], found[-1]
    assert section == same, part
    return [f"{section}.{number}" for number in range(int(first), int(last) + 1)]


def test_the_standard_has_70_requirements_of_level_1_and_183_of_level_2() -> None:
    assert Counter("".join(LEVELS.values())) == {"1": 70, "2": 183, "3": 92}


def test_every_requirement_of_levels_1_and_2_is_answered_once() -> None:
    asked = {
        f"{section}.{place}"
        for section, levels in LEVELS.items()
        for place, level in enumerate(levels, 1)
        if level in "12"
    }
    answered = Counter(number for found, _answer in rows() for number in found)
    assert asked - answered.keys() == set(), "missing"
    assert [number for number, times in answered.items() if times > 1] == [], "twice"
    there = {
        f"{section}.{place}" for section, levels in LEVELS.items() for place in range(1, len(levels) + 1)
    }
    assert answered.keys() - there == set(), "the standard has no such number"


def test_every_answer_says_something() -> None:
    assert [found for found, answer in rows() if len(answer) < 4] == []


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", text())
    assert len(named) > 100
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / "tests" / path).exists()
        or f"def {name}(" not in (ROOT / "tests" / path).read_text("utf-8")
    ]
    assert missing == []
