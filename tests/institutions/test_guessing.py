"""Guessing passwords: ten at most are tried, at whichever door; and neither words nor work tell who is known.

How long each answer takes is measured by `make bench` (`signing_in` in tests/load); here it is what takes time, hashes
of passwords and queries, that is the same.
"""

import base64
import re
from collections.abc import Callable
from functools import partial
from itertools import cycle
from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import activate

from curricula.models import Period
from institutions.guessing import LIMIT
from institutions.models import Institution, Letter, SignInAttempt, User
from tests.factories import PASSWORD, make_invitation, make_member, make_reviewer, make_user
from tests.hashing import CountingHasher

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

WRONG = "a wrong horse battery"


@pytest.fixture(autouse=True)
def hashes(settings: Any) -> list[str]:
    """One entry for each computed since it was last cleared."""
    settings.PASSWORD_HASHERS = ["tests.hashing.CountingHasher"]
    return CountingHasher.computed


@pytest.fixture
def person(institution: Institution) -> User:
    return make_member(institution, "editor", email="aru@kaznu.kz", password=PASSWORD)


def by_form(client: Client, user: User, **headers: Any) -> Any:
    return client.post(reverse("sign-in"), {"username": user.email, "password": WRONG}, **headers)


def by_admin(client: Client, user: User, **headers: Any) -> Any:
    door = client.post(
        "/en/admin/login/?next=/en/admin/", {"username": user.email, "password": WRONG}, **headers
    )
    return client.post(door["Location"], {"username": user.email, "password": WRONG}, **headers)


def by_api(client: Client, user: User, **headers: Any) -> Any:
    word = base64.b64encode(f"{user.email}:{WRONG}".encode()).decode()
    return client.get("/api/v1/own/", HTTP_AUTHORIZATION=f"Basic {word}", **headers)


def by_key(client: Client, user: User, **headers: Any) -> Any:
    return client.get("/api/v1/own/", HTTP_AUTHORIZATION=f"Bearer {WRONG}", **headers)


def by_changing(client: Client, user: User, **headers: Any) -> Any:
    """Whoever sits at somebody's open session and tries which password it is."""
    said = {
        "old_password": WRONG,
        "new_password1": "quite another staple",
        "new_password2": "quite another staple",
    }
    return client.post(reverse("password-change"), said, **headers)


DOORS: list[Callable[..., Any]] = [by_form, by_admin, by_api, by_key, by_changing]


def test_of_a_hundred_guesses_over_every_door_at_most_ten_are_tried(
    client: Client, person: User, hashes: list[str]
) -> None:
    client.force_login(person)
    hashes.clear()
    for number, door in zip(range(100), cycle(DOORS), strict=False):
        answer = door(
            client, person, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}", HTTP_FORWARDED=f"for={number}"
        )
        assert answer.status_code < 500
    assert len(hashes) <= LIMIT == 10
    activate("en")  # which the API has forgotten
    assert "quarter of an hour" in by_form(client, person).content.decode()
    assert "quarter of an hour" in by_changing(client, person).content.decode()


@pytest.mark.parametrize("door", DOORS)
def test_each_door_by_itself_lets_ten_be_tried_or_none(
    client: Client, person: User, hashes: list[str], door: Callable[..., Any]
) -> None:
    client.force_login(person)
    hashes.clear()
    for number in range(15):
        door(client, person, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    assert len(hashes) == (0 if door in (by_api, by_key) else LIMIT)
    if door in (by_api, by_key):
        assert door(client, person).status_code in (401, 404)


def test_behind_a_proxy_what_visitors_say_of_their_address_resets_nothing(
    client: Client, person: User, hashes: list[str], settings: Any
) -> None:
    settings.BEHIND_PROXY = True
    hashes.clear()
    for number in range(30):  # the proxy adds the true one at the end
        by_form(client, person, HTTP_X_FORWARDED_FOR=f"10.0.0.{number}, 203.0.113.9")
    assert len(hashes) == LIMIT


def test_an_outsider_locks_nobody_of_the_ministry_out(client: Client) -> None:
    lead = make_reviewer(email="lead@ministry.kz", password=PASSWORD)
    for number in range(44):
        by_form(Client(REMOTE_ADDR=f"203.0.113.{number % 4}"), lead)
    inside = Client(REMOTE_ADDR="10.0.0.1")
    answer = inside.post(reverse("sign-in"), {"username": lead.email, "password": PASSWORD})
    assert answer["Location"] == reverse("admin:index")


def test_the_right_old_password_forgets_the_wrong_ones(client: Client, person: User) -> None:
    client.force_login(person)
    by_changing(client, person)
    assert SignInAttempt.objects.count() == 1
    said = {"new_password1": "quite another staple", "new_password2": "quite another staple"}
    assert client.post(reverse("password-change"), {"old_password": PASSWORD, **said}).status_code == 302
    assert not SignInAttempt.objects.exists()


def people(institution: Institution) -> dict[str, str]:
    """The e-mail by who it is."""
    with_factor = make_reviewer(email="dana@ministry.kz", password=PASSWORD)
    User.objects.filter(pk=with_factor.pk).update(second_factor_since=timezone.now())
    make_member(institution, "signatory", email="known@kaznu.kz", password=PASSWORD)
    make_user("disabled@kaznu.kz", PASSWORD, is_active=False)
    make_user("no-password@kaznu.kz")
    return {
        "known": "known@kaznu.kz",
        "with a second factor": with_factor.email,
        "disabled": "disabled@kaznu.kz",
        "without a password": "no-password@kaznu.kz",
        "unknown": "nobody@kaznu.kz",
    }


class Work:
    """What an answer said, and what it cost: the same for all, or the difference tells who is known."""

    def __init__(self, answer: Callable[[], Any], hashes: list[str], *, but_for: str) -> None:
        hashes.clear()
        with CaptureQueriesContext(connection) as queries:
            found = answer()
        page = found.content.decode().replace(but_for, "")
        self.said = (
            found.status_code,
            found.headers.get("Location", ""),
            re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.partition("<main")[2]),
            len(hashes),
            # Which statements, not with which values.
            [re.match(r"\w+( INTO| FROM)? ?\S*", query["sql"]).group() for query in queries],  # type: ignore[union-attr]
        )


