"""Founding worlds: a description written to the database as people would have written it, and gone afterwards.

Drafts with lines are submitted, decided and superseded, staff figures likewise, exemptions revoked; universities move,
merge and close. By sets, a statement for all rows that are alike: hundreds of worlds are founded in each run of the
tests. The database keeps its rules all the same.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import count, zip_longest
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from curricula.models import (
    CurriculumVersion,
    Discipline,
    Field,
    Line,
    Period,
    Programme,
    ProgrammeState,
    Submission,
)
from institutions.models import Institution, InstitutionState, Region, User
from reports.models import Exemption, Mandate, Requirement
from tests.reports.worlds import DAYS, FIELDS, InstitutionPlan, ProgrammePlan, World, day

M = TypeVar("M", bound=models.Model)

BEFORE = day(-100)
NAMES = {"name_kk": "А", "name_ru": "А", "name_en": "A"}


@dataclass(frozen=True)
class Ground:
    """What all worlds stand on."""

    period: Period
    signatory: User
    reviewer: User
    mandate: Mandate
    regions: list[Region]
    directions: dict[str, Field]


def make_ground() -> Ground:
    signatory, reviewer = write(
        User(email=f"{name}@world.test", password="!", is_staff=name == "reviewer")
        for name in ("signatory", "reviewer")
    )
    fields = write(Field(code=code[:2], kind="field", **NAMES) for code in FIELDS)
    directions = write(
        Field(code=code, kind="direction", parent=parent, **NAMES)
        for code, parent in zip(FIELDS, fields, strict=True)
    )
    return Ground(
        period=Period.objects.create(
            code="2024", starts_on=date(2024, 9, 1), ends_on=date(2025, 8, 31), opens_on=date(2024, 9, 1),
            due_on=date(2025, 7, 1), closes_on=date(2025, 8, 1),
        ),
        signatory=signatory,
        reviewer=reviewer,
        mandate=Mandate.objects.create(code="m", **NAMES),
        regions=write(Region(code=f"R{n}", kind="region", **NAMES) for n in (1, 2)),
        directions={one.code: one for one in directions},
    )  # fmt: skip


founded = count(1)


@contextmanager
def country(world: World, ground: Ground) -> Iterator[Period]:
    """The world, gone afterwards."""
    with transaction.atomic():
        build(world, ground)
        yield ground.period
        transaction.set_rollback(True)
    if next(founded) % 50 == 0:
        sweep()


def sweep() -> None:
    """Rows of worlds that are gone still fill pages, which every count reads: begin with empty tables."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("TRUNCATE institutions_institution, reports_requirement, reports_snapshot CASCADE")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def build(world: World, ground: Ground) -> None:
    """Write the world; to be called in a transaction that is rolled back."""
    requirements(world, ground)
    homes = institutions(world, ground)
    taught = programmes(world, homes, ground)
    exempt(world, taught, ground)
    curricula(taught, signings(world, homes, ground), ground)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is deferred speaks now, as at a commit


def write(rows: Iterable[M]) -> list[M]:
    """Insert rows of one table in one statement; with their numbers."""
    made = list(rows)
    return type(made[0])._default_manager.bulk_create(made) if made else []


