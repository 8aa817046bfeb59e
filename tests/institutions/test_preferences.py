"""Preferences: what one is called, in which language and of what one is written to."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from institutions.models import Institution, User
from tests.factories import PASSWORD, make_institution, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

SAID = {"first_name": "Aru", "last_name": "Sadyk", "language": "ru", "letters": ["returned", "import"]}


def test_one_chooses_language_and_letters(client: Client, editor: User) -> None:
    client.force_login(editor)
    assert client.get(reverse("preferences")).content.decode().count(" checked") == 5
    assert client.post(reverse("preferences"), SAID)["Location"] == reverse("preferences")
    editor.refresh_from_db()
    assert (editor.get_full_name(), editor.language) == ("Aru Sadyk", "ru")
    assert set(editor.quiet) == {"approved", "deadline", "ready"}
    page = client.get(reverse("preferences")).content.decode()
    assert page.count(" checked") == 2
    assert "Saved" in page


@pytest.mark.parametrize(
    "wrong", [{"first_name": ""}, {"language": "fr"}, {"letters": ["invitation"]}, {"letters": ["password"]}]
)
def test_what_can_not_be_is_refused_and_nothing_saved(client: Client, editor: User, wrong: Any) -> None:
    client.force_login(editor)
    page = client.post(reverse("preferences"), {**SAID, **wrong})
    assert page.status_code == 422
    assert 'value="Sadyk"' in page.content.decode()
    editor.refresh_from_db()
    assert (editor.quiet, editor.language) == ([], "")


def test_the_preferences_are_ones_own(client: Client, editor: User, stranger: User) -> None:
    client.force_login(stranger)
    client.post(reverse("preferences"), SAID)
    editor.refresh_from_db()
    assert editor.quiet == []
    assert client.get(reverse("preferences")).content.decode().count("Institution satbayev") == 1


def test_a_visitor_is_asked_to_sign_in(client: Client) -> None:
    for method in (client.get, client.post):
        assert method(reverse("preferences"))["Location"].startswith(reverse("sign-in"))


def test_the_ministry_has_an_account_too(client: Client, reviewer: User) -> None:
    client.force_login(reviewer)
    assert "At the ministry" in client.get(reverse("preferences")).content.decode()


def test_it_costs_the_same_for_one_university_and_for_many(
    client: Client, editor: User, django_assert_num_queries: Any
) -> None:
    client.force_login(editor)
    with django_assert_num_queries(6):
        client.get(reverse("preferences"))
    for _number in range(5):
        make_institution().memberships.create(user=editor, role="editor")
    with django_assert_num_queries(6):
        client.get(reverse("preferences"))


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_signing_in_keeps_the_language_of_the_page(
    client: Client, institution: Institution, settings: Any, language: str
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = make_member(institution, "editor", email="aru@kaznu.kz", password=PASSWORD, language="en")
    answer = client.post(f"/{language}/sign-in/", {"username": user.email, "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/{language}/workspace/kaznu/"


def test_the_first_language_that_one_signs_in_by_is_that_of_the_letters(
    client: Client, institution: Institution, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = make_member(institution, "editor", email="aru@kaznu.kz", password=PASSWORD)
    for language in ("ru", "en"):
        client.post(f"/{language}/sign-in/", {"username": user.email, "password": PASSWORD})
    user.refresh_from_db()
    assert user.language == "ru"
