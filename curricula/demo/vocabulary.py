"""The words that demonstration data is made of, as the files beside this module list them."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent

Titles = tuple[str, str, str]  # Kazakh, Russian, English


@dataclass(frozen=True)
class Title:
    """A programme as it might be called, in one direction at some levels."""

    direction: str
    levels: tuple[str, ...]
    is_ai_dedicated: bool
    titles: Titles


@dataclass(frozen=True)
class Course:
    """A discipline as it might be taught; `scope` is "any" or a field of education."""

    code: str
    scope: str
    levels: tuple[str, ...]
    cycle: str
    component: str
    credits: str
    ai_category: str
    titles: Titles
    description: str  # in one language, as universities do; only of AI disciplines


@dataclass(frozen=True)
class Profile:
    """What institutions with one of these words in their English name teach, and about how many programmes."""

    words: tuple[str, ...]
    directions: tuple[str, ...]
    programmes: int


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def in_three_languages(row: dict[str, str]) -> Titles:
    return row["title_kk"], row["title_ru"], row["title_en"]


@cache
def programme_titles() -> tuple[Title, ...]:
    return tuple(
        Title(
            direction=row["direction"],
            levels=tuple(row["levels"].split()),
            is_ai_dedicated=row["is_ai_dedicated"] == "yes",
            titles=in_three_languages(row),
        )
        for row in rows("programmes.csv")
    )


@cache
def courses() -> dict[str, Course]:
    return {
        row["code"]: Course(
            code=row["code"],
            scope=row["scope"],
            levels=tuple(row["levels"].split()),
            cycle=row["cycle"],
            component=row["component"],
            credits=row["credits"],
            ai_category=row["ai_category"],
            titles=in_three_languages(row),
            description=row["description"],
        )
        for row in rows("disciplines.csv")
    }


@cache
def ordinary(field: str, level: str, cycle: str) -> tuple[Course, ...]:
    """Courses without AI for the field (or any field) at the level, in the order of the file."""
    return tuple(
        course
        for course in courses().values()
        if course.ai_category == "none"
        and course.cycle == cycle
        and course.scope in ("any", field)
        and level in course.levels
    )


@cache
def about_ai(field: str, category: str) -> tuple[Course, ...]:
    return tuple(
        course
        for course in courses().values()
        if course.ai_category == category and course.scope in ("any", field)
    )


@cache
def profiles() -> tuple[Profile, ...]:
    return tuple(
        Profile(
            words=tuple(row["words"].split("|")),
            directions=tuple(row["directions"].split()),
            programmes=int(row["programmes"]),
        )
        for row in rows("profiles.csv")
    )


def profile_of(name_en: str) -> Profile:
    """The first profile that has a word of the name; the last one fits all."""
    return next(
        (profile for profile in profiles() if any(word in name_en for word in profile.words)), profiles()[-1]
    )