def test_signing_in_tells_nobody_who_is_known(institution: Institution, hashes: list[str]) -> None:
    def sign_in(email: str) -> Any:
        return Client().post(reverse("sign-in"), {"username": email, "password": WRONG})

    found = {
        who: Work(partial(sign_in, email), hashes, but_for=email).said
        for who, email in people(institution).items()
    }
    status, _led, page, computed, _queries = found["unknown"]
    assert (status, computed) == (200, 1)
    assert "do not belong together" in page
    assert {who for who, said in found.items() if said != found["unknown"]} == set()


def test_a_disabled_account_answers_its_right_password_like_a_wrong_one(
    institution: Institution, hashes: list[str]
) -> None:
    disabled = people(institution)["disabled"]
    answers = [
        Work(
            partial(Client().post, reverse("sign-in"), {"username": disabled, "password": typed}),
            hashes,
            but_for=typed,
        ).said
        for typed in (PASSWORD, WRONG)
    ]
    assert answers[0] == answers[1]


def test_asking_for_a_new_password_tells_nobody_who_is_known(
    institution: Institution, hashes: list[str]
) -> None:
    def ask(email: str) -> Any:
        return Client().post(reverse("password-reset"), {"email": email})

    emails = people(institution)
    found = [Work(partial(ask, email), hashes, but_for=email).said for email in emails.values()]
    assert all(said == found[0] for said in found)
    assert found[0][3] == 0
    assert Letter.objects.count() == len(emails)  # written in each case; the worker looks whose it is


def test_a_made_up_link_for_a_new_password_tells_nobody_who_is_known(
    institution: Institution, hashes: list[str]
) -> None:
    emails = people(institution)
    token = default_token_generator.make_token(make_user())  # of somebody else
    numbers = [User.objects.get(email=email).pk for who, email in emails.items() if who != "unknown"]
    found = []
    for number in (*numbers, 987654321):
        address = reverse("password-reset-confirm", args=[urlsafe_base64_encode(force_bytes(number)), token])
        found.append(Work(partial(Client().get, address), hashes, but_for=address).said)
    assert all(said == found[0] for said in found)


def test_inviting_tells_a_signatory_nothing_of_who_is_known_elsewhere(
    client: Client, institution: Institution, period: Period, signatory: User, hashes: list[str]
) -> None:
    emails = people(make_invitation().institution)
    client.force_login(signatory)

    def invite(email: str) -> Any:
        said = {"addresses": email, "roles": ["editor"], "language": "en"}
        return client.post(reverse("people", args=[institution.code]), said)

    found = {who: Work(partial(invite, email), hashes, but_for=email).said for who, email in emails.items()}
    assert found["unknown"][0] == 302
    assert {who for who, said in found.items() if said != found["unknown"]} == set()


def test_the_second_step_says_nothing_to_whoever_has_not_made_the_first(
    client: Client, institution: Institution
) -> None:
    for email in people(institution).values():
        client.post(reverse("sign-in"), {"username": email, "password": WRONG})
        answer = client.post(reverse("second-factor"), {"code": "123456"})
        assert answer["Location"] == reverse("sign-in")
