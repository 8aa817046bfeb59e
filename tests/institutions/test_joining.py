"""From the link in the letter to a member: once, in time, and by the person who was asked."""

import logging
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from institutions import codes, joining, proving
from institutions.errors import Refused
from institutions.models import Institution, Invitation, User
from tests.at_once import at_once
from tests.factories import PASSWORD, make_institution, make_invitation, make_member, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

TOKEN = "yN3kq0x7Jm2bT9sVw4cLr8eHf6gAz1uPdQ5oRiXtKaE"
NEW = {
    "first_name": "Aru",
    "last_name": "Sadyk",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "language": "ru",
}


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Hashing is slow on purpose, and not what is tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def invited(institution: Institution) -> Invitation:
    return make_invitation(institution, "editor", "viewer", email="aru@kaznu.kz", token=TOKEN)


def opened(client: Client, token: str = TOKEN) -> Any:
    return client.get(reverse("invitation-link", args=[token]), follow=True)


def sent(client: Client, invitation: Invitation, **said: str) -> Any:
    return client.post(reverse("invitation"), {"invitation": invitation.pk, **said})


def roles_of(user: User) -> set[tuple[str, str]]:
    return set(user.memberships.values_list("institution__code", "role"))


def test_a_new_person_joins_and_is_at_work_at_once(client: Client, invited: Invitation) -> None:
    page = opened(client)
    assert invited.institution.name in page.content.decode()
    answer = sent(client, invited, **NEW)
    assert answer["Location"] == "/ru/workspace/kaznu/"
    user = User.objects.get(email="aru@kaznu.kz")
    assert roles_of(user) == {("kaznu", "editor"), ("kaznu", "viewer")}
    assert (user.get_full_name(), user.language) == ("Aru Sadyk", "ru")
    assert user.check_password(PASSWORD)
    assert client.session["_auth_user_id"] == str(user.pk)
    invited.refresh_from_db()
    assert (invited.state, invited.accepted_by) == ("accepted", user)


def test_opening_the_link_uses_nothing_up(client: Client, invited: Invitation) -> None:
    for _time in range(3):
        assert opened(Client()).status_code == 200
        assert Client().head(reverse("invitation-link", args=[TOKEN])).status_code == 302
    opened(client)
    assert sent(client, invited, **NEW).status_code == 302


