"""What each column takes, and what it refuses with which remedy."""

from decimal import Decimal
from typing import Any

import pytest

from curricula.spreadsheets.columns import PARSERS, Wrong, parse_column
from curricula.spreadsheets.faults import MESSAGES
from curricula.spreadsheets.vocabulary import CHOICES, HEADINGS, fold, recognise

TAKEN: list[tuple[str, Any, Any]] = [
    ("programme_code", "6B06102", "6B06102"),
    ("programme_code", " 7m06102\u00a0", "7M06102"),
    ("programme_code", "6В06102", "6B06102"),  # Cyrillic
    ("programme_code", "7М 06102", "7M06102"),
    ("discipline_code", "ИИ 1101-2/3", "ИИ 1101-2/3"),
    ("discipline_code", 1101.0, "1101"),
    ("discipline_title", "  Основы \u00a0 ИИ ", "Основы ИИ"),
    ("discipline_title", "\u200b \u00a0", ""),  # the institution may have it already
    ("credits", "5,5", Decimal("5.5")),
    ("credits", 30, Decimal(30)),
    ("credits", "1", Decimal(1)),
    ("cycle", "ООД", "general"),
    ("cycle", "Базовые дисциплины", "basic"),
    ("cycle", "КП", "major"),
    ("component", "BK", "university"),  # Latin
    ("component", "Таңдау компоненті", "elective"),
    ("semester", "12", 12),
    ("ai_category", "НЕТ", "none"),
    ("ai_category", "этика және құқық", "ethics"),
    ("evidence_url", "http://example.kz/a?b=1#c", "http://example.kz/a?b=1#c"),
    ("evidence_url", "", ""),
    ("evidence_url", "https://example.kz/" + "x" * 481, "https://example.kz/" + "x" * 481),
    ("description", "x" * 5000, "x" * 5000),
]
REFUSED: list[tuple[str, Any, str]] = [
    ("programme_code", "6B0610", "programme_code"),
    ("programme_code", "9X06102", "programme_code"),
    ("programme_code", "", "required"),
    ("programme_code", "6B0\n6102", "line_break"),
    ("discipline_code", "=cmd|' /C calc'!A0", "discipline_code"),
    ("discipline_code", "A" * 41, "too_long"),
    ("discipline_title", "a\x00b", "control"),
    ("discipline_title", "right\u202eleft", "control"),
    ("discipline_title", "a\ud800", "control"),
    ("discipline_title", "one\ntwo", "line_break"),
    ("discipline_title", "x" * 301, "too_long"),
    ("description", "x" * 5001, "too_long"),
    ("credits", "5\x00", "control"),
    ("credits", "5,5 ects", "not_number"),
    ("credits", "1e3", "not_number"),
    ("credits", "٥", "not_number"),
    ("credits", float("nan"), "not_number"),
    ("credits", float("inf"), "not_number"),
    ("credits", 0, "credits_range"),
    ("credits", -3, "credits_range"),
    ("credits", 30.1, "credits_range"),
    ("credits", 60, "credits_range"),
    ("credits", "0.5", "credits_range"),
    ("credits", 0.9, "credits_range"),
    ("credits", "5.25", "credits_places"),
    ("cycle", "main", "not_choice"),
    ("component", "5", "not_choice"),
    ("semester", 0, "semester_range"),
    ("semester", 13, "semester_range"),
    ("semester", 1.5, "not_whole"),
    ("semester", "1-2", "not_whole"),
    ("ai_category", True, "truth"),
    ("evidence_url", "javascript:alert(1)", "url"),
    ("evidence_url", "ftp://example.kz/x", "url"),
    ("evidence_url", "https://", "url"),
    ("evidence_url", "https://good.kz@evil.example/", "url"),
    ("evidence_url", "https://[::1", "url"),
    ("evidence_url", 'https://example.kz/"onclick', "url"),
    ("evidence_url", "https://example.kz/" + "x" * 482, "too_long"),
]


@pytest.mark.parametrize(("column", "cell", "value"), TAKEN)
def test_a_good_cell_is_taken(column: str, cell: Any, value: Any) -> None:
    assert parse_column(column, [cell]) == [value]


@pytest.mark.parametrize(("column", "cell", "code"), REFUSED)
def test_a_bad_cell_is_refused_with_its_reason(column: str, cell: Any, code: str) -> None:
    (wrong,) = parse_column(column, [cell])
    assert isinstance(wrong, Wrong)
    assert wrong.code == code
    assert code in MESSAGES


def test_one_and_true_are_not_the_same_cell() -> None:
    assert parse_column("semester", [1.0, True, 1])[::2] == [1, 1]
    assert isinstance(parse_column("semester", [1.0, True])[1], Wrong)


def test_one_and_true_are_not_the_same_cell_in_any_order() -> None:
    values = parse_column("semester", [True, 1, True])
    assert [isinstance(value, Wrong) for value in values] == [True, False, True]


def test_letters_that_were_lost_are_looked_for_in_texts_of_files_that_may_lose_them() -> None:
    lost = ("discipline_title", "?лемдік экономика")
    (wrong,) = parse_column(lost[0], [lost[1]], watch_for_lost_letters=True)
    assert isinstance(wrong, Wrong)
    assert wrong.code == "lost_letters"
    assert parse_column(lost[0], [lost[1]]) == [lost[1]]
    address = "https://example.kz/?year=2025"
    assert parse_column("evidence_url", [address], watch_for_lost_letters=True) == [address]


def test_every_spelling_of_every_choice_means_one_thing() -> None:
    for name, table in CHOICES.items():
        for value, words in table.items():
            for spelling in (value, *(word for spellings in words.values() for word in spellings)):
                assert PARSERS[name](spelling) == value, (name, spelling)


def test_every_spelling_of_every_heading_means_one_column() -> None:
    for name, words in HEADINGS.items():
        for spellings in words.values():
            for spelling in spellings:
                assert recognise(spelling) == name
                assert recognise(f" {spelling.upper()} * ") == name


def test_folding_keeps_different_words_apart() -> None:
    assert fold("Негізгі") != fold("негіздер")
    assert fold("основной") != fold("основы")
