"""SECRET_KEY is exchanged while people work: what the old one signed and sealed serves on, and is put under the new."""

import secrets
import time
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.crypto import salted_hmac

from institutions import codes, proving
from institutions.errors import Refused
from institutions.models import RecoveryCode, SecondFactor, User
from institutions.webhooks import signing
from tests.factories import PASSWORD, make_reviewer
from tests.webhooks import make_webhook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def exchange(settings: Any) -> Callable[[], None]:
    def another_key() -> None:
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        settings.SECRET_KEY = secrets.token_urlsafe(60)

    return another_key


@pytest.fixture
def person(settings: Any) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_reviewer(email="dana@ministry.kz", password=PASSWORD)


def now(secret: str, off: int = 0) -> str:
    return codes.code_at(secret, int(time.time()) // codes.STEP + off)


def enrolled(person: User) -> tuple[str, list[str]]:
    secret = codes.new_secret()
    return secret, proving.set_up(user=person, secret=secret, typed=now(secret, -1))


def renew_seals() -> str:
    said = StringIO()
    call_command("renew_seals", stdout=said)
    return said.getvalue()


def test_a_second_factor_serves_on_and_is_under_the_new_key_from_its_next_use(
    person: User, exchange: Any, settings: Any
) -> None:
    secret, _made = enrolled(person)
    exchange()
    proving.prove(user=person, typed=now(secret))
    settings.SECRET_KEY_FALLBACKS = []
    SecondFactor.objects.update(last_step=0)
    proving.prove(user=person, typed=now(secret))


def test_without_the_old_key_nothing_that_it_sealed_is_read(
    person: User, exchange: Any, settings: Any
) -> None:
    secret, _made = enrolled(person)
    exchange()
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Refused, match="does not fit"):
        proving.prove(user=person, typed=now(secret))


def test_recovery_codes_hang_on_no_key_and_serve_once(person: User, exchange: Any, settings: Any) -> None:
    _secret, made = enrolled(person)
    exchange()
    settings.SECRET_KEY_FALLBACKS = []
    proving.prove(user=person, typed=made[0])
    with pytest.raises(Refused, match="does not fit"):
        proving.prove(user=person, typed=made[0])
    proving.prove(user=person, typed=made[1])


def test_recovery_codes_of_version_1_0_serve_once_as_long_as_their_key_is_known(
    person: User, exchange: Any, settings: Any
) -> None:
    enrolled(person)
    RecoveryCode.objects.all().delete()
    for code in ("abcdefghjkmn", "pqrstuvwxyz2"):
        digest = salted_hmac("institutions.RecoveryCode", code, algorithm="sha256").hexdigest()
        RecoveryCode.objects.create(user=person, digest=digest)
    exchange()
    exchange()
    proving.prove(user=person, typed="abcd-efgh-jkmn")
    with pytest.raises(Refused, match="does not fit"):
        proving.prove(user=person, typed="abcd-efgh-jkmn")
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Refused, match="does not fit"):
        proving.prove(user=person, typed="pqrs-tuvw-xyz2")


def test_nobody_is_signed_out_and_sessions_are_listed(person: User, exchange: Any, settings: Any) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        client.post(reverse("sign-in"), {"username": person.email, "password": PASSWORD})
    exchange()
    page = here.get(reverse("preferences"))
    assert page.status_code == 200
    assert page.content.decode().count('name="session"') == 1  # the other one, to be ended
    settings.SECRET_KEY_FALLBACKS = []
    assert here.get(reverse("preferences")).status_code == 200  # it was used, and has the new key
    assert there.get(reverse("preferences")).status_code == 302


def test_all_seals_are_renewed_by_a_command_and_twice_is_once(
    person: User, exchange: Any, settings: Any
) -> None:
    secret, _made = enrolled(person)
    webhook = make_webhook(old_secret=signing.new_secret(), old_secret_until="2099-01-01T00:00:00Z")
    before = signing.secret_of(webhook)
    exchange()
    assert renew_seals() == "Put under the key of today: 3.\n"
    assert renew_seals() == "Put under the key of today: 0.\n"
    settings.SECRET_KEY_FALLBACKS = []
    webhook.refresh_from_db()
    assert signing.secret_of(webhook) == before
    proving.prove(user=person, typed=now(secret))


def test_what_no_key_opens_is_told_and_left_as_it_is(person: User, exchange: Any, settings: Any) -> None:
    enrolled(person)
    kept = SecondFactor.objects.get().secret
    exchange()
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(CommandError, match="Under no key that is known: 1"):
        renew_seals()
    assert SecondFactor.objects.get().secret == kept
