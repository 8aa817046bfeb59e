"""Whole small countries, built in the database from a plain description, for tests that compare computations.

A `World` is data that Hypothesis draws: a country, and the moments at which it is looked at; a country at each of its
moments is another world of inputs. `build` writes it as people would have: drafts with lines that are submitted,
decided and superseded, exemptions that are revoked, registry entries that change.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from django.db import connection
from hypothesis import strategies as st

from curricula.models import (
    AICategory,
    Component,
    CurriculumVersion,
    Discipline,
    Field,
    Line,
    Period,
    Programme,
    Submission,
)
from institutions.models import Institution, Region, User
from reports.models import Exemption, Mandate, Requirement

T = TypeVar("T")

EPOCH = datetime(2025, 9, 1, tzinfo=UTC)
DAYS = 300
MOMENTS = 20  # to write a country costs more than to count it: it is looked at so often
KINDS = ("national", "private", "state", "planned")
FIELDS = ("061", "101")
LEVELS = ("6B", "7M", "8D")


def day(number: int) -> datetime:
    return EPOCH + timedelta(days=number)


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
    exemption: tuple[int, int, int | None] | None


@dataclass(frozen=True)
class InstitutionPlan:
    region: int
    kind: str
    opened: int | None
    closed: int | None
    programmes: list[ProgrammePlan]
    staff: list[tuple[int, int, bool]]


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
    moments: list[int] = field(default_factory=lambda: [DAYS])


days = st.integers(-30, DAYS)
early = st.integers(-30, 60)
categories = st.sampled_from([c for c in AICategory.values if c != "none"])
components = st.sampled_from(Component.values)


def seldom(value: st.SearchStrategy[T], else_: T | None = None) -> st.SearchStrategy[T | None]:
    """The value in one of four cases: a world of exceptions would meet no requirement at all."""
    return st.integers(0, 3).flatmap(lambda n: value if n == 3 else st.just(else_))


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return seldom(st.lists(st.sampled_from(values), unique=True, min_size=1), [])  # type: ignore[return-value]


version_plans = st.builds(
    VersionPlan,
    lines=st.lists(st.tuples(categories, components, st.integers(1, 9)), max_size=3),
    submitted=early | days,
    takes=st.integers(0, 40),
    approved=st.sampled_from([True, True, False]),
    students=st.none() | st.integers(0, 500),
)
programme_plans = st.builds(
    ProgrammePlan,
    level=st.sampled_from(LEVELS),
    direction=st.sampled_from(FIELDS),
    language=st.sampled_from(["kk", "ru", "mixed"]),
    dedicated=st.booleans(),
    starts=seldom(st.integers(-60, 420), -50),
    ends=seldom(st.integers(-30, 60)),
    versions=st.lists(version_plans, min_size=1, max_size=3) | st.just([]),
    exemption=seldom(st.tuples(early | days, st.integers(1, 200), st.none() | days)),
)
institution_plans = st.builds(
    InstitutionPlan,
    region=st.integers(0, 1),
    kind=seldom(st.just("planned"), None).flatmap(lambda k: st.just(k) if k else st.sampled_from(KINDS[:3])),
    opened=seldom(days),
    closed=seldom(days),
    programmes=st.lists(programme_plans, min_size=1, max_size=4),
    staff=st.lists(st.tuples(days, st.integers(1, 90), st.booleans()), max_size=2),
)
requirement_plans = st.builds(
    RequirementPlan,
    levels=some(LEVELS),
    fields=some(("06", "10")),
    kinds=some(KINDS[:3]),
    min_disciplines=st.sampled_from([1, 1, 2, 3]),
    min_credits=st.integers(0, 12),
    categories=st.lists(categories, unique=True, min_size=2),
    components=st.lists(components, unique=True, min_size=2),
    adopted=seldom(days, -1),
    effective=seldom(days, -1),
    until=st.none() | st.integers(DAYS + 1, DAYS + 2),
)
worlds = st.builds(
    World,
    institutions=st.lists(institution_plans, min_size=2, max_size=4),
    requirements=st.lists(requirement_plans, min_size=1, max_size=2),
    moments=st.lists(st.integers(-20, DAYS), min_size=MOMENTS, max_size=MOMENTS, unique=True),
)


def build(world: World) -> Period:
    """Write the world; to be called in a transaction that is rolled back."""
    period = Period.objects.create(
        code="2025", starts_on=date(2025, 9, 1), ends_on=date(2026, 8, 31), opens_on=date(2025, 9, 1),
        due_on=date(2026, 7, 1), closes_on=date(2026, 8, 1),
    )  # fmt: skip
    signatory, reviewer = (
        User.objects.create(email=f"{name}@world.test", password="!", is_staff=name == "reviewer")
        for name in ("signatory", "reviewer")
    )
    regions = [
        Region.objects.create(code=f"R{n}", kind="region", name_kk="А", name_ru="А", name_en="A")
        for n in (1, 2)
    ]
    directions = {}
    for code in FIELDS:
        parent = Field.objects.create(code=code[:2], kind="field", name_kk="А", name_ru="А", name_en="A")
        directions[code] = Field.objects.create(
            code=code, kind="direction", parent=parent, name_kk="А", name_ru="А", name_en="A"
        )
    _requirements(world)
    for number, plan in enumerate(world.institutions):
        opened = plan.opened
        closed = plan.closed if plan.closed is None or opened is None or plan.closed > opened else opened + 1
        institution = Institution.objects.create(
            code=f"u{number}", kind=plan.kind, name_kk="А", name_ru="А", name_en="A", region=regions[plan.region],
            opened_on=None if opened is None else day(opened).date(),
            closed_on=None if closed is None else day(closed).date(),
            in_registry_since=day(-100),
        )  # fmt: skip
        discipline = [
            Discipline.objects.create(institution=institution, code=f"D{n}", title_en="AI") for n in range(4)
        ]
        packages = _staff(plan, institution, period, signatory, reviewer)
        for position, programme in enumerate(plan.programmes):
            _programme(
                programme,
                position,
                institution,
                period,
                directions,
                discipline,
                packages,
                signatory,
                reviewer,
            )
    return period


def _requirements(world: World) -> None:
    mandate = Mandate.objects.create(code="m", name_kk="А", name_ru="А", name_en="A")
    for number, plan in enumerate(world.requirements):
        Requirement.objects.create(
            mandate=mandate, code=f"r{number}", name_kk="А", name_ru="А", name_en="A", levels=plan.levels,
            fields=plan.fields, kinds=plan.kinds, min_disciplines=plan.min_disciplines,
            min_credits=Decimal(plan.min_credits), categories=plan.categories, components=plan.components,
            adopted_at=day(plan.adopted), effective_from=day(plan.effective).date(),
            effective_to=None if plan.until is None else day(plan.until).date(),
        )  # fmt: skip


def _staff(
    plan: InstitutionPlan, institution: Institution, period: Period, signatory: User, reviewer: User
) -> Submission:
    """The submissions with staff figures; the last one is the package of all curricula."""
    package = Submission(
        institution=institution, period=period, number=1, signed_by=signatory, signed_at=day(-40),
        faculty_total=10, faculty_trained=3,
    )  # fmt: skip
    package.save()
    latest = None
    for number, (signed, trained, approved) in enumerate(sorted(plan.staff), start=2):
        figures = Submission.objects.create(
            institution=institution, period=period, number=number, signed_by=signatory, signed_at=day(signed),
            faculty_total=100, faculty_trained=trained,
        )  # fmt: skip
        moment = day(signed + number)
        if latest is not None and approved:
            Submission.objects.filter(pk=latest.pk).update(valid_to=moment)
        Submission.objects.filter(pk=figures.pk).update(
            state="approved" if approved else "returned", decided_by=reviewer, decided_at=moment, reason="why",
            valid_from=moment if approved else None,
        )  # fmt: skip
        latest = figures if approved else latest
    return package


def _programme(
    plan: ProgrammePlan,
    position: int,
    institution: Institution,
    period: Period,
    directions: dict[str, Field],
    disciplines: list[Discipline],
    package: Submission,
    signatory: User,
    reviewer: User,
) -> None:
    starts = day(plan.starts).date()
    programme = Programme.objects.create(
        institution=institution, code=f"{plan.level}{plan.direction}{position:02d}", level=plan.level,
        direction=directions[plan.direction], language=plan.language, is_ai_dedicated=plan.dedicated,
        active_from=starts, active_to=None if plan.ends is None else max(starts, day(plan.ends).date()),
        in_registry_since=day(-100),
    )  # fmt: skip
    if plan.exemption:
        begins, length, revoked = plan.exemption
        exemption = Exemption.objects.create(
            institution=institution, programme=programme, requirement_code="r0", reason="why", decided_by=reviewer,
            decided_at=day(begins - 1), starts_on=day(begins).date(), ends_on=day(begins + length).date(),
        )  # fmt: skip
        if revoked is not None:
            Exemption.objects.filter(pk=exemption.pk).update(revoked_at=day(max(revoked, begins)))
    decided_before = -100
    valid = None
    for number, version_plan in enumerate(plan.versions, start=1):
        submitted = max(version_plan.submitted, decided_before)
        decided = submitted + version_plan.takes
        version = make_version(
            programme, period, number, version_plan, disciplines, package, signatory, day(submitted)
        )
        valid = decide(version, version_plan.approved, reviewer, day(decided), valid)
        decided_before = decided


def make_version(
    programme: Programme,
    period: Period,
    number: int,
    plan: VersionPlan,
    disciplines: list[Discipline],
    package: Submission,
    signatory: User,
    submitted_at: datetime,
) -> CurriculumVersion:
    version = CurriculumVersion.objects.create(
        institution=programme.institution,
        programme=programme,
        period=period,
        number=number,
        students=plan.students,
    )
    lines = [("none", "mandatory", 5), *plan.lines]
    Line.objects.bulk_create(
        Line(
            institution=programme.institution, version=version, position=place, discipline=disciplines[place],
            credits=Decimal(value), cycle="basic", component=component, semester=1, ai_category=category,
        )
        for place, (category, component, value) in enumerate(lines)
    )  # fmt: skip
    CurriculumVersion.objects.filter(pk=version.pk).update(
        state="submitted", submission=package, submitted_by=signatory, submitted_at=submitted_at
    )
    return version


def decide(
    version: CurriculumVersion,
    approved: bool,
    reviewer: User,
    moment: datetime,
    valid: CurriculumVersion | None,
) -> CurriculumVersion | None:
    """Approve or return a version; the one that is valid afterwards."""
    if approved and valid is not None:
        CurriculumVersion.objects.filter(pk=valid.pk).update(valid_to=moment)
    CurriculumVersion.objects.filter(pk=version.pk).update(
        state="approved" if approved else "returned", decided_by=reviewer, decided_at=moment, reason="why",
        valid_from=moment if approved else None,
    )  # fmt: skip
    return version if approved else valid


def settle() -> None:
    """Let deferred constraints speak now, as a commit would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
