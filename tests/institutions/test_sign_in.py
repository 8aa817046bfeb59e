"""Signing in: by e-mail in any case, telling nothing about what was wrong, and not for guessing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from institutions.guessing import LIMIT, address_of
from institutions.models import Institution, SignInAttempt, User
from tests.at_once import at_once
from tests.factories import PASSWORD, make_institution, make_member, make_reviewer, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Hashing is slow on purpose, and not what is tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person(institution: Institution) -> User:
    return make_member(institution, "editor", email="aru@kaznu.kz", password=PASSWORD)


def try_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(reverse("sign-in"), {"username": email, "password": password, **more})


def test_the_e_mail_counts_in_any_case(client: Client, person: User) -> None:
    answer = try_in(client, "Aru@KazNU.kz")
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)


def test_another_spelling_of_an_e_mail_gives_no_more_guesses(
    client: Client, institution: Institution
) -> None:
    make_member(institution, "signatory", email="sis@kaznu.kz", password=PASSWORD)
    assert (
        try_in(Client(), "\u017f\u0131\u017f@kaznu.kz").status_code == 302
    )  # the database takes it for the same
    for spelling in ("sis", "SIS", "\u017fis", "s\u0131\u017f", "s\u0131s"):
        for _guess in range(2):
            try_in(client, f"{spelling}@kaznu.kz", "wrong")
    assert try_in(client, "\u017f\u0131s@kaznu.kz").status_code == 200
    assert SignInAttempt.objects.count() == LIMIT


def test_one_lands_where_one_wanted_to_go(client: Client, person: User) -> None:
    wanted = reverse("sign", args=["kaznu", "2025"])
    assert try_in(client, person.email, next=wanted)["Location"] == wanted


def test_nobody_is_led_to_another_site(client: Client, person: User) -> None:
    assert try_in(client, person.email, next="https://evil.example/")["Location"] == reverse("workspace")


def test_members_go_to_their_workspace_and_the_ministry_to_the_admin(client: Client, person: User) -> None:
    assert try_in(client, person.email)["Location"] == reverse("workspace")
    assert client.get(reverse("workspace"))["Location"] == reverse("workspace-institution", args=["kaznu"])
    reviewer = make_reviewer(password=PASSWORD)
    assert try_in(Client(), reviewer.email)["Location"] == reverse("admin:index")


def test_who_serves_several_universities_chooses(client: Client, person: User) -> None:
    make_institution(code="enu").memberships.create(user=person, role="viewer")
    client.force_login(person)
    page = client.get(reverse("workspace")).content.decode()
    assert reverse("workspace-institution", args=["enu"]) in page
    assert reverse("workspace-institution", args=["kaznu"]) in page


def test_who_serves_none_reads_what_to_do(client: Client) -> None:
    client.force_login(make_user())
    assert "not a member of any university" in client.get(reverse("workspace")).content.decode()


def test_an_error_tells_nothing_and_keeps_the_e_mail(client: Client, person: User) -> None:
    make_user("gone@kaznu.kz", PASSWORD, is_active=False)
    pages = []
    for email, password in (
        (person.email, "wrong"),
        ("nobody@kaznu.kz", PASSWORD),
        ("gone@kaznu.kz", PASSWORD),
    ):
        page = try_in(client, email, password).content.decode()
        assert f'value="{email}"' in page
        assert password not in page.replace(email, "")
        pages.append(page.replace(email, "").split("<main")[1].split("csrfmiddlewaretoken")[0])
    assert "do not belong together" in pages[0]
    assert len(set(pages)) == 1


def test_after_ten_wrong_passwords_the_right_one_must_wait(client: Client, person: User) -> None:
    for _number in range(LIMIT):
        assert "do not belong together" in try_in(client, person.email, "wrong").content.decode()
    assert "Try again in a quarter of an hour" in try_in(client, "ARU@kaznu.kz").content.decode()
    SignInAttempt.objects.update(tried_at=timezone.now() - timedelta(minutes=16))
    assert try_in(client, person.email).status_code == 302


def test_nobody_locks_a_person_out_from_elsewhere(person: User) -> None:
    attacker = Client(REMOTE_ADDR="203.0.113.9")
    for _number in range(LIMIT + 1):
        try_in(attacker, person.email, "wrong")
    assert try_in(Client(), person.email).status_code == 302


def test_another_address_in_a_header_is_no_way_round(client: Client, person: User) -> None:
    for number in range(LIMIT):
        client.post(
            reverse("sign-in"),
            {"username": person.email, "password": "wrong"},
            headers={"x-forwarded-for": f"198.51.100.{number}"},
        )
    assert "quarter of an hour" in try_in(client, person.email).content.decode()


def test_success_forgets_the_wrong_attempts(client: Client, person: User) -> None:
    try_in(client, person.email, "wrong")
    try_in(client, person.email)
    assert not SignInAttempt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_no_more_than_ten_are_tried(person: User) -> None:
    address = reverse("sign-in")  # here: a thread of its own speaks the site's first language

    def guess() -> str:
        return Client().post(address, {"username": person.email, "password": "wrong"}).content.decode()

    answers = at_once(*[guess] * 25)
    assert sum("do not belong together" in str(answer) for answer in answers) <= LIMIT
    assert SignInAttempt.objects.count() <= LIMIT
    assert all("belong together" in str(answer) or "quarter of an hour" in str(answer) for answer in answers)


def test_the_admin_has_the_same_door(client: Client) -> None:
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("sign-in"))


def test_a_member_at_the_ministrys_door_is_told_instead_of_sent_in_circles(
    client: Client, person: User
) -> None:
    client.force_login(person)
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.status_code == 200
    assert "needs another account" in answer.content.decode()


def test_behind_a_proxy_only_its_own_word_counts(rf: RequestFactory, settings: Any) -> None:
    request = rf.get("/", headers={"x-forwarded-for": "198.51.100.1, 203.0.113.9"}, REMOTE_ADDR="10.0.0.1")
    assert address_of(request) == "10.0.0.1"
    settings.BEHIND_PROXY = True
    assert address_of(request) == "203.0.113.9"
