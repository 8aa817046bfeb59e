"""Passkeys: a second factor beside codes, and a way in by themselves. What was signed for another site, for another
question or by another's key opens nothing.
"""

import html
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pghistory.models import Events

from institutions import codes, passkeys, proving
from institutions.errors import Refused
from institutions.models import Institution, Passkey, RecoveryCode, Tally, User
from institutions.tallying import SIGN_IN_REFUSED
from tests.at_once import beside, no_row_is_written
from tests.factories import PASSWORD, make_member, make_reviewer
from tests.institutions.test_second_factor import enrolled, is_in, now, password
from tests.passkeys import FLAG, SITE, Authenticator

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.SITE_URL = SITE
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person(institution: Institution) -> User:
    return make_member(institution, "editor", email="aru@kaznu.kz", password=PASSWORD)


def asked_on(client: Client, page: str) -> str:
    """What a page has its script ask the browser."""
    shown = client.get(reverse(page)).content.decode()
    (found,) = re.findall(r'data-options="([^"]+)"', shown)
    return html.unescape(found)


def with_passkey(user: User, key: Authenticator | None = None) -> Authenticator:
    """One is set up, in a session that is over."""
    key = key or Authenticator()
    session: Any = {}
    asked = passkeys.ask_for_new(session, user)
    proving.add_passkey(user=user, name="Key", session=session, answer=key.make(asked), further=True)
    return key


def proved(user: User | None, lie: Callable[[str], str]) -> Passkey:
    """What comes of an answer to a question that was asked of this person."""
    session: Any = {}
    return passkeys.prove(session, lie(passkeys.ask_for_proof(session, user)), user)


def test_set_up_at_the_first_sign_in_and_asked_for_at_the_next(client: Client, settings: Any) -> None:
    settings.SECOND_FACTOR = "some"
    person = make_reviewer(email="dana@ministry.kz", password=PASSWORD)
    assert password(client, person)["Location"] == reverse("second-factor-new")
    assert reverse("passkey-new") in client.get(reverse("second-factor-new")).content.decode()
    key = Authenticator()
    said = {"name": "My telephone", "passkey": key.make(asked_on(client, "passkey-new"))}
    assert client.post(reverse("passkey-new"), said)["Location"] == reverse("recovery-codes")
    assert "My telephone" in client.get(reverse("preferences")).content.decode()
    assert RecoveryCode.objects.filter(user=person).count() == 10

    again = Client()
    assert password(again, person)["Location"] == reverse("second-factor")
    assert not is_in(again)
    answer = key.prove(asked_on(again, "second-factor"))
    assert again.post(reverse("second-factor"), {"passkey": answer})["Location"] == reverse("admin:index")
    assert is_in(again)
    kept = Passkey.objects.get()
    assert kept.used_at is not None
    assert "My telephone" in str(list(Events.objects.tracks(kept).values_list("pgh_data", flat=True)))


def test_a_passkey_alone_lets_in_whoever_it_belongs_to(client: Client, person: User) -> None:
    key = with_passkey(person)
    page = client.get(reverse("sign-in")).content.decode()
    assert "Sign in with a passkey" in page
    asked = client.post(reverse("sign-in-passkey")).content.decode()
    assert "allowCredentials" not in asked  # whose passkeys there are is told to nobody
    wanted = reverse("password-change")
    answer = client.post(reverse("sign-in-passkey"), {"passkey": key.prove(asked), "next": wanted})
    assert answer["Location"] == wanted
    assert is_in(client)
    person.refresh_from_db()
    assert person.language == "en"


def test_who_comes_with_a_passkey_is_led_to_no_other_site(client: Client, person: User) -> None:
    key = with_passkey(person)
    asked = client.post(reverse("sign-in-passkey")).content.decode()
    said = {"passkey": key.prove(asked), "next": "https://evil.example/"}
    assert client.post(reverse("sign-in-passkey"), said)["Location"] == reverse("workspace")


