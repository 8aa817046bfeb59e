"""How well suggestions agree with the labelled disciplines: precision and recall, of AI against none and by category.

`python -m curricula.taxonomy.measuring development` prints them with each disagreement, to work on the terms;
`held-out` prints figures only, for looking at its errors would spoil it.
"""

import csv
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import django

LABELLED = Path(__file__).parent / "labelled.csv"
CATEGORIES = ("foundations", "applied", "core", "ethics")


@dataclass(frozen=True)
class Labelled:
    """A labelled discipline, and what was suggested for it."""

    split: str
    language: str
    category: str
    title: str
    description: str
    suggested: str


@dataclass(frozen=True)
class Score:
    """How many were right, suggested and labelled; precision and recall in thousandths round to what is printed."""

    right: int
    suggested: int
    labelled: int

    @property
    def precision(self) -> float:
        return self.right / self.suggested if self.suggested else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.labelled if self.labelled else 1.0


def labelled(split: str) -> list[Labelled]:
    from curricula.suggesting import suggest  # the app must be set up first

    with LABELLED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == split]
    return [Labelled(**row, suggested=suggest([row["title"]], row["description"]).category) for row in rows]


def score(rows: Iterable[Labelled], is_it: Callable[[str], bool]) -> Score:
    rows = list(rows)
    right = sum(is_it(row.category) and is_it(row.suggested) for row in rows)
    return Score(right, sum(is_it(row.suggested) for row in rows), sum(is_it(row.category) for row in rows))


def is_ai(category: str) -> bool:
    return category != "none"


def scores(rows: list[Labelled]) -> dict[str, Score]:
    """Of AI against none: in all and by language; of each category against all others."""
    found = {"AI": score(rows, is_ai)}
    for language in ("kk", "ru", "en"):
        found[f"AI, {language}"] = score((row for row in rows if row.language == language), is_ai)
    for category in CATEGORIES:
        found[category] = score(rows, category.__eq__)
    return found


def table(rows: list[Labelled]) -> list[str]:
    """The lines of the table in docs/suggesting.md."""
    lines = [
        "| what | labelled | suggested | right | precision | recall |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, it in scores(rows).items():
        figures = f"{it.labelled} | {it.suggested} | {it.right} | {it.precision:.3f} | {it.recall:.3f}"
        lines.append(f"| {name} | {figures} |")
    return lines


def main(split: str) -> None:
    rows = labelled(split)
    if split == "development":
        for row in rows:
            if row.category != row.suggested:
                sys.stdout.write(f"{row.category} -> {row.suggested}: {row.title}. {row.description}\n")
    sys.stdout.write("\n".join([f"{len(rows)} disciplines", *table(rows), ""]))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main(sys.argv[1])
