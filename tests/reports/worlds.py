"""Whole small countries, drawn by Hypothesis from a plain description, for tests that compare computations.

A `World` is data: institutions with what they teach, hand in and have approved, requirements, and the moments at which
the country is looked at. `founding.build` writes it to the database. Days are few and far between, so that what begins,
ends and is looked at often falls on the same one.
"""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from curricula.models import AICategory, Component
from tests.full import IN_FULL

T = TypeVar("T")

WORLDS = int(os.environ.get("QAMTU_WORLDS", 2000 if IN_FULL else 500))
EPOCH = datetime(2024, 9, 1, tzinfo=UTC)
DAYS = 300
AFTERWARDS = 430  # by then all that was handed in has been decided
KINDS = ("national", "private", "state", "planned")
FIELDS = ("061", "101")
LEVELS = ("6B", "7M", "8D")
LANGUAGES = ("kk", "ru", "mixed")


def examples(one_in: int = 1) -> settings:
    """So many worlds as a run of the tests takes, or a part of them."""
    return settings(
        max_examples=max(WORLDS // one_in, 3),
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
        ],
    )


def day(number: int, hour: int = 0) -> datetime:
    """Of universal time: from 19 o'clock on it is the next day in the country."""
    return EPOCH + timedelta(days=number, hours=hour)


@dataclass(frozen=True)
class VersionPlan:
    """AI lines as (category, component, credits); days from submission to decision; whether it was approved."""

    lines: list[tuple[str, str, int]]
    submitted: int
    takes: int
    approved: bool
    students: int | None


@dataclass(frozen=True)
class ProgrammePlan:
    level: str
    direction: str
    language: str
    dedicated: bool
    starts: int
    ends: int | None
    versions: list[VersionPlan]
    exemption: tuple[int, int, int | None] | None  # first day, days, the day on which it was revoked
    becomes: tuple[int, str, bool] | None = None  # from a day on: language, whether dedicated to AI
    waits: bool = False  # its last version has been decided by nobody yet


@dataclass(frozen=True)
class InstitutionPlan:
    region: int
    kind: str
    opened: int | None
    closed: int | None
    programmes: list[ProgrammePlan]
    staff: list[tuple[int, int, bool]]
    becomes: tuple[int, int, str] | None = None  # from a day on: region, kind
    merged: bool = False  # on the day on which it closes, what it teaches goes on at the institution after it


@dataclass(frozen=True)
class RequirementPlan:
    levels: list[str]
    fields: list[str]
    kinds: list[str]
    min_disciplines: int
    min_credits: int
    categories: list[str]
    components: list[str]
    adopted: int
    effective: int
    until: int | None


@dataclass(frozen=True)
class World:
    institutions: list[InstitutionPlan]
    requirements: list[RequirementPlan]
    moments: list[datetime] = field(default_factory=lambda: [day(DAYS)])
    all_exempt: bool = False  # from the first requirement


def programmes(world: World) -> list[ProgrammePlan]:
    return [programme for one in world.institutions for programme in one.programmes]


days = st.integers(-3, DAYS // 10).map(lambda n: 10 * n)
early = st.integers(-3, 6).map(lambda n: 10 * n)
late = st.integers(6, DAYS // 10).map(lambda n: 10 * n)
moments = st.builds(day, late | days, st.sampled_from([0, 0, 18, 19]))
categories = st.sampled_from([c for c in AICategory.values if c != "none"])
components = st.sampled_from(Component.values)


def seldom(value: st.SearchStrategy[T], else_: T | None = None) -> st.SearchStrategy[T | None]:
    """The value in one of four cases: a world of exceptions would meet no requirement at all."""
    return st.one_of(st.just(else_), st.just(else_), st.just(else_), value)


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return seldom(st.lists(st.sampled_from(values), unique=True, min_size=1), [])  # type: ignore[return-value]


version_plans = st.builds(
    VersionPlan,
    lines=st.lists(st.tuples(categories, components, st.sampled_from([1, 3, 5])), min_size=1, max_size=3)
    | st.just([]),
    submitted=early | early | days,
    takes=st.sampled_from([0, 10, 20, 40]),
    approved=st.sampled_from([True, True, True, False]),
    students=st.none() | st.integers(0, 500),
)
programme_plans = st.builds(
    ProgrammePlan,
    level=st.sampled_from(LEVELS),
    direction=st.sampled_from(FIELDS),
    language=st.sampled_from(LANGUAGES),
    dedicated=st.booleans(),
    starts=seldom(st.integers(-60, 420), -50),
    ends=seldom(st.integers(-30, 60)),
    versions=seldom(st.just([])).flatmap(
        lambda none: st.just([]) if none == [] else st.lists(version_plans, min_size=1, max_size=3)
    ),
    exemption=seldom(st.tuples(early | days, st.sampled_from([10, 50, 200]), st.none() | days)),
    becomes=seldom(st.tuples(days, st.sampled_from(LANGUAGES), st.booleans())),
    waits=st.sampled_from([False, False, False, True]),
)
institution_plans = st.builds(
    InstitutionPlan,
    region=st.integers(0, 1),
    kind=seldom(st.just("planned"), None).flatmap(lambda k: st.just(k) if k else st.sampled_from(KINDS[:3])),
    opened=seldom(days),
    closed=seldom(days),
    programmes=st.lists(programme_plans, min_size=1, max_size=3),
    staff=st.lists(st.tuples(days, st.integers(1, 90), st.booleans()), max_size=2),
    becomes=seldom(st.tuples(days, st.integers(0, 1), st.sampled_from(KINDS))),
    merged=st.booleans(),
)
requirement_plans = st.builds(
    RequirementPlan,
    levels=some(LEVELS),
    fields=some(("06", "10")),
    kinds=some(KINDS[:3]),
    min_disciplines=st.sampled_from([1, 1, 2, 3]),
    min_credits=st.sampled_from([0, 0, 3, 5, 12]),
    categories=st.lists(categories, unique=True, min_size=3),
    components=st.lists(components, unique=True, min_size=2),
    adopted=seldom(days, -1),
    effective=seldom(days, -1),
    until=st.none() | st.integers(DAYS + 1, DAYS + 2),
)
worlds = st.builds(
    World,
    institutions=st.lists(institution_plans, min_size=2, max_size=3),
    requirements=st.lists(requirement_plans, min_size=1, max_size=2),
    moments=st.lists(moments, min_size=2, max_size=2, unique=True),
    all_exempt=st.integers(0, 4).map(lambda n: n == 4),
)
