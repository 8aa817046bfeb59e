"""Sending letters: each arrives, none twice as long as no worker dies, and nothing in one can pass for a header."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from institutions import inviting
from institutions.letters import drafted, post, worded
from institutions.models import Institution, Letter, User
from institutions.sending import PAUSES, forget_old, send_outstanding
from tests.at_once import at_once
from tests.factories import make_invitation, make_letter, make_user
from tests.mail_server import MailServer, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def server(settings: Any) -> Any:
    """A mail server that the letters of this process go to."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        yield server


def due_again() -> None:
    Letter.objects.outstanding().update(next_try_at=timezone.now())


def test_a_letter_arrives_with_text_page_and_link(server: MailServer, settings: Any) -> None:
    settings.SITE_URL = "https://qamtu.example"
    letter = make_letter(user=make_user("aru@kaznu.kz"), path="/en/workspace/kaznu/?period=2025")
    assert send_outstanding() == 1
    (arrived,) = server.letters
    assert arrived["To"] == "aru@kaznu.kz"
    assert arrived["Subject"] == "3 days left: KazNU, 2025/26"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert f"<letter-{letter.pk}@" in arrived["Message-ID"]
    text = text_of(arrived)
    assert "https://qamtu.example/en/workspace/kaznu/?period=2025\n" in text
    assert "https://qamtu.example/en/account/" in text
    page: Any = arrived.get_body(("html",))
    assert '<a href="https://qamtu.example/en/workspace/kaznu/?period=2025">' in page.get_content()
    letter.refresh_from_db()
    assert letter.sent_at
    assert (letter.attempts, letter.failure) == (1, "")
    assert send_outstanding() == 0


KINDS: dict[str, dict[str, Any]] = {
    "invitation": {"institution": "KazNU", "person": "Serik", "roles": "editor", "until": "1 May", "token": "T"},
    "password": {"person": "Aru"},
    "returned": {"institution": "KazNU", "period": "2025/26", "number": 1, "returned": 2, "approved": 3,
                 "settled": True, "waiting": 0, "reasons": [{"programme": "6B06102", "reason": "Why"}], "more": 1},
    "approved": {"institution": "KazNU", "period": "2025/26", "number": 1, "approved": 40},
    "deadline": {"institution": "KazNU", "period": "2025/26", "days": 1, "due": "1 May", "programmes": 0},
    "import": {"institution": "KazNU", "period": "2025/26", "file": "a.xlsx", "state": "refused", "faults": 2},
    "reminder": {"institution": "KazNU", "period": "2025/26", "due": "1 May", "closes": "9 May", "overdue": True,
                 "programmes": 3, "words": "Call us."},
    "ready": {"institution": "KazNU", "period": "2025/26", "program": "Platonus", "programmes": 3},
    "days": {"institution": "KazNU", "period": "2025/26", "due": "1 May", "closes": "9 May", "over": False,
             "reason": "Snow"},
    "webhook": {"institution": "KazNU", "address": "https://sis.kaznu.kz/", "waiting": 2},
    "stopped": {"institution": "KazNU", "program": "Platonus", "prefix": "qamtu_abcdefgh", "reason": "Found"},
}  # fmt: skip


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("kind", Letter.Kind.values)
def test_every_kind_is_worded_with_a_link_and_the_way_to_quiet_it(kind: str, language: str) -> None:
    letter = make_letter(kind=kind, language=language, parameters=KINDS[kind], path=f"/{language}/there/")
    words = worded(letter)
    assert words.subject
    assert "\n" not in words.subject
    for body in (words.text, words.html):
        assert f"/{language}/there/" in body
        assert f"/{language}/account/" in body
    assert not re.search(r"[{}]|%\(|None", words.text)
    assert len([line for line in words.text.splitlines() if line.strip()]) >= 6


def test_what_people_typed_begins_neither_a_header_nor_a_paragraph(server: MailServer) -> None:
    evil = "Evil\r\nBcc: all@kaznu.kz\r\n\r\nhttp://evil.example/ Click\n\nhere <script>alert(1)</script>"
    make_letter(parameters={**KINDS["deadline"], "institution": evil})
    make_letter(kind="invitation", address="x@kaznu.kz", invitation=make_invitation(token="T"), secret="T",
                parameters={**KINDS["invitation"], "person": evil, "institution": evil})  # fmt: skip
    assert send_outstanding() == 2
    for arrived in server.letters:
        assert arrived["Bcc"] is None
        assert "Bcc: all@kaznu.kz" in str(arrived["Subject"])
        assert not re.search(r"(?m)^Bcc:", text_of(arrived))
        page: Any = arrived.get_body(("html",))
        assert "<script>" not in page.get_content()


def test_a_secret_goes_out_and_is_forgotten(
    server: MailServer, institution: Institution, signatory: User
) -> None:
    (invitation,) = inviting.invite(
        institution=institution, addresses=["aru@kaznu.kz"], roles=["editor"], language="ru", by=signatory
    )
    secret = Letter.objects.get().secret
    send_outstanding()
    assert f"/ru/invitations/{secret}/" in text_of(server.letters[0])
    assert "язык писем" not in text_of(server.letters[0]), "there is no account to lead to yet"
    letter = invitation.letters.get()
    assert letter.secret == ""
    assert secret not in str(list(Letter.objects.values()))


