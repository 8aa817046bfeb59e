"""Which passwords are refused: too short, too long, common in the world or in the country; and that nothing else is."""

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from institutions.models import User
from institutions.password_rules import LONGEST, common_words, once

ARU = User(email="aru@kaznu.kz", first_name="Aruzhan", last_name="Seitkali")


@pytest.mark.parametrize(
    "password",
    [
        "eleven-long",
        "123456789012",
        "aru@kaznu.kz",
        "xyz!xyz!xyz!xyz!",
        "              ",
        "Қазақстан2050",
        "2026-Казахстан!",
        "парольпароль",
        "Пароль 123 пароль",
        "gfhjkmgfhjkm",
        "rfpf[cnfy2026",  # Казахстан, on a Latin keyboard
        "йцукенгшщзхъ",
        "Министерство1",
        "құпиясөз12345",
        "qwertyuiop[]12",
        "abcabcabcabc",
        "qamtuqamtuqamtu",
        "x" * (LONGEST + 1) + "yz",
    ],
)
def test_what_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, ARU)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "тау бөктерінде ат шауып",
        "лошадь верно батарея",
        "алматыда күз ерте келеді",
        "k8$Vq2!zR7wP",
        "🐎🔋📎🐎🔋📎 скоба",
        "  spaces count  ",
        "wholly small letters",
        "верно лошадь " * 19,  # 247 characters
    ],
)
def test_of_letters_signs_and_digits_none_is_asked_for(password: str) -> None:
    validate_password(password, ARU)


def test_a_word_that_is_repeated_is_one_word() -> None:
    assert [once(word) for word in ("", "a", "aaaa", "abab", "aba", "абвабв")] == [
        "",
        "a",
        "a",
        "ab",
        "aba",
        "абв",
    ]


def test_the_list_is_kept_as_it_is_compared() -> None:
    assert {word for word in common_words() if word != word.casefold() or once(word) != word} == set()


def test_each_rule_says_what_it_asks_for() -> None:
    assert len(password_validators_help_texts()) == 6


@pytest.mark.django_db
def test_a_password_may_be_pasted_and_kept_by_a_manager(client: Client) -> None:
    page = client.get(reverse("sign-in")).content.decode()
    assert 'autocomplete="current-password"' in page
    assert "onpaste" not in page
    assert "maxlength" not in page.partition('type="password"')[2].partition(">")[0]
