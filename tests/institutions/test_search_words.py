"""Rows are searched by words: in any case, with Kazakh letters or without, and a short word not within another."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curricula.models import Discipline
from institutions.models import Institution
from institutions.names import KAZAKH_ALPHABET, matching, search_words
from tests.factories import make_discipline, make_institution

pytestmark = pytest.mark.django_db


@pytest.fixture
def discipline(institution: Institution) -> Discipline:
    titles = {"title_kk": "Қазақ тілін өңдеу және ЖИ", "title_ru": "Химия, «Ёмкость» и C++", "title_en": ""}
    return make_discipline(institution, code="CSE-1101", **titles)


@pytest.mark.parametrize(
    "typed",
    [
        "", "қазақ", "ҚАЗАҚ ТІЛІН", "казак тилин ондеу", "өңдеу қазақ", "жи", "ЖИ", "химия", "емкость", "ёмкость",
        "«химия»", "c++", "cse-1101", "1101", "101", "өңд", "имия", "қазақ химия",
    ],
)  # fmt: skip
def test_a_row_is_found_by_its_words(discipline: Discipline, typed: str) -> None:
    assert Discipline.objects.filter(matching(typed)).exists()


@pytest.mark.parametrize("typed", ["ми", "ия", "қазақ физика", "казакх", "110 1102"])
def test_a_row_is_not_found_by_others(discipline: Discipline, typed: str) -> None:
    assert not Discipline.objects.filter(matching(typed)).exists()


@settings(max_examples=60)
@given(
    st.text(KAZAKH_ALPHABET + KAZAKH_ALPHABET.upper() + "abcXYZ019 -«»,.()№+#%_'\\", min_size=1, max_size=60)
)
def test_the_database_folds_what_is_stored_as_what_is_typed(text: str) -> None:
    stored = make_discipline(make_institution(), title_ru=f"x{text}")
    stored.refresh_from_db()
    words = search_words(f"x{text}")
    assert all(word in stored.search for word in words)
    assert Discipline.objects.filter(matching(f"x{text}"), pk=stored.pk).exists()
