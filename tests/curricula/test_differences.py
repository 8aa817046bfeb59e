"""What changed between two versions of a curriculum."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from curricula.differences import compare, differences, with_versions_before
from curricula.models import CurriculumVersion, Line
from institutions.models import Institution
from tests.factories import make_discipline, make_earlier_period, make_programme, make_version

LINES = st.lists(
    st.builds(
        Line,
        discipline_id=st.integers(1, 4),
        semester=st.integers(1, 3),
        credits=st.sampled_from([Decimal(3), Decimal(5)]),
        ai_category=st.sampled_from(["none", "core"]),
    ),
    max_size=8,
    unique_by=lambda line: (line.discipline_id, line.semester),
)


@given(old=LINES, new=LINES)
def test_every_line_is_told_once(old: list[Line], new: list[Line]) -> None:
    found = compare(old, new)
    paired = len(found.changed) + found.unchanged
    assert len(found.added) + paired == len(new)
    assert len(found.removed) + paired == len(old)


@given(lines=LINES)
def test_nothing_differs_from_itself(lines: list[Line]) -> None:
    assert not compare(lines, lines)


@given(old=LINES, new=LINES)
def test_the_way_back_is_the_mirror(old: list[Line], new: list[Line]) -> None:
    there, back = compare(old, new), compare(new, old)
    assert len(there.added) == len(back.removed)
    assert there.unchanged == back.unchanged


@pytest.mark.django_db
def test_a_moved_discipline_is_a_change_not_a_loss(institution: Institution) -> None:
    discipline = make_discipline(institution)
    old = make_version(make_programme(institution), lines=[{"discipline": discipline, "semester": 1}])
    new = make_version(make_programme(institution), lines=[{"discipline": discipline, "semester": 3}])
    with translation.override("en"):
        (change,) = differences(old, new).changed
    assert [(field.name, field.was, field.now) for field in change.fields] == [("semester", "1", "3")]


@pytest.mark.django_db
def test_students_and_words_of_closed_lists_are_told(institution: Institution) -> None:
    discipline = make_discipline(institution)
    old = make_version(make_programme(institution), lines=[{"discipline": discipline}], students=None)
    new = make_version(make_programme(institution), lines=[{"discipline": discipline, "ai_category": "core"}])
    with translation.override("en"):
        found = differences(old, new)
        assert found.students
        assert (found.students.was, found.students.now) == ("not reported", "25")
        assert found.changed[0].fields[0].now == "AI as the subject"


@pytest.mark.django_db
def test_the_first_curriculum_is_all_new(institution: Institution) -> None:
    version = make_version(make_programme(institution))
    assert len(differences(None, version).added) == 2


@pytest.mark.django_db
def test_prefetched_lines_cost_no_query(institution: Institution, django_assert_num_queries: Any) -> None:
    for _number in "ab":
        make_version(make_programme(institution))
    old, new = CurriculumVersion.objects.prefetch_related("lines__discipline")
    with django_assert_num_queries(0):
        differences(old, new)


@pytest.mark.django_db
def test_a_version_is_compared_with_the_valid_one_of_its_period_else_of_the_one_before(
    institution: Institution,
) -> None:
    programme = make_programme(institution)
    earlier = make_version(programme, period=make_earlier_period(), state="approved")
    first = make_version(programme, state="submitted")
    assert before(first) == (earlier.pk, None)
    CurriculumVersion.objects.filter(pk=first.pk).update(
        state="returned", reason="Again.", decided_by=earlier.decided_by, decided_at=earlier.decided_at
    )
    second = make_version(programme, state="approved")
    assert before(second) == (earlier.pk, first.pk)
    assert before(make_version(programme)) == (second.pk, None)


def before(version: CurriculumVersion) -> tuple[int | None, int | None]:
    found: Any = with_versions_before(CurriculumVersion.objects.filter(pk=version.pk)).get()
    return found.last_id, found.returned_id
