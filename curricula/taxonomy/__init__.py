"""The taxonomy of AI terms: which words speak of AI in Kazakh, Russian and English; see README.md beside this file.

Read once a process. Its version is the number of the file and a digest of all that decides, so that suggestions made by
other rules are known to be old.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from curricula.taxonomy.matching import Matcher

NUMBER = 1
HERE = Path(__file__).parent
FILE = HERE / f"ai-{NUMBER}.csv"
LANGUAGES = ("kk", "ru", "en")

BROAD, SPECIALISED = "broad", "specialised"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the file: a term of AI, or (other kinds) words that say more where there is AI."""

    kind: str
    term: str
    scope: str
    areas: tuple[str, ...]
    category: str


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Entries, and the matchers that find them by their place in the list."""

    version: str
    entries: tuple[Entry, ...]
    words: Matcher
    unless: Matcher


def rows() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def patterns(row: dict[str, str], *columns: str) -> list[str]:
    return [pattern.strip() for name in columns for pattern in row[name].split("|") if pattern.strip()]


@cache
def taxonomy() -> Taxonomy:
    words: dict[str, list[int]] = defaultdict(list)
    unless: dict[str, list[int]] = defaultdict(list)
    entries = []
    for number, row in enumerate(rows()):
        areas = tuple(row["area"].split())
        entries.append(Entry(row["kind"], row["term"], row["scope"], areas, row["category"]))
        for pattern in patterns(row, *LANGUAGES):
            words[pattern].append(number)
        for pattern in patterns(row, "unless"):
            unless[pattern].append(number)
    return Taxonomy(version(), tuple(entries), Matcher(words), Matcher(unless))


@cache
def version() -> str:
    deciding = (FILE, HERE / "matching.py", HERE.parent / "suggesting.py")
    return f"ai-{NUMBER}-{sha256(b''.join(path.read_bytes() for path in deciding)).hexdigest()[:8]}"
