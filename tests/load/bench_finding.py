"""How long a name takes to be found among many: `python -m tests.load.bench_finding`, one JSON object a line."""

import csv
import json
import random
import resource
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from institutions.finding import Finder, Named
from institutions.sounds import initials, without_whom

REFERENCE = Path(__file__).resolve().parents[2] / "institutions" / "reference" / "institutions.csv"
SYLLABLES = (
    "ба",
    "ке",
    "ни",
    "то",
    "шу",
    "ра",
    "ма",
    "ли",
    "да",
    "зу",
    "хан",
    "бек",
    "бай",
    "жан",
    "ғали",
    "құл",
    "нұр",
)
SEARCHES = 300


def main() -> None:
    for number in (122, 1_300, 25_000):
        print(json.dumps(measure(number)))  # noqa: T201


def measure(number: int) -> dict[str, float | str]:
    """Searches are names with one letter left out, so that every one takes the long way."""
    chance = random.Random(3)  # noqa: S311
    things = list(named(number, chance))
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    finder = Finder(things)
    made = time.process_time() - began
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    taken, found = [], 0
    for _ in range(SEARCHES):
        thing = chance.choice(things)
        name = chance.choice(thing.names[:3])
        place = chance.randrange(len(name))
        began = time.process_time()
        hits = finder.find(name[:place] + name[place + 1 :], 3)
        taken.append(time.process_time() - began)
        found += thing.code in [hit.thing.code for hit in hits]
    return {
        "name": f"find_by_name_{number}",
        "ours_s": statistics.median(taken),
        "p95_s": statistics.quantiles(taken, n=20)[-1],
        "made_s": made,
        "memory_mb": grown // 1024,
        "found": found / SEARCHES,
    }


def named(number: int, chance: random.Random) -> Iterator[Named]:
    """The institutions of the reference data, again and again, named after somebody else each time."""
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for place in range(number):
        row = rows[place % len(rows)]
        names = [row["name_kk"], row["name_ru"], row["name_en"]]
        if place >= len(rows):
            who = "".join(chance.choice(SYLLABLES) for _ in range(chance.randint(2, 4))).capitalize()
            kazakh, russian = map(without_whom, names[:2])
            names = [f"{who} атындағы {kazakh}", f"{russian} имени {who}", f"{who} {names[2]}"]
        yield Named(
            "institution",
            f"{row['code']}-{place}",
            tuple(dict.fromkeys([*names, *map(without_whom, names)])),
            tuple({short for name in names for short in initials(name)}),
            (row["city"],),
        )


if __name__ == "__main__":
    main()
