"""Writes plans into the database by COPY, along the same arrows as people do: drafts with lines, signed, decided.

The database's own rules stay on and are met: sums, hashes and registry states are made by its triggers. Only two
triggers are passed over: the history of lines and of disciplines, for nobody has typed them, and half a million events
would say so.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import cache
from typing import Any

import pgtrigger
from django.db import connection

from curricula.demo.answers import REASONS, Chains, answers
from curricula.demo.progress import ALMATY, InstitutionPlan, VersionPlan
from curricula.demo.vocabulary import Course
from curricula.suggesting import suggest

LINE_HISTORY = "curricula.Line:insert_insert"
DISCIPLINE_HISTORY = "curricula.Discipline:insert_insert"

Row = Sequence[Any]


@dataclass
class Target:
    """An institution with the ids that its rows need, filled in as they are made."""

    institution: int
    code: str
    editor: int
    signatory: int
    plan: InstitutionPlan
    programmes: dict[str, int] = field(default_factory=dict)
    disciplines: dict[str, int] = field(default_factory=dict)
    packages: dict[tuple[str, int], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Ids:
    """What is the same for every institution."""

    directions: dict[str, int]
    periods: dict[str, int]
    reviewer: int


def copy(table: str, columns: str, rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # pgtrigger.ignore goes along with a statement, and COPY is none to it
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as into:
            for row in rows:
                into.write_row(row)


@contextmanager
def checked_at_the_end(table: str) -> Iterator[None]:
    """Check a table's foreign keys for all rows at once when the block ends, which takes a tenth of row by row.

    Within the one transaction of the load: nobody else ever sees the table without them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        )
        keys = cursor.fetchall()
        for name, _definition in keys:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        yield
        for name, definition in keys:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def allocate(table: str, number: int) -> list[int]:
    """So many ids of a table, taken from its sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, number]
        )
        return [number for (number,) in cursor.fetchall()]


def write(targets: list[Target], ids: Ids) -> None:
    """Everything of a batch of institutions."""
    write_programmes(targets, ids)
    write_disciplines(targets)
    write_packages(targets, ids)
    rounds = max((version.number for target in targets for version in target.plan.versions), default=0)
    for number in range(1, rounds + 1):
        # One draft a curriculum at a time: the first versions are decided before the second are begun.
        write_versions(targets, ids, number)
    decide_packages(targets, ids)


def write_programmes(targets: list[Target], ids: Ids) -> None:
    for target in targets:
        plans = target.plan.programmes
        codes = [programme.code for programme in plans]
        target.programmes = dict(zip(codes, allocate("curricula_programme", len(codes)), strict=True))
    copy(
        "curricula_programme",
        "id, institution_id, code, level, direction_id, title_kk, title_ru, title_en, language, is_ai_dedicated,"
        " active_from, active_to, in_registry_since",
        (
            (
                target.programmes[plan.code], target.institution, plan.code, plan.level,
                ids.directions[plan.code[2:5]], *plan.titles, plan.language, plan.is_ai_dedicated,
                plan.active_from, plan.active_to, datetime.combine(plan.known_since, time(10), ALMATY),
            )
            for target in targets
            for plan in target.plan.programmes
        ),
    )  # fmt: skip


def write_disciplines(targets: list[Target]) -> None:
    taught: dict[str, dict[str, Course]] = {}
    for target in targets:
        lines = (line for version in target.plan.versions for line in version.lines)
        taught[target.code] = dict(sorted({course.code: course for course, _semester in lines}.items()))
        codes = list(taught[target.code])
        target.disciplines = dict(zip(codes, allocate("curricula_discipline", len(codes)), strict=True))
    with pgtrigger.ignore(DISCIPLINE_HISTORY):
        copy(
            "curricula_discipline",
            "id, institution_id, code, title_kk, title_ru, title_en, description, credits, ai_category, evidence_url,"
            " suggested_category, suggested_areas, suggested_terms, suggested_by",
            (
                (target.disciplines[code], target.institution, code, *written(course))
                for target in targets
                for code, course in taught[target.code].items()
            ),
        )


@cache
def written(course: Course) -> tuple[Any, ...]:
    """What a discipline says of itself, and what is suggested: the same few hundred are taught all over the country."""
    own = (*course.titles, course.description, course.credits, course.ai_category, evidence(course))
    return *own, *suggest(course.titles, course.description).as_columns().values()


def evidence(course: Course) -> str:
    return f"https://example.org/syllabi/{course.code}" if course.ai_category != "none" else ""


def write_packages(targets: list[Target], ids: Ids) -> None:
    for target in targets:
        keys = [(package.period, package.number) for package in target.plan.packages]
        target.packages = dict(zip(keys, allocate("curricula_submission", len(keys)), strict=True))
    copy(
        "curricula_submission",
        "id, institution_id, period_id, number, signed_by_id, signed_at, note, faculty_total, faculty_trained, state,"
        " reason",
        (
            (
                target.packages[package.period, package.number], target.institution, ids.periods[package.period],
                package.number, target.signatory, package.signed_at, package.note, package.faculty_total,
                package.faculty_trained, "submitted", "",
            )
            for target in targets
            for package in target.plan.packages
        ),
    )  # fmt: skip


def write_versions(targets: list[Target], ids: Ids, number: int) -> None:
    chosen = [(t, version) for t in targets for version in t.plan.versions if version.number == number]
    made = list(zip(allocate("curricula_curriculumversion", len(chosen)), chosen, strict=True))
    copy(
        "curricula_curriculumversion",
        "id, institution_id, programme_id, period_id, number, state, students, edit_number, edited_by_id, edited_at,"
        " reason, content_hash",
        (
            (
                pk, target.institution, target.programmes[version.programme], ids.periods[version.period],
                version.number, "draft", version.students, 1, target.editor, version.edited_at, "", "",
            )
            for pk, (target, version) in made
        ),
    )  # fmt: skip
    # The triggers' plans must know the sizes of what was just written, or they read whole tables row by row.
    run("ANALYZE curricula_curriculumversion, curricula_discipline")
    write_lines(made)
    run("ANALYZE curricula_line")
    write_answers(made)
    sign_and_decide(made, ids)


def write_lines(made: list[tuple[int, tuple[Target, VersionPlan]]]) -> None:
    columns = (
        "institution_id, version_id, position, discipline_id, credits, cycle, component, semester, ai_category,"
        " evidence_url"
    )
    copy_lines = f"COPY curricula_line ({columns}) FROM STDIN"
    with pgtrigger.ignore(LINE_HISTORY), connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # as in `copy`
        with cursor.copy(copy_lines) as into:
            for pk, (target, version) in made:
                into.write("".join(lines_of(pk, target, version)))


def lines_of(pk: int, target: Target, version: VersionPlan) -> Iterator[str]:
    """A version's lines in COPY's own text format: nothing in them needs quoting, and this is the bulk of the data."""
    for position, (course, semester) in enumerate(version.lines, start=1):
        yield (
            f"{target.institution}\t{pk}\t{position}\t{target.disciplines[course.code]}\t{course.credits}"
            f"\t{course.cycle}\t{course.component}\t{semester}\t{course.ai_category}\t{evidence(course)}\n"
        )


def write_answers(made: list[tuple[int, tuple[Target, VersionPlan]]]) -> None:
    """Why what the checks would warn of is right all the same: while it is a draft, as people do it."""
    chains = {target.code: Chains(target.plan.versions) for _pk, (target, _version) in made}
    copy(
        "curricula_warningreason",
        "institution_id, version_id, code, discipline_id, reason, given_by_id, given_at",
        (
            (
                target.institution, pk, code, target.disciplines[course.code] if course else None, REASONS[code],
                target.editor, version.edited_at,
            )
            for pk, (target, version) in made
            for code, course in answers(version, chains[target.code].last(version), suggested_of)
        ),
    )  # fmt: skip


def suggested_of(course: Course) -> str:
    return str(written(course)[-4])


def sign_and_decide(made: list[tuple[int, tuple[Target, VersionPlan]]], ids: Ids) -> None:
    decisions(
        (
            pk, target.packages[version.period, version.package], target.signatory, version.submitted_at,
            version.state, ids.reviewer if version.decided_at else None, version.decided_at, version.reason,
        )
        for pk, (target, version) in made
        if version.package
    )  # fmt: skip
    run(
        """
        UPDATE curricula_curriculumversion version SET state = 'submitted', submission_id = d.submission_id,
            submitted_by_id = d.signed_by_id, submitted_at = d.signed_at
        FROM demo_decision d WHERE d.id = version.id
        """,
        """
        UPDATE curricula_curriculumversion older SET valid_to = d.decided_at
        FROM demo_decision d JOIN curricula_curriculumversion newer USING (id)
        WHERE d.state = 'approved' AND older.programme_id = newer.programme_id
            AND older.period_id = newer.period_id AND older.state = 'approved' AND older.valid_to IS NULL
        """,
        """
        UPDATE curricula_curriculumversion version SET state = d.state, decided_by_id = d.decided_by_id,
            decided_at = d.decided_at, reason = d.reason,
            valid_from = CASE WHEN d.state = 'approved' THEN d.decided_at END
        FROM demo_decision d WHERE d.id = version.id AND d.decided_at IS NOT NULL
        """,
    )


def decide_packages(targets: list[Target], ids: Ids) -> None:
    """Sealed when all of each is in it. Then one after the other: approved figures supersede those approved before."""
    everyone = [number for target in targets for number in target.packages.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE curricula_submission SET content_hash = 'sealed by the database' WHERE id = ANY(%s)",
            [everyone],
        )
    most = max((package.number for target in targets for package in target.plan.packages), default=0)
    for number in range(1, most + 1):
        decisions(
            (
                target.packages[package.period, number], None, None, None, package.state, ids.reviewer,
                package.decided_at, package.reason,
            )
            for target in targets
            for package in target.plan.packages
            if package.number == number and package.decided_at
        )  # fmt: skip
        run(
            """
            UPDATE curricula_submission older SET valid_to = d.decided_at
            FROM demo_decision d JOIN curricula_submission newer USING (id)
            WHERE d.state = 'approved' AND older.institution_id = newer.institution_id
                AND older.period_id = newer.period_id AND older.state = 'approved' AND older.valid_to IS NULL
            """,
            """
            UPDATE curricula_submission submission SET state = d.state, decided_by_id = d.decided_by_id,
                decided_at = d.decided_at, reason = d.reason,
                valid_from = CASE WHEN d.state = 'approved' THEN d.decided_at END
            FROM demo_decision d WHERE d.id = submission.id
            """,
        )


def decisions(rows: Iterable[Row]) -> None:
    run(
        "DROP TABLE IF EXISTS demo_decision",
        """
        CREATE TEMPORARY TABLE demo_decision (id bigint PRIMARY KEY, submission_id bigint, signed_by_id bigint,
            signed_at timestamptz, state text, decided_by_id bigint, decided_at timestamptz, reason text)
            ON COMMIT DROP
        """,
    )
    columns = "id, submission_id, signed_by_id, signed_at, state, decided_by_id, decided_at, reason"
    copy("demo_decision", columns, rows)
    run("ANALYZE demo_decision")


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