def test_a_disabled_account_is_not_opened_by_its_passkey(client: Client, person: User) -> None:
    key = with_passkey(person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    asked = client.post(reverse("sign-in-passkey")).content.decode()
    answer = client.post(reverse("sign-in-passkey"), {"passkey": key.prove(asked)}, follow=True)
    assert "does not fit" in answer.content.decode()
    assert not is_in(client)


def lies(key: Authenticator) -> dict[str, Callable[[str], str]]:
    stolen = Authenticator(id=key.id)  # the number of the key is no secret, what signs with it is
    return {
        "another site": lambda asked: key.prove(asked, origin="https://qamtu.evil.example"),
        "another port": lambda asked: key.prove(asked, origin=f"{SITE}:8443"),
        "a site that it is for": lambda asked: key.prove(asked, site="evil.example"),
        "another question": lambda asked: key.prove(asked, challenge="AAAAAAAAAAAAAAAAAAAAAA"),
        "nobody there": lambda asked: key.prove(asked, flags=FLAG(0)),
        "no finger, face or PIN": lambda asked: key.prove(asked, flags=FLAG.UP),
        "a key that is not known": lambda asked: Authenticator().prove(asked),
        "another key of this number": stolen.prove,
        "the answer of a new key": lambda asked: key.make(json.dumps({**json.loads(asked), "rp": {"id": "localhost"}})),
        "nothing": lambda _asked: "",
        "no object": lambda _asked: "[1]",
        "deep": lambda _asked: "[" * 9_000,
        "too much": lambda _asked: " " * 30_000,
        "a null": lambda _asked: '{"rawId": "\\u0000", "response": {}}',
    }  # fmt: skip


@pytest.mark.parametrize("lie", lies(Authenticator()))
def test_what_does_not_fit_is_refused(person: User, lie: str) -> None:
    key = with_passkey(person)
    for whose in (person, None):
        with pytest.raises(Refused):
            proved(whose, lies(key)[lie])
        assert proved(whose, key.prove).user == person  # nor does it spoil the next answer


def test_what_does_not_fit_is_counted_and_what_came_too_late_is_not(person: User) -> None:
    key = with_passkey(person)
    for whose in (person, None):
        with pytest.raises(Refused):
            proved(whose, lies(key)["another site"])
        with pytest.raises(Refused, match="too long"):
            passkeys.prove({}, "", whose)  # type: ignore[arg-type]
    assert list(Tally.objects.values_list("name", "detail", "count")) == [(SIGN_IN_REFUSED, "passkey", 2)]


@given(st.text(max_size=300) | st.recursive(st.none() | st.text(), st.lists, max_leaves=5).map(json.dumps))
def test_whatever_is_sent_is_refused_and_breaks_nothing(answer: str) -> None:
    session: Any = {}
    asked: dict[str, Callable[[], Any]] = {
        passkeys.PROOF: lambda: passkeys.prove(session, answer, None),
        passkeys.NEW: lambda: passkeys.read_new(session, answer),
    }
    for where, read in asked.items():
        passkeys.ask_for_proof(session, None)
        session[where] = session[passkeys.PROOF]
        with pytest.raises(Refused):
            read()


def test_the_passkey_of_another_opens_nothing(person: User, institution: Institution) -> None:
    theirs = with_passkey(make_member(institution, "editor"))
    with_passkey(person)
    client = Client()
    password(client, person)
    answer = theirs.prove(asked_on(client, "second-factor"))
    assert client.post(reverse("second-factor"), {"passkey": answer}).status_code == 422
    assert not is_in(client)


def test_an_answer_serves_once(person: User) -> None:
    key = with_passkey(person)
    client = Client()
    password(client, person)
    answer = key.prove(asked_on(client, "second-factor"))
    assert client.post(reverse("second-factor"), {"passkey": answer}).status_code == 302
    for thief in (client, Client()):
        password(thief, person)
        assert client.post(reverse("second-factor"), {"passkey": answer}).status_code == 422
        thief.get(reverse("second-factor"))  # another question is out now
        assert thief.post(reverse("second-factor"), {"passkey": answer}).status_code == 422
        assert not is_in(thief)


def test_a_question_is_open_for_five_minutes(person: User) -> None:
    key = with_passkey(person)
    session: Any = {}
    answer = key.prove(passkeys.ask_for_proof(session, person))
    session[passkeys.PROOF]["at"] = int(time.time()) - passkeys.SECONDS - 1
    with pytest.raises(Refused, match="too long"):
        passkeys.prove(session, answer, person)


def test_a_copy_of_a_key_that_counts_is_found_out(person: User) -> None:
    key = with_passkey(person, Authenticator(count=5))
    copied = Authenticator(count=5, private=key.private, id=key.id)
    assert proved(person, key.prove).sign_count == 6
    assert proved(person, key.prove).sign_count == 7
    with pytest.raises(Refused):
        proved(person, copied.prove)
    assert proved(person, key.prove).sign_count == 8


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_with_one_count_one_serves(person: User) -> None:
    key = with_passkey(person, Authenticator(count=5))
    session: Any = {}
    answer = key.prove(passkeys.ask_for_proof(session, person))
    twice = [lambda: passkeys.prove(dict(session), answer, person)] * 2  # type: ignore[arg-type]
    answers = beside(*twice, meanwhile=no_row_is_written("institutions_passkey"))
    assert sum(isinstance(one, Passkey) for one in answers) == 1, answers


def new_of(person: User, lie: Callable[[str], str]) -> None:
    session: Any = {}
    asked = passkeys.ask_for_new(session, person)
    proving.add_passkey(user=person, name="Key", session=session, answer=lie(asked), further=True)


def test_a_new_one_is_made_for_this_site_and_question_and_by_its_owner_only(person: User) -> None:
    key = Authenticator()
    for lie in (
        lambda asked: key.make(asked, origin="https://qamtu.evil.example"),
        lambda asked: key.make(asked, challenge="AAAAAAAAAAAAAAAAAAAAAA"),
        lambda asked: key.make(asked, flags=FLAG.UP),
    ):
        with pytest.raises(Refused):
            new_of(person, lie)
    assert not Passkey.objects.exists()
    new_of(person, key.make)
    asked = json.loads(passkeys.ask_for_new({}, person))  # type: ignore[arg-type]
    assert len(asked["excludeCredentials"]) == 1  # the same device is not asked for a second
    with pytest.raises(Refused, match="known here already"):
        new_of(person, key.make)


def test_no_more_than_ten(person: User) -> None:
    for _number in range(proving.MOST_PASSKEYS):
        with_passkey(person)
    with pytest.raises(Refused, match="10 passkeys already"):
        with_passkey(person)


def test_who_has_shown_a_password_only_adds_nothing_to_what_is_there(person: User) -> None:
    """Also not at the very moment at which the person sets up their first."""
    intruder, key = Client(), Authenticator()
    person.second_factor_since = None
    session: Any = {}
    asked = passkeys.ask_for_new(session, person)
    with_passkey(User.objects.get(pk=person.pk))
    with pytest.raises(Refused, match="already"):
        proving.add_passkey(user=person, name="Mine", session=session, answer=key.make(asked))
    secret = codes.new_secret()
    with pytest.raises(Refused, match="already"):
        proving.set_up(user=person, secret=secret, typed=now(secret))
    password(intruder, person)
    for page in ("second-factor-new", "passkey-new"):
        assert intruder.get(reverse(page))["Location"] == reverse("second-factor")


def test_a_further_one_signs_nobody_out_and_makes_no_new_recovery_codes(person: User) -> None:
    secret, made = enrolled(person)
    since = User.objects.get(pk=person.pk).second_factor_since
    with_passkey(person)
    assert User.objects.get(pk=person.pk).second_factor_since == since
    assert proving.prove(user=person, typed=made[0])
    assert secret


def test_one_is_removed_while_another_second_factor_is_left(client: Client, person: User) -> None:
    first, second = with_passkey(person), with_passkey(person)
    client.force_login(person)
    session = client.session
    session[proving.SESSION_KEY] = proving.mark(User.objects.get(pk=person.pk))
    session.save()
    kept, gone = Passkey.objects.order_by("made_at")

    def remove(way: Any) -> str:
        answer = client.post(reverse("second-factor-remove"), {"way": str(way)}, follow=True)
        return answer.content.decode()

    assert "removed already" in remove("app")
    assert "removed already" in remove("ы1")
    assert "Removed: nobody" in remove(gone.pk)
    assert "only second factor" in remove(kept.pk)
    with pytest.raises(Refused):
        proved(person, second.prove)
    assert proved(person, first.prove)


def test_nobody_removes_the_passkey_of_another(client: Client, person: User, lead: User) -> None:
    with_passkey(person)
    with_passkey(person)
    client.force_login(lead)
    for passkey in Passkey.objects.all():
        client.post(reverse("second-factor-remove"), {"way": str(passkey.pk)})
    assert Passkey.objects.count() == 2


def test_a_passkey_proves_oneself_wherever_a_code_does(client: Client, person: User) -> None:
    key = with_passkey(person)
    password(client, person)
    client.post(reverse("second-factor"), {"passkey": key.prove(asked_on(client, "second-factor"))})
    answer = key.prove(asked_on(client, "recovery-codes"))
    assert client.post(reverse("recovery-codes"), {"passkey": answer}).status_code == 302
    client.post(reverse("recovery-codes"), {"kept": "1"})
    answer = key.prove(asked_on(client, "second-factor-give-up"))
    assert client.post(reverse("second-factor-give-up"), {"passkey": answer}).status_code == 302
    assert not Passkey.objects.exists()
    assert password(Client(), person)["Location"] == reverse("workspace")


def test_a_reset_takes_passkeys_away_too(person: User) -> None:
    key = with_passkey(person)
    call_command("reset_second_factor", person.email, reason="Lost", verbosity=0)
    assert not Passkey.objects.exists()
    with pytest.raises(Refused):
        proved(None, key.prove)


def test_at_an_address_of_numbers_none_is_offered(client: Client, person: User, settings: Any) -> None:
    for site in ("http://127.0.0.1:8000", "http://[::1]:8000"):
        settings.SITE_URL = site
        assert not passkeys.are_possible()
    assert "passkey" not in client.get(reverse("sign-in")).content.decode()
    client.force_login(person)
    assert "passkey" not in client.get(reverse("second-factor-new")).content.decode()
    assert client.get(reverse("passkey-new")).status_code == 302
    settings.SITE_URL = "https://qamtu.example"
    assert passkeys.are_possible()
