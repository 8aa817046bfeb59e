"""Demonstration data: the same for the same seed, honest in every state, and never beside real data."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, F, Q
from pytest_django import Settings

from curricula.checking import findings
from curricula.demo import vocabulary
from curricula.demo.loading import load
from curricula.demo.planning import Wish, plan
from curricula.demo.programmes import Place
from curricula.demo.progress import STORY_ENDS
from curricula.errors import Refused
from curricula.models import (
    AISum,
    CurriculumVersion,
    Discipline,
    Field,
    Line,
    Programme,
    ProgrammeState,
    Submission,
)
from curricula.suggesting import suggest
from institutions.models import Deployment, Institution
from tests.factories import make_programme

SMALL = Wish(seed=1, programmes=6)
ALMATY = ZoneInfo("Asia/Almaty")


@pytest.fixture
def reference(db: None) -> None:
    call_command("load_reference_data", verbosity=0)


@pytest.fixture
def loaded(reference: None) -> None:
    load(institutions=8, wish=SMALL, now=STORY_ENDS)


def hashes() -> list[str]:
    return sorted(CurriculumVersion.objects.exclude(content_hash="").values_list("content_hash", flat=True))


def test_the_same_seed_gives_the_same_plans_and_another_seed_others() -> None:
    place = Place("kaznu", "national", "Al-Farabi Kazakh National University")
    assert plan(place, Wish(seed=1)) == plan(place, Wish(seed=1))
    assert plan(place, Wish(seed=1)) != plan(place, Wish(seed=2))


@pytest.mark.django_db(transaction=True)
def test_the_same_seed_gives_the_same_content_hashes() -> None:
    call_command("load_reference_data", verbosity=0)
    runs = []
    for _run in range(2):
        load(institutions=4, wish=SMALL, now=STORY_ENDS)
        runs.append(hashes())
        empty_tables()
    assert len(runs[0]) > 30
    assert runs[0] == runs[1]


def empty_tables() -> None:
    tables = "curricula_line, curricula_aisum, curricula_curriculumversion, curricula_submission, curricula_discipline"
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table in [*tables.split(", "), "curricula_programmestate", "curricula_programme"]:
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("SET session_replication_role = DEFAULT")


def test_the_database_is_marked_as_a_demonstration(loaded: None) -> None:
    assert Deployment.is_demonstration()


def test_every_institution_has_exactly_as_many_programmes_as_wished(loaded: None) -> None:
    counts = (
        Programme.objects.values("institution").annotate(number=Count("pk")).values_list("number", flat=True)
    )
    assert list(counts) == [6] * 8


def test_versions_are_in_every_state_and_signed_before_they_are_decided(loaded: None) -> None:
    versions = CurriculumVersion.objects.all()
    assert set(versions.values_list("state", flat=True)) >= {"draft", "approved", "returned"}
    assert not versions.exclude(decided_at=None).filter(decided_at__lte=F("submitted_at")).exists()
    assert not versions.filter(Q(submitted_at__lte=F("edited_at")) | Q(decided_at__gt=STORY_ENDS)).exists()
    assert not versions.filter(submitted_at__date__lt=F("period__opens_on")).exists()
    assert not versions.filter(submitted_at__date__gt=F("period__closes_on")).exists()
    assert not versions.exclude(submission=None).exclude(submission__period=F("period")).exists()


def test_a_newer_approved_version_supersedes_the_older_at_its_approval(loaded: None) -> None:
    superseded = CurriculumVersion.objects.exclude(valid_to=None)
    assert superseded.exists()
    for old in superseded:
        newer = CurriculumVersion.objects.get(
            programme=old.programme, period=old.period, number=old.number + 1
        )
        assert newer.valid_from == old.valid_to


def test_sums_and_registry_states_are_those_of_the_rows(loaded: None) -> None:
    lines = Line.objects.exclude(ai_category="none").exclude(version__state="draft")
    assert sum(AISum.objects.values_list("lines", flat=True)) == lines.count() > 0
    assert ProgrammeState.objects.count() == Programme.objects.count()
    early = datetime(2024, 9, 1, tzinfo=ALMATY)
    assert ProgrammeState.objects.filter(active_from__lt=early, valid_from__gt=early).count() == 0


def test_what_the_clock_has_not_reached_has_not_happened(reference: None) -> None:
    now = datetime(2025, 12, 1, tzinfo=ALMATY)
    load(institutions=8, wish=SMALL, now=now)
    versions = CurriculumVersion.objects.all()
    assert not versions.filter(Q(submitted_at__gt=now) | Q(decided_at__gt=now)).exists()
    assert not Submission.objects.filter(Q(signed_at__gt=now) | Q(decided_at__gt=now)).exists()
    assert not versions.filter(period__code="2026").exclude(state="draft").exists()


def test_every_curriculum_has_lines_of_its_level_and_disciplines_are_shared(loaded: None) -> None:
    bachelor = CurriculumVersion.objects.filter(programme__level="6B").annotate(length=Count("lines"))
    assert all(30 <= version.length <= 50 for version in bachelor)
    assert Discipline.objects.count() < Line.objects.count() / 4
    assert not Discipline.objects.filter(Q(title_kk="") | Q(title_ru="") | Q(title_en="")).exists()


def test_an_exact_number_of_lines_is_kept_at_every_level(reference: None) -> None:
    load(institutions=2, wish=Wish(seed=1, programmes=40, lines=40, periods=("2026",)), now=STORY_ENDS)
    counts = CurriculumVersion.objects.annotate(length=Count("lines")).values_list("length", flat=True)
    assert set(counts) == {40}


def test_institutions_beyond_the_real_ones_are_invented_and_say_so(reference: None) -> None:
    load(institutions=123, wish=Wish(seed=1, programmes=1, periods=("2026",)), now=STORY_ENDS)
    invented = Institution.objects.filter(code__startswith="demo-")
    assert [institution.name_en for institution in invented.order_by("code")] == [
        "Demonstration University 0122",
        "Demonstration University 0123",
    ]


def test_a_second_load_is_refused(loaded: None, english: None) -> None:
    with pytest.raises(Refused, match="there already"):
        load(institutions=8, wish=SMALL)


def test_it_is_refused_beside_real_data_and_in_production(
    reference: None, settings: Settings, english: None
) -> None:
    make_programme()
    with pytest.raises(CommandError, match="never mixed with real data"):
        call_command("load_demo_data", institutions=2, verbosity=0)
    call_command("load_demo_data", "--if-needed", verbosity=0)
    assert not Deployment.is_demonstration()
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO"):
        call_command("load_demo_data", institutions=2, verbosity=0)


def test_the_words_are_enough_in_every_direction_and_three_languages(reference: None) -> None:
    titles = vocabulary.programme_titles()
    for direction in Field.objects.filter(kind="direction"):
        own = [title for title in titles if title.direction == direction.code and not title.is_ai_dedicated]
        levels = [level for title in own for level in title.levels]
        assert levels.count("6B") >= 6, direction.code
        assert levels.count("7M") >= 4, direction.code
        assert levels.count("8D") >= 2, direction.code
    words = [title.titles for title in titles] + [course.titles for course in vocabulary.courses().values()]
    assert all(len(in_three) == 3 and all(in_three) for in_three in words)


def test_every_ai_discipline_says_in_its_words_that_it_is_one() -> None:
    for course in vocabulary.courses().values():
        said = suggest(course.titles, course.description)
        assert said.is_ai == (course.ai_category != "none"), course.code
        assert bool(course.description) == said.is_ai


def test_what_the_checks_ask_of_drafts_and_of_what_was_signed_is_answered(loaded: None) -> None:
    """By the checks themselves, who know nothing of the plans. Medians are those of this very data."""
    current = CurriculumVersion.objects.filter(period__code="2026", number=1, valid_to=None).exclude(
        state="returned"
    )
    found = [one for some in findings(current).values() for one in some]
    asked = [one for one in found if one.asks_for_reason and one.code != "ai_above_median"]
    assert [str(one) for one in asked if not one.reason] == []
    assert len(asked) > 3
    assert not [str(one) for one in found if one.is_fault]