def change(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """Update the columns that the rows name, each that of its `id`, in one statement."""
    given = list(rows)
    if not given:
        return
    table = model._meta.db_table
    columns = ", ".join(f"{name} = given.{name}" for name in given[0] if name != "id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {columns} FROM jsonb_populate_recordset(NULL::{table}, %s) AS given"
            f" WHERE {table}.id = given.id",
            [json.dumps(given, cls=DjangoJSONEncoder)],
        )


def requirements(world: World, ground: Ground) -> None:
    write(
        Requirement(
            mandate=ground.mandate, code=f"r{number}", levels=plan.levels, fields=plan.fields, kinds=plan.kinds,
            min_disciplines=plan.min_disciplines, min_credits=Decimal(plan.min_credits),
            categories=plan.categories, components=plan.components, adopted_at=day(plan.adopted),
            effective_from=on(plan.effective),
            effective_to=perhaps_on(plan.until), **NAMES,
        )
        for number, plan in enumerate(world.requirements)
    )  # fmt: skip


def on(number: int) -> date:
    return day(number).date()


def perhaps_on(number: int | None) -> date | None:
    return None if number is None else on(number)


def closes(plan: InstitutionPlan) -> int | None:
    """Not before it opens."""
    if plan.closed is None or plan.opened is None:
        return plan.closed
    return max(plan.closed, plan.opened + 1)


def institutions(world: World, ground: Ground) -> list[Institution]:
    made = write(
        Institution(
            code=f"u{number}", kind=plan.kind, region=ground.regions[plan.region], opened_on=perhaps_on(plan.opened),
            closed_on=perhaps_on(closes(plan)), in_registry_since=BEFORE, **NAMES,
        )
        for number, plan in enumerate(world.institutions)
    )  # fmt: skip
    states = [
        InstitutionState(
            institution=one, region_code=f"R{region + 1}", kind=kind, opened_on=one.opened_on,
            closed_on=one.closed_on, valid_from=day(since),
        )
        for one, plan in zip(made, world.institutions, strict=True)
        for since, region, kind in filter(None, [plan.becomes])
    ]  # fmt: skip
    follow("institution_id", states)
    return made


def follow(owner: str, states: list[Any]) -> None:
    """Close the present state of each owner, and write these: what the registry's triggers do by the clock, at a
    moment of the past."""
    if not states:
        return
    begins = {getattr(one, owner): one.valid_from for one in states}
    present = type(states[0]).objects.filter(**{f"{owner}__in": begins}).values_list("pk", owner)
    change(type(states[0]), ({"id": number, "valid_to": begins[of]} for number, of in present))
    write(states)


@dataclass(frozen=True)
class Taught:
    """A programme in the database, and its plan."""

    row: Programme
    plan: ProgrammePlan


def programmes(world: World, homes: list[Institution], ground: Ground) -> list[Taught]:
    plans = [
        (home, position, plan)
        for home, of in zip(homes, with_successors(world.institutions), strict=True)
        for position, plan in enumerate(of)
    ]
    rows = write(
        Programme(
            institution=home, code=f"{plan.level}{plan.direction}{position:02d}", level=plan.level,
            direction=ground.directions[plan.direction], language=plan.language, is_ai_dedicated=plan.dedicated,
            active_from=on(plan.starts), in_registry_since=BEFORE,
            active_to=None if plan.ends is None else on(max(plan.starts, plan.ends)),
        )
        for home, position, plan in plans
    )  # fmt: skip
    made = [Taught(row, plan) for row, (_home, _position, plan) in zip(rows, plans, strict=True)]
    states = [
        ProgrammeState(
            institution=one.row.institution, programme=one.row, level=one.row.level,
            field_code=one.plan.direction[:2], language=language, is_ai_dedicated=dedicated,
            active_from=one.row.active_from, active_to=one.row.active_to, valid_from=day(since),
        )
        for one in made
        for since, language, dedicated in filter(None, [one.plan.becomes])
    ]  # fmt: skip
    follow("programme_id", states)
    return made


def with_successors(plans: list[InstitutionPlan]) -> list[list[ProgrammePlan]]:
    """What each teaches: its own, and what goes on here of one that was merged, with nothing handed in yet."""
    goes_on: list[ProgrammePlan] = []
    found = []
    for plan in plans:
        found.append([*plan.programmes, *goes_on])
        merged_on = closes(plan) if plan.merged else None
        goes_on = (
            []
            if merged_on is None
            else [replace(one, starts=merged_on, versions=[], becomes=None) for one in plan.programmes]
        )
    return found


def exempt(world: World, taught: list[Taught], ground: Ground) -> None:
    everybody = (-50, 2 * DAYS, None) if world.all_exempt else None
    write(
        Exemption(
            institution=one.row.institution, programme=one.row, requirement_code="r0", reason="why",
            decided_by=ground.reviewer, decided_at=day(begins - 1), starts_on=on(begins), ends_on=on(begins + length),
            revoked_at=None if revoked is None else day(max(revoked, begins)),
        )
        for one in taught
        for begins, length, revoked in filter(None, [everybody or one.plan.exemption])
    )  # fmt: skip


def signings(world: World, homes: list[Institution], ground: Ground) -> dict[int, Submission]:
    """The submissions with staff figures, decided one after another; the first is the package of all curricula."""
    packages = write(
        Submission(
            institution=home, period=ground.period, number=1, signed_by=ground.signatory, signed_at=day(-40),
            faculty_total=10, faculty_trained=3,
        )
        for home in homes
    )  # fmt: skip
    valid: dict[int, int] = {}
    staff = [sorted(plan.staff) for plan in world.institutions]
    for number, turn in enumerate(zip_longest(*staff), start=2):
        figures = [(home, *given) for home, given in zip(homes, turn, strict=True) if given]
        made = write(
            Submission(
                institution=home, period=ground.period, number=number, signed_by=ground.signatory,
                signed_at=day(signed), faculty_total=100, faculty_trained=trained,
            )
            for home, signed, trained, _approved in figures
        )  # fmt: skip
        decisions = [
            Decision(row.pk, home.pk, day(signed + 10), approved)
            for row, (home, signed, _trained, approved) in zip(made, figures, strict=True)
        ]
        decide(Submission, decisions, valid, ground.reviewer)
    return {one.institution_id: one for one in packages}


@dataclass(frozen=True)
class Decision:
    number: int
    subject: int  # the programme or institution, of which one is valid at a time
    at: datetime
    approved: bool


def decide(
    model: type[CurriculumVersion] | type[Submission],
    decisions: list[Decision],
    valid: dict[int, int],
    by: User,
) -> None:
    """Approve or return, one of each subject; what was approved supersedes what is `valid`."""
    approved = [one for one in decisions if one.approved]
    superseded = [one for one in approved if one.subject in valid]
    change(model, ({"id": valid[one.subject], "valid_to": one.at} for one in superseded))
    change(
        model,
        (
            {
                "id": one.number, "state": "approved" if one.approved else "returned", "decided_by_id": by.pk,
                "decided_at": one.at, "reason": "why", "valid_from": one.at if one.approved else None,
            }
            for one in decisions
        ),
    )  # fmt: skip
    valid |= {one.subject: one.number for one in approved}


def curricula(taught: list[Taught], packages: dict[int, Submission], ground: Ground) -> None:
    """The versions of all programmes: all first ones together, then all second ones."""
    disciplines: dict[int, list[Discipline]] = {}
    for discipline in write(
        Discipline(institution_id=home, code=f"D{n}", title_en="AI") for home in packages for n in range(4)
    ):
        disciplines.setdefault(discipline.institution_id, []).append(discipline)
    decided: dict[int, int] = {}
    valid: dict[int, int] = {}
    for number, turn in enumerate(zip_longest(*(one.plan.versions for one in taught)), start=1):
        handed_in = [(one, plan) for one, plan in zip(taught, turn, strict=True) if plan]
        versions = write(
            CurriculumVersion(
                institution_id=one.row.institution_id, programme=one.row, period=ground.period, number=number,
                students=plan.students,
            )
            for one, plan in handed_in
        )  # fmt: skip
        write(
            Line(
                institution_id=version.institution_id, version=version, position=place,
                discipline=disciplines[version.institution_id][place], credits=Decimal(value), cycle="basic",
                component=component, semester=1, ai_category=category,
            )
            for version, (_one, plan) in zip(versions, handed_in, strict=True)
            for place, (category, component, value) in enumerate([("none", "mandatory", 5), *plan.lines])
        )  # fmt: skip
        submissions, decisions = [], []
        for version, (one, plan) in zip(versions, handed_in, strict=True):
            subject = one.row.pk
            submitted = max(plan.submitted, decided.get(subject, plan.submitted))
            decided[subject] = submitted + plan.takes
            submissions.append(
                {
                    "id": version.pk, "state": "submitted", "submission_id": packages[version.institution_id].pk,
                    "submitted_by_id": ground.signatory.pk, "submitted_at": day(submitted),
                }
            )  # fmt: skip
            if not (one.plan.waits and number == len(one.plan.versions)):
                decisions.append(Decision(version.pk, subject, day(decided[subject]), plan.approved))
        change(CurriculumVersion, submissions)
        decide(CurriculumVersion, decisions, valid, ground.reviewer)
