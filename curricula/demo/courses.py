"""What a demonstration's programme teaches, with and without AI. Pure: the same for the same seed."""

from collections.abc import Sequence
from random import Random

from curricula.demo.programmes import ProgrammePlan
from curricula.demo.vocabulary import Course, about_ai, ordinary

Taught = tuple[Course, int]  # a course and its semester

SEMESTERS = {"6B": {"general": (1, 4), "basic": (1, 6), "major": (4, 8)}, "7M": {}, "8D": {}}
LAST_SEMESTER = {"6B": 8, "7M": 4, "8D": 6}

# How many lines a cycle has, between and including.
USUAL = {
    "6B": {"general": (14, 14), "basic": (10, 12), "major": (9, 11)},
    "7M": {"basic": (5, 5), "major": (10, 13)},
    "8D": {"basic": (3, 3), "major": (5, 8)},
}


def plan_courses(random: Random, programme: ProgrammePlan, *, exactly: int | None = None) -> list[Taught]:
    """The courses without AI, in the order of the plan; `exactly` so many instead of as many as are usual."""
    level, field = programme.level, programme.field
    chosen: list[Course] = []
    for cycle, (least, most) in USUAL[level].items():
        choice = ordinary(field, level, cycle)
        chosen += some(random, choice, random.randint(least, most))
    if exactly is not None:
        chosen = padded(chosen, field)[:exactly]
    return [(course, semester(random, level, course)) for course in chosen]


def some(random: Random, choice: Sequence[Course], number: int) -> list[Course]:
    """So many, in their order: what is not elective first."""
    fixed = [course for course in choice if course.component != "elective"]
    free = [course for course in choice if course.component == "elective"]
    if len(fixed) > number:
        fixed = sorted(random.sample(fixed, number), key=choice.index)
    return fixed + random.sample(free, min(len(free), number - len(fixed)))


def padded(chosen: list[Course], field: str) -> list[Course]:
    """More courses than anyone teaches, for benchmarks that want a fixed number of lines at every level."""
    there = {course.code for course in chosen}
    more = [course for cycle in ("basic", "major", "general") for course in ordinary(field, "6B", cycle)]
    return chosen + [course for course in more if course.code not in there]


def semester(random: Random, level: str, course: Course) -> int:
    return random.randint(*SEMESTERS[level].get(course.cycle, (1, LAST_SEMESTER[level])))


def plan_ai(random: Random, programme: ProgrammePlan) -> list[Taught]:
    """The AI courses that the programme takes up, in the order in which it does; at least one."""
    field, level = programme.field, programme.level
    if programme.is_ai_dedicated:
        wanted = ["foundations", *["core"] * random.randint(5, 8), "ethics", "applied"]
        field = "06"
    elif field == "06":
        wanted = ["core"] * random.randint(1, 4) + ["applied", "ethics"][: random.randint(0, 2)]
    else:
        wanted = random.choices(("foundations", "applied"), (55, 45))
        wanted += [name for name in ("applied", "ethics", "foundations") if random.random() < 0.3]
    taken: dict[str, Taught] = {}
    for category in wanted:
        choice = [course for course in about_ai(field, category) if course.code not in taken]
        if choice:
            course = random.choice(choice)
            taken[course.code] = (course, random.randint(1, LAST_SEMESTER[level]))
    return list(taken.values())
