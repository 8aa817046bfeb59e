"""docs/reliability.md names for every promise the tests that show it: each is there, and no promise is left out."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if re.match(r"\| \d", line)
]
RACES = {3, 8, 9, 13, 14, 16, 17, 18, 28, 37, 39}  # where one of two that meet must wait or be told


def names_in(text: str) -> list[tuple[str, str]]:
    return re.findall(r"`([\w/]+\.py)::(\w+)`", text)


def test_all_forty_four_promises_are_there_in_their_order() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 45))


def test_each_is_shown_by_a_test_or_called_open() -> None:
    for number, promise, reached, shown, _control in ROWS:
        assert promise
        assert reached, number
        assert bool(names_in(shown)) != reached.startswith("open"), number


def test_every_test_that_is_named_exists() -> None:
    named = names_in(TEXT)
    assert len(named) == TEXT.count("::")
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^def {name}\(", (ROOT / "tests" / path).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert missing == []


def test_every_guard_of_a_race_has_a_control() -> None:
    assert {int(row[0]) for row in ROWS if names_in(row[4])} >= RACES
