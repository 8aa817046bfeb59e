"""A new password by letter: for whoever has an account, told to nobody else; and changing it oneself."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pghistory.models import Events

from institutions.models import Institution, Letter, SignInAttempt, User
from institutions.sending import send_outstanding
from institutions.views.accounts import LETTERS_AT_MOST
from tests.factories import PASSWORD, make_member, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

BETTER = "quite another staple"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Hashing is slow on purpose, and not what is tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person(institution: Institution) -> User:
    return make_member(institution, "editor", email="aru@kaznu.kz", password=PASSWORD, language="ru")


def ask(client: Client, email: str) -> Any:
    return client.post(reverse("password-reset"), {"email": email}, follow=True)


def link() -> str:
    (letter,) = mail.outbox
    (found,) = set(re.findall(r"http://[^/\s]+(/\w\w/password/\S+)", str(letter.body)))
    return str(found)


def test_a_new_password_by_letter(client: Client, person: User) -> None:
    assert "on its way" in ask(client, "ARU@kaznu.kz").content.decode()
    assert send_outstanding() == 1
    assert mail.outbox[0].to == ["aru@kaznu.kz"]
    address = link()
    assert address.startswith("/ru/password/")  # the person's language, not the page's
    page = client.get(address, follow=True)
    clean = page.redirect_chain[-1][0]
    assert clean.endswith("/set-password/")
    answer = client.post(clean, {"new_password1": BETTER, "new_password2": BETTER})
    assert answer["Location"] == "/ru/sign-in/"
    person.refresh_from_db()
    assert person.check_password(BETTER)
    again = client.get(address, follow=True).content.decode()
    assert reverse("password-reset").removeprefix("/en") in again  # used: ask for another


def test_opening_the_link_changes_nothing(person: User) -> None:
    ask(Client(), person.email)
    send_outstanding()
    address = link()
    for _time in range(3):
        assert "new_password1" in Client().get(address, follow=True).content.decode()
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_a_bad_password_is_refused(client: Client, person: User) -> None:
    ask(client, person.email)
    send_outstanding()
    clean = client.get(link(), follow=True).redirect_chain[-1][0]
    assert client.post(clean, {"new_password1": "123", "new_password2": "123"}).status_code == 200
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_nobody_learns_who_has_an_account(person: User, django_assert_num_queries: Any) -> None:
    """The same answer after the same work: the request does not even look for the account."""
    make_user("closed@kaznu.kz", PASSWORD, is_active=False)
    pages = []
    for email in (person.email, "nobody@kaznu.kz", "closed@kaznu.kz"):
        with django_assert_num_queries(4):
            answer = Client().post(reverse("password-reset"), {"email": email})
        assert answer.status_code == 302
        pages.append(Client().get(answer["Location"]).content.decode())
    assert len({page.split("<main")[1] for page in pages}) == 1
    assert Letter.objects.count() == 3
    assert send_outstanding() == 1
    assert Letter.objects.count() == 1  # nothing is kept of the others
    assert [letter.to for letter in mail.outbox] == [[person.email]]


def test_the_link_is_stored_nowhere(client: Client, person: User) -> None:
    ask(client, person.email)
    send_outstanding()
    token = link().split("/")[-2]
    assert token not in str(list(Letter.objects.values()))


def test_nobodys_box_is_filled(client: Client, person: User) -> None:
    for spelling in ("aru@kaznu.kz", "ARU@KAZNU.KZ", "Aru@kaznu.kz"):
        ask(client, spelling)
    send_outstanding()
    assert len(mail.outbox) == 1


def test_from_one_address_not_any_number_is_asked_for(client: Client) -> None:
    for number in range(LETTERS_AT_MOST):
        ask(client, f"person-{number}@kaznu.kz")
    page = ask(client, "one-more@kaznu.kz").content.decode()
    assert "quarter of an hour" in page
    assert Letter.objects.count() == LETTERS_AT_MOST
    assert SignInAttempt.objects.count() == LETTERS_AT_MOST


def test_an_address_that_is_the_same_in_capitals_only_gets_no_link(
    client: Client, institution: Institution
) -> None:
    """The database finds the account by either spelling; the letter goes to the one that the account has."""
    make_member(institution, "signatory", email="sis@kaznu.kz", password=PASSWORD)
    ask(client, "ſis@kaznu.kz")
    send_outstanding()
    assert [letter.to for letter in mail.outbox] == [["sis@kaznu.kz"]]


def test_one_changes_ones_own_password(client: Client, person: User) -> None:
    client.login(username=person.email, password=PASSWORD)
    elsewhere = Client()
    elsewhere.login(username=person.email, password=PASSWORD)
    said = {"old_password": "wrong", "new_password1": BETTER, "new_password2": BETTER}
    assert client.post(reverse("password-change"), said).status_code == 200
    answer = client.post(reverse("password-change"), {**said, "old_password": PASSWORD})
    assert answer["Location"] == reverse("preferences")
    assert client.get(reverse("preferences")).status_code == 200
    assert elsewhere.get(reverse("preferences")).status_code == 302


def test_the_admin_leads_to_the_same_page(client: Client, lead: User) -> None:
    client.force_login(lead)
    said = {"old_password": PASSWORD, "new_password1": BETTER, "new_password2": BETTER}
    assert client.post(reverse("admin:password_change"), said)["Location"] == reverse("password-change")


def test_a_visitor_changes_no_password(client: Client) -> None:
    assert client.get(reverse("password-change"))["Location"].startswith(reverse("sign-in"))


def last_event(person: User) -> Any:
    return Events.objects.tracks(person).order_by("-pgh_id").first()


def test_the_trail_has_who_gave_whom_a_new_password_and_no_password(
    client: Client, person: User, lead: User
) -> None:
    """Whoever gives another person a password may come in as them: that leaves a trace."""
    client.force_login(lead)
    address = reverse("admin:auth_user_password_change", args=[person.pk])
    said = {"password1": BETTER, "password2": BETTER, "usable_password": "true"}
    assert client.post(address, {**said, "set-password": "1"}).status_code == 302
    event = last_event(person)
    assert (event.pgh_context["user"], event.pgh_context["url"]) == (lead.pk, address)
    assert event.pgh_context["address"] == "127.0.0.1"
    assert list(event.pgh_diff) == ["signed_out_at"]
    before = event.pgh_id
    client.post(address, {"usable_password": "false", "unset-password": "1"})
    person.refresh_from_db()
    assert not person.has_usable_password()
    assert last_event(person).pgh_id > before


def test_the_trail_has_when_one_changed_ones_own_password_and_from_where(
    client: Client, person: User
) -> None:
    client.login(username=person.email, password=PASSWORD)
    said = {"old_password": PASSWORD, "new_password1": BETTER, "new_password2": BETTER}
    client.post(reverse("password-change"), said)
    event = last_event(person)
    assert (event.pgh_context["user"], event.pgh_context["url"]) == (person.pk, reverse("password-change"))
    ask(Client(), person.email)
    send_outstanding()
    visitor = Client()
    clean = visitor.get(link(), follow=True).redirect_chain[-1][0]
    visitor.post(clean, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    by_letter = last_event(person)
    assert by_letter.pgh_id > event.pgh_id
    assert (by_letter.pgh_context["user"], by_letter.pgh_context["url"]) == (person.pk, clean)
