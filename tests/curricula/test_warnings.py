"""What looks odd to the machine, and what does not."""

from typing import Any

import pytest
from django.utils import translation

from curricula.models import CurriculumVersion, Submission
from curricula.warnings import submission_warnings, version_warnings, warnings
from institutions.models import Institution
from tests.factories import (
    make_discipline,
    make_earlier_period,
    make_institution,
    make_programme,
    make_submission,
    make_version,
)

pytestmark = pytest.mark.django_db

EVIDENCE = "https://kaznu.kz/syllabus"


def codes(version: CurriculumVersion) -> set[str]:
    return {warning.code for warning in warnings(version)}


def make_sound(institution: Institution, **over: Any) -> CurriculumVersion:
    """A master's curriculum of 30 credits with one well described AI discipline."""
    lines = [
        {"discipline": make_discipline(institution, title_ru="Основы ИИ"), "ai_category": "foundations",
         "evidence_url": EVIDENCE},
        {"credits": 25},
    ]  # fmt: skip
    programme = over.pop("programme", None) or make_programme(institution, code="7M06101")
    return make_version(programme, **{"lines": lines, **over})


def test_a_sound_curriculum_has_no_warnings(institution: Institution) -> None:
    assert codes(make_sound(institution)) == set()


def test_missing_students_are_told(institution: Institution) -> None:
    assert codes(make_sound(institution, students=None)) == {"no_students"}


@pytest.mark.parametrize(("more", "told"), [(4, True), (25, False), (30, False)])
def test_a_far_total_of_credits_is_told(institution: Institution, more: int, told: bool) -> None:
    version = make_sound(institution, lines=[{"credits": 5}, {"credits": more}])
    assert ("credits" in codes(version)) == told


def test_a_total_reads_as_a_number(institution: Institution) -> None:
    version = make_sound(institution, lines=[{"credits": 30, "semester": number} for number in range(1, 11)])
    with translation.override("en"):
        assert "300 credits in all; programmes of this level have about 120." in map(str, warnings(version))


def test_ai_without_evidence_is_told(institution: Institution) -> None:
    title = make_discipline(institution, title_en="Deep Learning")
    version = make_sound(
        institution, lines=[{"discipline": title, "ai_category": "core", "evidence_url": ""}, {"credits": 30}]
    )
    assert codes(version) == {"no_evidence"}
    with translation.override("en"):
        assert str(warnings(version)[0]) == "“Deep Learning” is marked as AI and has no evidence."


@pytest.mark.parametrize(
    "title",
    ["Жасанды интеллект негіздері", "ЖИ құқығы", "Искусственного интеллекта этика", "ИИ в медицине", "AI for Law",
     "Машинное обучение", "Нейронные сети (часть 2)"],
)  # fmt: skip
def test_a_title_that_speaks_of_ai_without_category_is_told(institution: Institution, title: str) -> None:
    version = make_sound(
        institution, lines=[{"discipline": make_discipline(institution, title_kk=title)}, {"credits": 30}]
    )
    assert codes(version) == {"unmarked"}


@pytest.mark.parametrize("title", ["Химия", "Теория", "Нейробиология", "Maintenance", "Жиынтық бағалау"])
def test_an_ordinary_title_is_not(institution: Institution, title: str) -> None:
    version = make_sound(
        institution, lines=[{"discipline": make_discipline(institution, title_ru=title)}, {"credits": 30}]
    )
    assert codes(version) == set()


@pytest.mark.parametrize(
    ("description", "told"),
    [("", True), ("Поливка", True), ("Поливка с помощью Искусственного Интеллекта.", False)],
)
def test_a_category_of_which_nothing_speaks_is_told(
    institution: Institution, description: str, told: bool
) -> None:
    discipline = make_discipline(institution, title_ru="Мелиорация", description=description)
    line = {"discipline": discipline, "ai_category": "applied", "evidence_url": EVIDENCE}
    assert ("unnamed" in codes(make_sound(institution, lines=[line, {"credits": 30}]))) == told


def test_ai_that_is_gone_since_the_last_approval_is_told(institution: Institution) -> None:
    last = make_sound(institution, period=make_earlier_period(), state="approved")
    now = make_sound(institution, programme=last.programme, lines=[{"credits": 30}])
    assert codes(now) == {"ai_gone"}


def test_a_return_that_was_not_mended_is_told(institution: Institution) -> None:
    discipline = make_discipline(institution)
    lines = [{"discipline": discipline, "credits": 30}]
    returned = make_sound(institution, lines=lines, state="returned")
    again = make_sound(institution, programme=returned.programme, lines=lines, state="submitted")
    assert codes(again) == {"not_mended"}


def test_mending_is_not(institution: Institution) -> None:
    returned = make_sound(institution, lines=[{"credits": 30}], state="returned")
    mended = make_sound(
        institution, programme=returned.programme, lines=[{"credits": 29}, {}], state="submitted"
    )
    assert codes(mended) == set()


@pytest.mark.parametrize(
    ("total", "trained", "told"),
    [(100, 54, set()), (110, 80, set()), (100, 90, {"faculty_share"}), (140, 76, {"faculty_total"}),
     (50, 50, {"faculty_share", "faculty_total"})],
)  # fmt: skip
def test_jumps_of_staff_figures_are_told(
    institution: Institution, total: int, trained: int, told: set[str]
) -> None:
    last = make_submission(institution, period=make_earlier_period())
    Submission.objects.filter(pk=last.pk).update(
        state="approved", decided_by=make_version(state="approved").decided_by, decided_at=last.signed_at,
        valid_from=last.signed_at,
    )  # fmt: skip
    now = make_submission(institution, faculty_total=total, faculty_trained=trained)
    found = submission_warnings(Submission.objects.filter(pk=now.pk)).get(now.pk, [])
    assert {warning.code for warning in found} == told


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_warning_reads_in_every_language(language: str) -> None:
    for _number in range(2):
        institution = make_institution()
        version = make_sound(institution, students=None, lines=[{"ai_category": "core"}])
        with translation.override(language):
            for warning in version_warnings(CurriculumVersion.objects.filter(pk=version.pk))[version.pk]:
                assert "%" not in str(warning)


def test_the_cost_is_the_same_for_one_and_for_many(
    institution: Institution, django_assert_max_num_queries: Any
) -> None:
    for number in range(1, 8):
        make_sound(institution, programme=make_programme(institution, code=f"7M0610{number}"), students=None)
        if number in (1, 7):
            with django_assert_max_num_queries(9):
                assert len(version_warnings(CurriculumVersion.objects.all())) == number