def test_the_token_goes_no_further_than_its_own_address(
    client: Client, invited: Invitation, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = client.get(reverse("invitation-link", args=[TOKEN]))
    assert answer["Location"] == reverse("invitation")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert TOKEN not in f"{dict(client.session)}"
    page = client.get(answer["Location"])
    assert TOKEN not in page.content.decode()
    sent(client, invited, first_name="")
    sent(client, invited, **NEW)
    assert opened(Client()).status_code == 410
    assert TOKEN not in caplog.text


def test_the_log_shows_no_token_whatever_fails() -> None:
    from config.discretion import without_tokens

    line = {
        "event": f"Not Found: /en/invitations/{TOKEN}/",
        "exception": f'at "/ru/password/MTI/{TOKEN}/?x=1"',
    }
    shown = without_tokens(None, "", dict(line))
    assert TOKEN not in str(shown)
    assert shown["event"] == "Not Found: /en/invitations/…"
    kept = {"event": "Forbidden: /en/password/sent/", "number": 3}
    assert without_tokens(None, "", dict(kept)) == kept


def test_a_password_must_be_good_and_nothing_else_typed_is_lost(client: Client, invited: Invitation) -> None:
    opened(client)
    page = sent(client, invited, **{**NEW, "password1": "aru", "password2": "aru"})
    assert page.status_code == 422
    text = page.content.decode()
    assert "too short" in text
    assert 'value="Sadyk"' in text
    different = sent(client, invited, **{**NEW, "password2": "another horse"})
    assert different.status_code == 422
    assert not User.objects.filter(email="aru@kaznu.kz").exists()
    invited.refresh_from_db()
    assert invited.state == "open"


def test_a_password_like_the_e_mail_is_refused(client: Client, invited: Invitation) -> None:
    opened(client)
    page = sent(client, invited, **{**NEW, "password1": "aru@kaznu.kz", "password2": "aru@kaznu.kz"})
    assert "too similar" in page.content.decode()


def test_an_existing_account_signs_in_and_then_says_yes(client: Client, invited: Invitation) -> None:
    user = make_member(make_institution(code="enu"), "signatory", email="aru@kaznu.kz", password=PASSWORD)
    page = opened(client).content.decode()
    assert "You have an account already" in page
    assert "password1" not in page
    assert sent(client, invited, **NEW).status_code == 200  # who is not signed in joins nothing
    assert roles_of(user) == {("enu", "signatory")}
    to = reverse("sign-in") + "?next=" + reverse("invitation")
    assert f'href="{to}"' in page
    entered = client.post(to, {"username": user.email, "password": PASSWORD, "next": reverse("invitation")})
    assert entered["Location"] == reverse("invitation")
    assert ">Accept</button>" in client.get(reverse("invitation")).content.decode()
    assert roles_of(user) == {("enu", "signatory")}
    assert sent(client, invited)["Location"] == reverse("workspace-institution", args=["kaznu"])
    assert roles_of(user) == {("enu", "signatory"), ("kaznu", "editor"), ("kaznu", "viewer")}


def test_whoever_has_one_of_the_roles_already_is_given_the_other(
    client: Client, invited: Invitation, institution: Institution
) -> None:
    user = make_member(institution, "editor", email="aru@kaznu.kz")
    client.force_login(user)
    opened(client)
    assert sent(client, invited)["Location"] == reverse("workspace-institution", args=["kaznu"])
    assert roles_of(user) == {("kaznu", "editor"), ("kaznu", "viewer")}


def test_a_second_factor_on_the_way_does_not_lose_the_invitation(client: Client, invited: Invitation) -> None:
    user = make_user(email="aru@kaznu.kz", password=PASSWORD)
    secret = codes.new_secret()
    step = int(time.time()) // codes.STEP
    proving.set_up(user=user, secret=secret, typed=codes.code_at(secret, step - 1))
    opened(client)
    before = client.session.session_key
    wanted = reverse("invitation")
    client.post(reverse("sign-in"), {"username": user.email, "password": PASSWORD, "next": wanted})
    assert client.session.session_key != before
    assert sent(client, invited).status_code == 200  # the password alone accepts nothing
    assert not roles_of(user)
    assert client.post(reverse("second-factor"), {"code": codes.code_at(secret, step)})["Location"] == wanted
    assert sent(client, invited)["Location"] == "/en/workspace/kaznu/"
    assert roles_of(user) == {("kaznu", "editor"), ("kaznu", "viewer")}


def test_another_account_can_not_use_the_link(client: Client, invited: Invitation, stranger: User) -> None:
    client.force_login(stranger)
    page = opened(client)
    assert "the invitation is for" in page.content.decode()
    assert "Accept" not in page.content.decode()
    refused = sent(client, invited)
    assert refused.status_code == 422
    assert ("kaznu", "editor") not in roles_of(stranger)
    refused_as_new = sent(client, invited, **NEW)
    assert refused_as_new.status_code == 422
    assert not User.objects.filter(email="aru@kaznu.kz").exists()


def test_an_account_that_nobody_could_ever_use_is_taken_over_by_its_address(
    client: Client, invited: Invitation
) -> None:
    made = make_user("aru@kaznu.kz")
    opened(client)
    assert sent(client, invited, **NEW).status_code == 302
    made.refresh_from_db()
    assert made.check_password(PASSWORD)
    assert made.get_full_name() == "Aru Sadyk"


def test_an_account_of_the_ministry_is_not_taken_over(client: Client, invited: Invitation) -> None:
    made = make_user("aru@kaznu.kz", is_staff=True)
    assert "password1" not in opened(client).content.decode()
    sent(client, invited, **NEW)
    made.refresh_from_db()
    assert not made.has_usable_password()


def test_the_step_itself_gives_nobody_another_password_and_no_ended_invitation_a_member(
    invited: Invitation,
) -> None:
    account = make_user("aru@kaznu.kz", PASSWORD)
    new = {"first_name": "Aru", "last_name": "S", "password": "another horse battery", "language": "en"}
    with pytest.raises(Refused) as refused:
        joining.join(invitation=invited, **new)
    assert refused.value.code == "has_account"
    account.refresh_from_db()
    assert account.check_password(PASSWORD)
    Invitation.objects.update(revoked_by=account, revoked_at=timezone.now())
    with pytest.raises(Refused) as refused:
        joining.accept(invitation=invited, by=account)
    assert refused.value.code == "revoked"
    assert not roles_of(account)


def test_a_closed_account_reads_what_to_do(client: Client, invited: Invitation) -> None:
    make_user("aru@kaznu.kz", PASSWORD, is_active=False)
    assert "Ask the ministry" in opened(client).content.decode()


def test_a_link_works_once(client: Client, invited: Invitation) -> None:
    opened(client)
    sent(client, invited, **NEW)
    again = opened(client)
    assert again.status_code == 200
    assert "You have joined already" in again.content.decode()
    other = Client()
    page = opened(other)
    assert page.status_code == 410
    assert "has been used" in page.content.decode()
    assert sent(other, invited, **{**NEW, "first_name": "Thief"}).status_code == 410
    assert User.objects.get(email="aru@kaznu.kz").first_name == "Aru"


def test_an_expired_link_says_so_and_whom_to_ask(client: Client, institution: Institution) -> None:
    old = timezone.now() - timedelta(days=8)
    by = make_member(institution, "signatory", first_name="Serik")
    expired = make_invitation(
        institution, token=TOKEN, by=by, invited_at=old, expires_at=old + timedelta(days=7)
    )
    page = opened(client)
    assert page.status_code == 410
    assert "has expired" in page.content.decode()
    assert "Ask Serik" in page.content.decode()
    assert sent(client, expired, **NEW).status_code == 410
    assert not User.objects.filter(email=expired.email).exists()


def test_a_revoked_link_says_so(client: Client, invited: Invitation, signatory: User) -> None:
    opened(client)
    Invitation.objects.filter(pk=invited.pk).update(revoked_by=signatory, revoked_at=timezone.now())
    page = sent(client, invited, **NEW)
    assert page.status_code == 410
    assert "taken back" in page.content.decode()
    assert not User.objects.filter(email="aru@kaznu.kz").exists()


def test_a_made_up_link_says_what_to_do(client: Client) -> None:
    page = opened(client, "x" * 43)
    assert page.status_code == 404
    assert "no invitation" in page.content.decode()
    assert Client().get(reverse("invitation")).status_code == 404


def test_of_two_links_opened_in_one_browser_each_form_means_its_own(
    client: Client, invited: Invitation
) -> None:
    opened(client)
    make_invitation(make_institution(code="enu"), email="aru@kaznu.kz", token="another")
    opened(client, "another")
    assert sent(client, invited, **NEW).status_code == 409
    assert not User.objects.filter(email="aru@kaznu.kz").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_join_at_once_by_one_link_one_does(invited: Invitation) -> None:
    from institutions.errors import Refused
    from institutions.joining import join

    said = {"last_name": "Sadyk", "password": PASSWORD, "language": "kk"}
    outcomes = at_once(
        *(
            lambda name=name: join(invitation=invited, first_name=name, **said)
            for name in ("Aru", "Dana", "Aigerim")
        )
    )
    assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 2
    assert User.objects.filter(email="aru@kaznu.kz").count() == 1


def test_a_name_can_not_be_markup(client: Client, invited: Invitation) -> None:
    opened(client)
    sent(client, invited, **{**NEW, "first_name": "<b>Aru</b>"})
    assert "<b>Aru</b>" not in client.get("/en/account/").content.decode()


@pytest.mark.parametrize("roles", [["editor"], ["signatory"]])
def test_a_new_signatory_sets_up_a_second_factor_before_the_first_page(
    client: Client, institution: Institution, settings: Any, roles: list[str]
) -> None:
    settings.SECOND_FACTOR = "some"
    make_invitation(institution, *roles, token="T9", email="new@kaznu.kz")
    client.get(reverse("invitation-link", args=["T9"]))
    found = Invitation.objects.get(email="new@kaznu.kz")
    said = {"invitation": found.pk, "first_name": "Aru", "last_name": "S", "language": "en"}
    answer = client.post(reverse("invitation"), {**said, "password1": PASSWORD, "password2": PASSWORD})
    work = reverse("workspace-institution", args=[institution.code])
    assert answer["Location"] == (reverse("second-factor-new") if "signatory" in roles else work)
    assert (client.get(reverse("preferences")).status_code == 302) == ("signatory" in roles)


def test_an_editor_who_accepts_to_sign_sets_up_a_second_factor_before_the_next_page(
    client: Client, institution: Institution, settings: Any
) -> None:
    settings.SECOND_FACTOR = "some"
    editor = make_member(institution, "editor", email="aru@kaznu.kz")
    make_invitation(institution, "signatory", token="T9", email=editor.email)
    client.force_login(editor)
    client.get(reverse("invitation-link", args=["T9"]))
    found = Invitation.objects.get(email=editor.email)
    answer = client.post(reverse("invitation"), {"invitation": found.pk})
    assert answer["Location"] == reverse("second-factor-new")
    assert client.get(reverse("second-factor-new")).status_code == 200
