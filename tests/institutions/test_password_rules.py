"""Which passwords are refused: too short, too long, common in the world or in the country; and that nothing else is."""

import hashlib
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.test import Client, override_settings
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from config import environment
from institutions.models import User
from institutions.password_rules import LONGEST, common_words, is_listed, once

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
    assert len(password_validators_help_texts()) == 7


@pytest.mark.parametrize("password", ["Sojdlg123aljg", "sojdlg123ALJG", "PolniyPizdec0211", "1q2w3e4r5t6y"])
def test_what_a_breach_has_made_known_is_refused(password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, ARU)
    assert "password_breached" in {error.code for error in refused.value.error_list}


@given(
    words=st.sets(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=30),
    others=st.sets(st.text("abc", min_size=1, max_size=4), max_size=30),
    counted=st.booleans(),
)
def test_of_a_list_in_the_form_that_is_given_out_each_is_found_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, words: set[str], others: set[str], counted: bool
) -> None:
    hashes = sorted(hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper() for word in words)
    path = tmp_path_factory.getbasetemp() / "pwned.txt"
    path.write_text("".join(f"{one}:{len(one)}\r\n" if counted else f"{one}\n" for one in hashes))
    assert environment.hashes(str(path)) == path
    with override_settings(BREACHED_PASSWORDS=path):
        assert {word for word in words | others if is_listed(word)} == words


@pytest.mark.parametrize(
    "lines", ["", "password\n", f"{'B' * 40}:1\n{'A' * 40}:9\n", f"{'a' * 40}\n", "A" * 41 + "\n"]
)
def test_a_list_in_another_form_stops_the_start(tmp_path: Path, lines: str) -> None:
    (tmp_path / "list.txt").write_text(lines)
    with pytest.raises(ValueError, match="ordered by hash"):
        environment.hashes(str(tmp_path / "list.txt"))
    with pytest.raises(ValueError, match="can be read"):
        environment.hashes(str(tmp_path / "none.txt"))


@pytest.mark.django_db
def test_a_password_may_be_pasted_and_kept_by_a_manager(client: Client) -> None:
    page = client.get(reverse("sign-in")).content.decode()
    assert 'autocomplete="current-password"' in page
    assert "onpaste" not in page
    assert "maxlength" not in page.partition('type="password"')[2].partition(">")[0]