def test_the_database_keeps_no_secret_of_a_sent_letter() -> None:
    letter = make_letter(address="aru@kaznu.kz", secret="T")
    with pytest.raises(IntegrityError, match="secret_until_sent"), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(sent_at=timezone.now())


@pytest.mark.parametrize("end", ["revoked", "renewed", "expired"])
def test_a_letter_whose_invitation_has_ended_is_not_sent(
    server: MailServer, institution: Institution, signatory: User, end: str
) -> None:
    invitation = make_invitation(institution, token="old")
    make_letter(kind="invitation", address=invitation.email, invitation=invitation, secret="old")
    if end == "revoked":
        type(invitation).objects.update(revoked_by=signatory, revoked_at=timezone.now())
    elif end == "renewed":
        type(invitation).objects.update(token_hash=inviting.digest_of("new"))
    else:
        past = timezone.now() - timedelta(days=9)
        type(invitation).objects.update(invited_at=past, expires_at=past + timedelta(days=7))
    assert send_outstanding() == 0
    assert not Letter.objects.exists()
    assert not server.taken


def test_nobody_is_written_to_who_has_been_closed_out(server: MailServer) -> None:
    make_letter(user=make_user(is_active=False))
    assert send_outstanding() == 0
    assert not server.taken


def test_a_server_that_is_away_loses_nothing(settings: Any, server: MailServer) -> None:
    letters = [make_letter() for _number in range(3)]
    settings.EMAIL_PORT = 1
    assert send_outstanding() == 0
    tried = [letter for letter in Letter.objects.all() if letter.attempts]
    assert len(tried) == 1  # the others need not be tried, too
    assert "Refused" in tried[0].failure or "refused" in tried[0].failure
    assert tried[0].next_try_at > timezone.now()
    settings.EMAIL_PORT = server.server_address[1]
    due_again()
    assert send_outstanding() == 3
    assert len(server.taken) == len(letters)


def test_a_letter_that_fails_does_not_hold_up_the_others_and_is_given_up_in_the_end(
    server: MailServer,
) -> None:
    server.refused, server.refusal = {"full@kaznu.kz"}, "452 mailbox full"
    stuck = make_letter(user=make_user("full@kaznu.kz"))
    make_letter()
    assert send_outstanding() == 1
    for pause in PAUSES:
        stuck.refresh_from_db()
        assert timedelta() < stuck.next_try_at - timezone.now() <= pause
        due_again()
        send_outstanding()
    stuck.refresh_from_db()
    assert stuck.given_up_at
    assert "452" in stuck.failure
    due_again()
    assert send_outstanding() == 0


def test_what_is_refused_for_good_is_not_tried_again(server: MailServer) -> None:
    server.refused = {"nobody@kaznu.kz"}
    letter = make_letter(
        address="nobody@kaznu.kz", kind="invitation", invitation=make_invitation(token="T"), secret="T"
    )
    send_outstanding()
    letter.refresh_from_db()
    assert letter.given_up_at
    assert (letter.attempts, letter.secret) == (1, "")


def test_a_connection_that_breaks_amid_a_letter_is_tried_again(server: MailServer) -> None:
    server.loses = True
    make_letter()
    assert send_outstanding() == 0
    server.loses = False
    due_again()
    assert send_outstanding() == 1
    assert len(server.taken) == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_letter_once(server: MailServer) -> None:
    for _number in range(20):
        make_letter()
    server.slowness = 0.02
    sent = at_once(*[send_outstanding] * 4)
    assert sum(int(str(number)) for number in sent) == 20
    assert len({letter["To"] for letter in server.letters}) == len(server.taken) == 20


def test_about_one_thing_there_is_one_letter() -> None:
    people = [make_user(language="ru"), make_user(language="kk"), make_user(language="ru")]
    asked = []

    def compose() -> tuple[dict[str, Any], str]:
        asked.append(1)
        return {}, "/"

    for _time in range(2):
        post(drafted(kind="deadline", to=people, once="about", compose=compose))
    assert Letter.objects.count() == 3
    assert len(asked) == 4  # once a language and time


def test_quiet_kinds_are_not_written_and_the_others_are() -> None:
    quiet = make_user(quiet=["deadline", "invitation"])
    for kind in ("deadline", "returned", "invitation"):
        post(drafted(kind=kind, to=[quiet], once=kind, compose=lambda: ({}, "/")))
    assert set(Letter.objects.values_list("kind", flat=True)) == {"returned", "invitation"}


def test_a_letter_of_a_transaction_that_fails_was_never_written() -> None:
    with transaction.atomic():
        make_letter()
        transaction.set_rollback(True)
    assert send_outstanding() == 0
    assert mail.outbox == []


def test_letters_are_forgotten_after_half_a_year() -> None:
    make_letter(created_at=timezone.now() - timedelta(days=181))
    kept = make_letter()
    forget_old()
    assert Letter.objects.get() == kept
