"""Forty universities that have handed in, made in a few statements: the ministry's queue on a busy afternoon."""

from datetime import timedelta
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from curricula.models import CurriculumVersion, Discipline, Line, Period, Programme, Submission
from curricula.suggesting import fill
from institutions.models import Institution, User
from tests.factories import EVIDENCE, make_field, make_region, three_names, three_titles

# A bachelor's curriculum of 240 credits, so that nothing looks odd of itself.
LINES = 8
CREDITS = Decimal(30)
CURRICULA = 3
LONG_AGO = timedelta(days=5 * 365)

HAND_IN = """
    UPDATE curricula_curriculumversion v
    SET state = 'submitted', submission_id = s.id, submitted_by_id = s.signed_by_id, submitted_at = s.signed_at
    FROM curricula_submission s WHERE s.institution_id = v.institution_id AND s.period_id = v.period_id
"""


def hand_in_many(period: Period, count: int) -> list[Submission]:
    """One submission of each of `count` universities, three curricula in it; the last one names no students."""
    now = timezone.now()
    people = User.objects.bulk_create(
        User(email=f"rector-{number}@example.kz", first_name=f"Rector {number}") for number in range(count)
    )
    region = make_region()
    universities = Institution.objects.bulk_create(
        Institution(
            code=f"afternoon-{number:02}", kind="state", region=region, city="Astana",
            in_registry_since=now - LONG_AGO, **three_names(f"University {number:02}"),
        )
        for number in range(count)
    )  # fmt: skip
    versions = drafts(period, universities)
    lines_of(versions, disciplines_of(universities))
    submissions = Submission.objects.bulk_create(
        Submission(
            institution=university, period=period, number=1, signed_by=person,
            signed_at=now - timedelta(days=count - number), faculty_total=100, faculty_trained=54,
        )
        for number, (university, person) in enumerate(zip(universities, people, strict=True))
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(HAND_IN)
    return submissions


def drafts(period: Period, universities: list[Institution]) -> list[CurriculumVersion]:
    direction = make_field("061")
    programmes = Programme.objects.bulk_create(
        Programme(
            institution=university, code=f"6B0610{number}", level="6B", direction=direction,
            active_from=(timezone.now() - LONG_AGO).date(), in_registry_since=timezone.now() - LONG_AGO,
            **three_titles(f"Programme {number}"),
        )
        for university in universities
        for number in range(1, CURRICULA + 1)
    )  # fmt: skip
    return CurriculumVersion.objects.bulk_create(
        CurriculumVersion(
            institution=programme.institution, programme=programme, period=period, number=1,
            students=None if programme.code.endswith(str(CURRICULA)) else 25,
        )
        for programme in programmes
    )  # fmt: skip


def disciplines_of(universities: list[Institution]) -> dict[int, list[Discipline]]:
    """By university; the first of each speaks of AI, and has the same title everywhere."""
    made = [
        Discipline(institution=university, code=f"D{number}", **three_titles(title(number)))
        for university in universities
        for number in range(LINES)
    ]
    fill(made)
    found: dict[int, list[Discipline]] = {}
    for discipline in Discipline.objects.bulk_create(made):
        found.setdefault(discipline.institution_id, []).append(discipline)
    return found


def title(number: int) -> str:
    return f"Discipline {number}" if number else "Machine learning"


def lines_of(versions: list[CurriculumVersion], disciplines: dict[int, list[Discipline]]) -> None:
    Line.objects.bulk_create(
        Line(
            institution=version.institution, version=version, position=position, discipline=discipline,
            credits=CREDITS, cycle="basic", component="mandatory", semester=1 + position,
            ai_category="none" if position else "core", evidence_url="" if position else EVIDENCE,
        )
        for version in versions
        for position, discipline in enumerate(disciplines[version.institution_id])
    )  # fmt: skip
