"""A second factor: asked for after the password, proved once a code, and until then nobody is signed in."""

import time
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pghistory.models import Events

from institutions import codes, proving
from institutions.errors import Refused
from institutions.guessing import LIMIT
from institutions.models import Institution, RecoveryCode, SecondFactor, User
from institutions.sealing import unseal
from tests.at_once import at_once
from tests.factories import PASSWORD, make_member, make_reviewer, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Hashing is slow on purpose, and not what is tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def required(settings: Any) -> None:
    """As in production."""
    settings.SECOND_FACTOR = "some"


@pytest.fixture
def person(db: None) -> User:
    return make_reviewer(email="dana@ministry.kz", password=PASSWORD)


def password(client: Client, user: User, **more: str) -> Any:
    return client.post(reverse("sign-in"), {"username": user.email, "password": PASSWORD, **more})


def code(client: Client, typed: str) -> Any:
    return client.post(reverse("second-factor"), {"code": typed})


def enrolled(user: User) -> tuple[str, list[str]]:
    """The secret of the app, and the recovery codes. The code of the step before now is used up."""
    secret = codes.new_secret()
    made = proving.set_up(user=user, secret=secret, typed=now(secret, -1))
    return secret, made


def now(secret: str, off: int = 0) -> str:
    return codes.code_at(secret, int(time.time()) // codes.STEP + off)


def is_in(client: Client) -> bool:
    return client.get(reverse("preferences")).status_code == 200


def secret_on(client: Client) -> str:
    found = unseal(client.session["second_factor_new"]["secret"])
    assert found
    return found


def test_people_of_the_ministry_set_one_up_when_they_first_sign_in(
    client: Client, person: User, required: None
) -> None:
    answer = password(client, person, next="/en/admin/curricula/submission/")
    assert answer["Location"] == reverse("second-factor-new")
    assert not is_in(client)
    page = client.get(reverse("second-factor-new")).content.decode()
    secret = secret_on(client)
    assert secret in page.replace(" ", "")
    assert "<svg" in page
    assert " style=" not in page  # the policy would forbid it
    assert client.post(reverse("second-factor-new"), {"code": "000000"}).status_code == 422
    answer = client.post(reverse("second-factor-new"), {"code": now(secret)})
    assert answer["Location"] == reverse("recovery-codes")
    page = client.get(reverse("recovery-codes")).content.decode()
    assert page.count("<li><code>") == codes.RECOVERY_CODES
    assert (
        client.post(reverse("recovery-codes"), {"kept": "1"})["Location"] == "/en/admin/curricula/submission/"
    )
    assert "<li><code>" not in client.get(reverse("recovery-codes")).content.decode()
    assert is_in(client)


def test_the_secret_lies_sealed_and_recovery_codes_as_digests(person: User) -> None:
    secret, made = enrolled(person)
    kept = SecondFactor.objects.get()
    assert secret not in kept.secret
    assert unseal(kept.secret) == secret
    stored = " ".join(map(str, RecoveryCode.objects.values_list("digest", flat=True)))
    assert not [one for one in made if one in stored or codes.plain(one) in stored]
    history = str(list(Events.objects.tracks(person).values_list("pgh_data", "pgh_diff")))
    assert secret not in history


def test_the_password_alone_lets_nobody_in_who_has_one(client: Client, person: User) -> None:
    secret, _made = enrolled(person)
    assert password(client, person)["Location"] == reverse("second-factor")
    for page in ("preferences", "workspace", "admin:index"):
        assert client.get(reverse(page)).status_code == 302, page
    assert code(client, now(secret, 5)).status_code == 422
    assert not is_in(client)
    assert code(client, now(secret))["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_code_serves_once(person: User) -> None:
    secret, _made = enrolled(person)
    first, second = Client(), Client()
    password(first, person)
    password(second, person)
    typed = now(secret)
    assert code(first, typed).status_code == 302
    assert code(second, typed).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_one_code_at_once_one_comes_in(person: User) -> None:
    secret, made = enrolled(person)
    typed = now(secret)
    for one in (typed, made[0]):
        answers = at_once(*[lambda one=one: proving.prove(user=person, typed=one)] * 2)
        assert sum(isinstance(answer, Refused) for answer in answers) == 1, answers


def test_a_recovery_code_serves_once_and_says_how_many_are_left(person: User) -> None:
    _secret, made = enrolled(person)
    client = Client()
    password(client, person)
    code(client, made[0].upper().replace("-", " "))
    assert "9 are left" in client.get(reverse("preferences")).content.decode()
    other = Client()
    password(other, person)
    assert code(other, made[0]).status_code == 422


def test_after_ten_wrong_codes_the_right_one_must_wait_wherever_it_comes_from(person: User) -> None:
    secret, _made = enrolled(person)
    for number in range(LIMIT):
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        password(client, person)
        assert "does not fit" in code(client, "000000").content.decode()
    client = Client(REMOTE_ADDR="203.0.113.9")
    password(client, person)
    assert "quarter of an hour" in code(client, now(secret)).content.decode()
    assert not is_in(client)


def test_the_second_step_is_nobody_s_without_the_first(client: Client, person: User) -> None:
    enrolled(person)
    for page in ("second-factor", "second-factor-new"):
        assert client.get(reverse(page))["Location"] == reverse("sign-in")
        assert client.post(reverse(page), {"code": "123456"})["Location"] == reverse("sign-in")


def test_the_second_step_is_over_after_ten_minutes(client: Client, person: User) -> None:
    secret, _made = enrolled(person)
    password(client, person)
    session = client.session
    session["second_factor_pending"] = {**session["second_factor_pending"], "at": int(time.time()) - 601}
    session.save()
    assert code(client, now(secret))["Location"] == reverse("sign-in")


def test_a_session_from_before_is_nobody_s_until_it_is_proved(
    client: Client, person: User, settings: Any
) -> None:
    password(client, person)
    assert is_in(client)
    settings.SECOND_FACTOR = "some"
    assert not is_in(client)
    assert client.get(reverse("admin:index")).status_code == 302
    assert client.post(reverse("admin:institutions_user_add")).status_code == 302


def test_a_university_is_asked_for_one_only_if_it_has_set_one_up(
    client: Client, institution: Institution, required: None
) -> None:
    editor = make_member(institution, "editor", email="aru@kaznu.kz", password=PASSWORD)
    assert password(client, editor)["Location"] == reverse("workspace")
    client.get(reverse("second-factor-new"))
    elsewhere = Client()
    password(elsewhere, editor)
    assert client.post(reverse("second-factor-new"), {"code": now(secret_on(client))}).status_code == 302
    assert is_in(client)
    assert not is_in(elsewhere)
    assert password(elsewhere, editor)["Location"] == reverse("second-factor")


def test_where_everybody_needs_one_an_editor_sets_one_up_too(
    client: Client, institution: Institution, settings: Any
) -> None:
    settings.SECOND_FACTOR = "everybody"
    editor = make_member(institution, "editor", email="aru@kaznu.kz", password=PASSWORD)
    password(client, editor)
    assert not is_in(client)
    client.get(reverse("second-factor-new"))
    assert client.post(reverse("second-factor-new"), {"code": now(secret_on(client))}).status_code == 302
    assert is_in(client)
    with pytest.raises(Refused, match="takes a second factor"):
        proving.give_up(user=editor, typed="")


def test_who_signs_for_a_university_sets_one_up_when_they_first_sign_in(
    client: Client, institution: Institution, required: None
) -> None:
    """Not on the last afternoon, when they sign."""
    rector = make_member(institution, "signatory", email="rector@kaznu.kz", password=PASSWORD)
    assert password(client, rector)["Location"] == reverse("second-factor-new")
    assert not is_in(client)
    client.get(reverse("second-factor-new"))
    client.post(reverse("second-factor-new"), {"code": now(secret_on(client))})
    assert is_in(client)
    with pytest.raises(Refused, match="takes a second factor"):
        proving.give_up(user=User.objects.get(pk=rector.pk), typed="")


def test_who_may_does_without_it_again_after_a_code(
    client: Client, institution: Institution, settings: Any
) -> None:
    editor = make_member(institution, "editor", email="aru@kaznu.kz", password=PASSWORD)
    secret, made = enrolled(editor)
    password(client, editor)
    code(client, now(secret))
    assert client.post(reverse("second-factor-give-up"), {"code": "000000"}).status_code == 422
    assert client.post(reverse("second-factor-give-up"), {"code": made[0]}).status_code == 302
    assert password(Client(), editor)["Location"] == reverse("workspace")
    assert not RecoveryCode.objects.exists()


def test_the_ministry_can_not_do_without(person: User, required: None) -> None:
    _secret, made = enrolled(person)
    with pytest.raises(Refused, match="takes a second factor"):
        proving.give_up(user=person, typed=made[0])


def test_new_recovery_codes_end_the_old_ones(client: Client, person: User) -> None:
    secret, made = enrolled(person)
    password(client, person)
    code(client, made[1])
    assert client.post(reverse("recovery-codes"), {"code": now(secret)}).status_code == 302
    assert client.get(reverse("recovery-codes")).content.decode().count("<li><code>") == codes.RECOVERY_CODES
    with pytest.raises(Refused):
        proving.prove(user=person, typed=made[2])


def reset_page(user: User) -> str:
    return reverse("admin:institutions_user_reset_second_factor", args=[user.pk])


def test_the_lead_resets_another_s_with_a_reason_that_the_trail_keeps(
    client: Client, lead: User, person: User
) -> None:
    enrolled(person)
    theirs = Client()
    theirs.force_login(person)
    client.force_login(lead)
    assert client.post(reset_page(person), {"reason": " "}).status_code == 422
    assert (
        client.post(reset_page(person), {"reason": "Lost telephone; she came in person."}).status_code == 302
    )
    person.refresh_from_db()
    assert person.second_factor_since is None
    assert not SecondFactor.objects.exists()
    assert not is_in(theirs)
    told = [event.pgh_context for event in Events.objects.tracks(person) if event.pgh_context]
    reset = [context for context in told if context.get("action") == "reset second factor"]
    assert reset
    assert reset[0]["user"] == lead.pk
    assert reset[0]["reason"] == "Lost telephone; she came in person."


def test_nobody_resets_their_own_or_of_who_may_more(client: Client, lead: User, reviewer: User) -> None:
    root = User.objects.create_superuser("root@ministry.kz", PASSWORD)
    for user in (root, lead):
        enrolled(user)
    client.force_login(lead)
    session = client.session
    session[proving.SESSION_KEY] = proving.mark(lead)
    session.save()
    assert client.post(reset_page(root), {"reason": "Because."}).status_code == 403
    assert client.post(reset_page(lead), {"reason": "Because."}).status_code == 422
    client.force_login(reviewer)
    assert client.post(reset_page(lead), {"reason": "Because."}).status_code == 403
    assert SecondFactor.objects.count() == 2


def test_the_last_superuser_s_is_reset_by_a_command() -> None:
    root = User.objects.create_superuser("root@ministry.kz", PASSWORD)
    enrolled(root)
    call_command("reset_second_factor", "Root@ministry.kz", reason="Lost", verbosity=0)
    root.refresh_from_db()
    assert root.second_factor_since is None
    with pytest.raises(CommandError, match="no second factor"):
        call_command("reset_second_factor", "root@ministry.kz", reason="Again", verbosity=0)


def test_one_signs_out_everywhere_but_here(institution: Institution) -> None:
    editor = make_member(institution, "editor", email="aru@kaznu.kz", password=PASSWORD)
    here, there = Client(), Client()
    for client in (here, there):
        password(client, editor)
    assert here.post(reverse("sign-out-everywhere")).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    password(there, editor)
    assert is_in(there)


def test_the_lead_signs_another_out_and_a_reviewer_does_not(
    client: Client, lead: User, reviewer: User
) -> None:
    user = make_user(password=PASSWORD)
    theirs = Client()
    theirs.force_login(user)
    page = reverse("admin:institutions_user_sign_out", args=[user.pk])
    client.force_login(reviewer)
    assert client.post(page).status_code == 403
    assert is_in(theirs)
    client.force_login(lead)
    client.get(page)
    assert is_in(theirs)
    client.post(page)
    assert not is_in(theirs)


def test_sessions_from_before_these_columns_go_on(client: Client, person: User) -> None:
    from django.contrib.auth.base_user import AbstractBaseUser

    assert person.get_session_auth_hash() == AbstractBaseUser.get_session_auth_hash(person)
    client.force_login(person)
    assert is_in(client)
