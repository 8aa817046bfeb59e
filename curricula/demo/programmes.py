"""Which programmes a demonstration's institution runs. Pure: the same for the same seed, no database, no clock."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from random import Random

from curricula.demo.vocabulary import Profile, Title, Titles, profile_of, programme_titles

# How much more often a level is run; branches and academies of other ministries run few doctorates.
WEIGHT = {"6B": 3.0, "7M": 1.3, "8D": 0.55}

# Kinds of institutions differ in size from what their profile says.
SIZE = {
    "national": 1.75,
    "state": 1.12,
    "private": 0.74,
    "branch": 0.22,
    "autonomous": 0.8,
    "international": 1.1,
}

LANGUAGES = {
    "private": {"kk": 30, "ru": 25, "en": 10, "mixed": 35},
    "branch": {"kk": 5, "ru": 25, "en": 60, "mixed": 10},
    "autonomous": {"en": 100},
}
ELSEWHERE = {"kk": 45, "ru": 20, "en": 5, "mixed": 30}

WITH_AI_PROGRAMMES = 0.42  # of the institutions that teach information technology


@dataclass(frozen=True)
class Place:
    """What of an institution the generator goes by."""

    code: str
    kind: str
    name_en: str


@dataclass(frozen=True)
class ProgrammePlan:
    code: str
    titles: Titles
    language: str
    is_ai_dedicated: bool
    active_from: date
    active_to: date | None
    known_since: date

    @property
    def level(self) -> str:
        return self.code[:2]

    @property
    def field(self) -> str:
        return self.code[2:4]


def plan_programmes(place: Place, *, seed: int, exactly: int | None = None) -> list[ProgrammePlan]:
    """The institution's programmes; `exactly` so many instead of as many as its kind usually has."""
    random = Random(f"{seed}:{place.code}:programmes")  # noqa: S311
    profile = profile_of(place.name_en)
    wanted = exactly or max(
        4, round(profile.programmes * SIZE.get(place.kind, 1.0) * random.uniform(0.8, 1.2))
    )
    chosen = choose(random, place, profile, wanted)
    numbers: Counter[str] = Counter()
    plans = []
    for level, title in sorted(chosen, key=lambda pair: (pair[0], pair[1].direction, pair[1].titles[2])):
        group = f"{level}{title.direction}"
        numbers[group] += 1
        plans.append(plan_one(random, place, f"{group}{numbers[group]:02}", title))
    return plans


def choose(random: Random, place: Place, profile: Profile, wanted: int) -> list[tuple[str, Title]]:
    """Levels and titles, the likelier the more often; beyond the profile's own directions only if they run out."""
    directions = profile.directions
    if place.kind == "private" and len(directions) > 12:
        directions = tuple(random.sample(directions, 12))
    runs_ai = "061" in directions and random.random() < WITH_AI_PROGRAMMES
    own: list[tuple[str, Title]] = []
    others: list[tuple[str, Title]] = []
    dedicated: list[tuple[str, Title]] = []
    for title in programme_titles():
        for level in title.levels:
            if title.is_ai_dedicated:
                if runs_ai and title.direction in directions:
                    dedicated.append((level, title))
            else:
                (own if title.direction in directions else others).append((level, title))
    few = random.choices((1, 2, 3), (70, 22, 8))[0]
    picked = weighted_order(random, dedicated)[:few]
    picked += weighted_order(random, own)
    if len(picked) < wanted:
        picked += weighted_order(random, others)
    return picked[:wanted]


def weighted_order(random: Random, pairs: list[tuple[str, Title]]) -> list[tuple[str, Title]]:
    keyed = [(random.random() ** (1 / WEIGHT[level]), index) for index, (level, _title) in enumerate(pairs)]
    return [pairs[index] for _key, index in sorted(keyed, reverse=True)]


def plan_one(random: Random, place: Place, code: str, title: Title) -> ProgrammePlan:
    shares = LANGUAGES.get(place.kind, ELSEWHERE)
    begins, known, ends = lifetime(random, title.is_ai_dedicated)
    return ProgrammePlan(
        code=code,
        titles=title.titles,
        language=random.choices(list(shares), list(shares.values()))[0],
        is_ai_dedicated=title.is_ai_dedicated,
        active_from=begins,
        active_to=ends,
        known_since=known,
    )


def lifetime(random: Random, is_new: bool) -> tuple[date, date, date | None]:
    """First day, day of entry in the registry, last day. Most have run for years; some start or end between periods."""
    luck = random.random()
    if luck < (0.7 if is_new else 0.05):
        year = random.choices((2024, 2025, 2026), (40, 40, 20))[0]
        begins = date(year, 9, 1)
        return begins, max(date(2024, 1, 15), date(year, 4, random.randint(5, 28))), None
    begins = date(random.randint(2012, 2022), 9, 1)
    ends = date(random.choice((2025, 2026)), 8, 31) if luck > 0.98 else None
    return begins, date(2024, 1, 15), ends
